import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { numbers, texts } from '../../database/arrays.ts'
import type { Tables } from '../../database/tables.ts'
import type { BatchStore, LogCall } from './batches.ts'
import { asGroup } from './group-failures.sql.ts'
import { parentIn } from './limits.ts'
import { LATER, points, writeOnce } from './metric-rows.sql.ts'
import { takePoints } from './points.sql.ts'
import { judge, type Judged, type Known, type KnownRun, modelName, nameOf, type TextRow } from './judging.ts'

type Db = Transaction<Tables>

export function sqlBatchStore(kysely: Kysely<Tables>): BatchStore {
  return {
    write: (calls) =>
      asGroup(calls, async () => {
        const taken = await takePoints(kysely, calls)
        if (taken !== undefined) return taken
        return writeOnce((repeated) =>
          kysely.transaction().execute((transaction) => take(transaction, calls, repeated)),
        )
      }),
  }
}

async function take(
  transaction: Db,
  calls: readonly LogCall[],
  repeated: RawBuilder<unknown>,
): Promise<Judged['outcomes']> {
  const runs = await lockRuns(transaction, new Set(calls.map(({ runId }) => runId)))
  const params = await knownParams(transaction, calls, runs)
  const models = await knownModels(transaction, calls)
  const judged = judge(calls, { runs, params, models })
  await writeMetrics(transaction, judged, repeated)
  await writeTexts(transaction, judged)
  return judged.outcomes
}

/** In the order of their rows, whoever locks them. */
async function lockRuns(transaction: Db, runIds: ReadonlySet<string>): Promise<Map<string, KnownRun>> {
  const { rows } = await sql<KnownRun>`
    select id as row, run_id as "runId", project_id as "projectId", experiment_id as experiment, lifecycle
    from runs where run_id = any(${texts([...runIds])}::text[]) order by id for no key update`.execute(transaction)
  return new Map(rows.map((run) => [run.runId, run]))
}

async function knownParams(
  transaction: Db,
  calls: readonly LogCall[],
  runs: Known['runs'],
): Promise<Map<string, string>> {
  const wanted = calls.flatMap(({ runId, params }) => {
    const row = runs.get(runId)?.row
    return row === undefined ? [] : params.map(({ key }) => ({ row, key }))
  })
  if (wanted.length === 0) return new Map()
  const { rows } = await sql<{ run: number; key: string; value: string }>`
    select params.run, params.key, params.value
    from unnest(${numbers(wanted.map(({ row }) => row))}::bigint[], ${texts(wanted.map(({ key }) => key))}::text[])
      as wanted (run, key)
    join params on params.run = wanted.run and params.key = wanted.key`.execute(transaction)
  return new Map(rows.map(({ run, key, value }) => [nameOf(run, key), value]))
}

async function knownModels(transaction: Db, calls: readonly LogCall[]): Promise<Set<string>> {
  const named = new Set(calls.flatMap(({ metrics }) => metrics.flatMap(({ model }) => model ?? [])))
  if (named.size === 0) return new Set()
  const rows = await transaction
    .selectFrom('logged_models')
    .select(['project_id', 'model_id'])
    .where('model_id', '=', sql<string>`any(${texts([...named])}::text[])`)
    .where('lifecycle', '=', 'active')
    .execute()
  return new Set(rows.map(({ project_id, model_id }) => modelName(project_id, model_id)))
}

/** Rows of one statement: others have their turn at the embedded database only between transactions, but what is slow
 *  is told by statement. */
const SLICE = 4_000

function* slices<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < rows.length; at += SLICE) yield rows.length <= SLICE ? rows : rows.slice(at, at + SLICE)
}

async function writeMetrics(
  transaction: Db,
  { metrics, latest, modelMetrics }: Judged,
  repeated: RawBuilder<unknown>,
): Promise<void> {
  for (const rows of slices(metrics))
    await sql`insert into metrics (run, key, step, timestamp, value)
      select * from unnest(${points(rows)}) ${repeated}`.execute(transaction)
  for (const rows of slices(latest))
    await sql`insert into latest_metrics (run, key, step, timestamp, value, experiment_id)
      select * from unnest(${points(rows)}, ${numbers(rows.map(({ run }) => run.experiment))}::bigint[])
      on conflict (run, key) do update ${LATER}`.execute(transaction)
  for (const rows of slices(modelMetrics))
    await sql`insert into logged_model_metrics
        (run, key, step, timestamp, value, model_id, dataset_name, dataset_digest)
      select * from unnest(${points(rows)}, ${texts(rows.map(({ model }) => model ?? null))}::text[],
        ${texts(rows.map(({ dataset }) => dataset?.name ?? ''))}::text[],
        ${texts(rows.map(({ dataset }) => dataset?.digest ?? ''))}::text[])
      on conflict do nothing`.execute(transaction)
}

async function writeTexts(transaction: Db, { params, tags }: Judged): Promise<void> {
  for (const rows of slices(params))
    await sql`insert into params (run, key, experiment_id, value) ${textColumns(rows)}`.execute(transaction)
  for (const rows of slices(tags))
    await sql`insert into run_tags (run, key, experiment_id, value) ${textColumns(rows)}
      on conflict (run, key) do update set value = excluded.value`.execute(transaction)
  const named = tags.filter(({ key, value }) => (key === NAME && value !== '') || key === PARENT)
  if (named.length > 0) await applyToRuns(transaction, named)
}

const textColumns = (rows: readonly TextRow[]) => sql`
  select * from unnest(${numbers(rows.map(({ run }) => run.row))}::bigint[], ${texts(rows.map(({ key }) => key))}::text[],
    ${numbers(rows.map(({ run }) => run.experiment))}::bigint[], ${texts(rows.map(({ value }) => value))}::text[])`

/** Tags that say what a run is called and whose part it is. */
const NAME = 'mlflow.runName'
const PARENT = 'mlflow.parentRunId'

async function applyToRuns(transaction: Db, tags: readonly TextRow[]): Promise<void> {
  const byRun = [...Map.groupBy(tags, ({ run }) => run.row)]
  const valueOf = (rows: readonly TextRow[], wanted: string) => rows.find(({ key }) => key === wanted)?.value
  const names = byRun.map(([, rows]) => valueOf(rows, NAME) ?? null)
  // An empty text is no parent; nothing leaves the one there was.
  const parents = byRun.map(([, rows]) => {
    const value = valueOf(rows, PARENT)
    return value === undefined ? null : (parentIn(value) ?? '')
  })
  await sql`update runs set name = coalesce(given.name, runs.name), updated_at = now(),
      parent = nullif(coalesce(given.parent, runs.parent), '')
    from unnest(${numbers(byRun.map(([row]) => row))}::bigint[], ${texts(names)}::text[], ${texts(parents)}::text[])
      as given (run, name, parent)
    where runs.id = given.run`.execute(transaction)
}
