import { RunInfo } from '@stead/contracts'
import type { Kysely, Transaction } from 'kysely'
import { sql } from 'kysely'
import { numbers, texts } from '../../database/arrays.ts'
import type { Tables } from '../../database/tables.ts'
import { appendAudit } from '../audit/audit.sql.ts'
import { recordChange } from '../audit/record.sql.ts'
import { inactiveExperiment, noExperiment } from '../experiments/experiments.ts'
import { asGroup } from './group-failures.sql.ts'
import type { Outcome } from './groups.ts'
import { addInputs } from './run-inputs.sql.ts'
import { moveRuns } from './moving.sql.ts'
import { parentIn } from './limits.ts'
import { findInfo, findRun, lockRuns, type LockedRun, toldOf } from './run-rows.sql.ts'
import type { Changed, KeptRun, NewRun, Obstacle, RunChange, RunSet, RunStore } from './runs.store.ts'

type Db = Transaction<Tables>

export function sqlRunStore(kysely: Kysely<Tables>): RunStore {
  const inOne = <T>(act: (open: Db) => Promise<T>): Promise<T> => kysely.transaction().execute(act)
  return {
    create: (runs) => asGroup(runs, () => inOne((open) => create(open, runs))),
    find: (projectId, runId) => findRun(kysely, projectId, runId),
    info: (projectId, runId) => findInfo(kysely, projectId, runId),
    change: (set, change) => inOne((open) => whileActive(open, set, (runs) => changeRuns(open, runs, change))),
    removeTag: (set, key) =>
      inOne((open) =>
        whileActive<Changed | 'no tag'>(open, set, async (runs) => {
          const rows = numbers(runs.map(({ row }) => row))
          const { rows: there } = await sql`select 1 from run_tags
            where run = any(${rows}::bigint[]) and key = ${key} limit 1`.execute(open)
          return there.length === 0 ? 'no tag' : changeRuns(open, runs, { tags: { [key]: null } })
        }),
      ),
    revise: (set, key, next) =>
      inOne((open) =>
        whileActive(open, set, async (runs) => {
          const [run] = runs
          const before = await open
            .selectFrom('run_tags')
            .select('value')
            .where('run', '=', run!.row)
            .where('key', '=', key)
            .executeTakeFirst()
          return changeRuns(open, runs, { tags: { [key]: next(before?.value) } })
        }),
      ),
    setLifecycle: (set, lifecycle, actor) => inOne((open) => setLifecycle(open, set, lifecycle, actor)),
    move: (set, experiment, actor) => inOne((open) => moveRuns(open, set, experiment, actor)),
    addInputs: (set, datasets, models) =>
      inOne((open) =>
        whileActive(open, set, async (runs) => {
          for (const run of runs) await addInputs(open, set.projectId, run, datasets, models)
          return { changed: runs }
        }),
      ),
  }
}

interface ExperimentRow {
  readonly row: number
  readonly projectId: string
  readonly number: number
  readonly location: string
  readonly lifecycle: 'active' | 'deleted'
}

async function create(open: Db, runs: readonly NewRun[]): Promise<readonly Outcome<KeptRun>[]> {
  const wanted = [...new Map(runs.map((run) => [keyOf(run.projectId, run.experiment), run])).values()]
  // Shared: an experiment that is being deleted is waited for, and then is.
  const { rows } = await sql<ExperimentRow>`
    select id as row, project_id as "projectId", number, artifact_location as location, lifecycle from experiments
    where (project_id, number) in (select * from unnest(${texts(wanted.map(({ projectId }) => projectId))}::text[],
      ${numbers(wanted.map(({ experiment }) => experiment))}::bigint[]))
    order by id for share`.execute(open)
  const experiments = new Map(rows.map((row) => [keyOf(row.projectId, row.number), row]))
  const judged = runs.map((run) => {
    const experiment = experiments.get(keyOf(run.projectId, run.experiment))
    return { run, experiment: experiment?.lifecycle === 'active' ? experiment : undefined, found: experiment }
  })
  const made = await insertRuns(
    open,
    judged.flatMap(({ run, experiment }) => (experiment ? [{ run, experiment }] : [])),
  )
  for (const { run } of judged) if (run.isImported && made.has(run.runId)) await recordImport(open, run)
  return judged.map(({ run, found }): Outcome<KeptRun> => {
    const answer = made.get(run.runId)
    if (answer) return { answer }
    return { error: found ? inactiveExperiment(run.experiment) : noExperiment(run.experiment) }
  })
}

const recordImport = (open: Db, { projectId, runId, experiment, name, startedAt, tags }: NewRun) =>
  appendAudit(open, {
    projectId,
    act: 'run.imported',
    subject: runId,
    after: { experiment, name, startedAt, tags: tags.length },
  })

const keyOf = (projectId: string, number: number) => `${projectId} ${number}`

async function insertRuns(
  open: Db,
  all: readonly { readonly run: NewRun; readonly experiment: ExperimentRow }[],
): Promise<Map<string, KeptRun>> {
  if (all.length === 0) return new Map()
  const uriOf = ({ run, experiment }: (typeof all)[number]) =>
    `${experiment.location.replace(/\/+$/, '')}/${run.runId}/artifacts`
  const { rows } = await sql<{ id: number; run_id: string }>`
    insert into runs (project_id, experiment_id, run_id, name, user_name, started_at, artifact_uri, parent)
    select * from unnest(${texts(all.map(({ run }) => run.projectId))}::text[],
      ${numbers(all.map(({ experiment }) => experiment.row))}::bigint[],
      ${texts(all.map(({ run }) => run.runId))}::text[], ${texts(all.map(({ run }) => run.name))}::text[],
      ${texts(all.map(({ run }) => run.user))}::text[], ${numbers(all.map(({ run }) => run.startedAt))}::bigint[],
      ${texts(all.map(uriOf))}::text[], ${texts(all.map(({ run }) => run.parent))}::text[])
    returning id, run_id`.execute(open)
  const rowOf = new Map(rows.map(({ id, run_id }) => [run_id, id]))
  const tags = all.flatMap(({ run, experiment }) =>
    run.tags.map(({ key, value }) => ({ row: rowOf.get(run.runId)!, experiment: experiment.row, key, value })),
  )
  await putTags(open, tags)
  const kept = all.map(({ run, experiment }): [string, KeptRun] => {
    const { runId: id, experiment: number, name, user, startedAt, parent } = run
    const fresh = { status: 'RUNNING', endedAt: null, lifecycle: 'active', artifactUri: uriOf({ run, experiment }) }
    const info = RunInfo.parse({ id, experiment: number, name, user, startedAt, parent, ...fresh })
    return [id, { ...info, row: rowOf.get(id)!, experimentRow: experiment.row }]
  })
  return new Map(kept)
}

interface TagRow {
  readonly row: number
  readonly experiment: number
  readonly key: string
  readonly value: string
}

/** Each key of a run once. */
async function putTags(open: Db, tags: readonly TagRow[]): Promise<void> {
  if (tags.length === 0) return
  await sql`insert into run_tags (run, key, experiment_id, value)
    select * from unnest(${numbers(tags.map(({ row }) => row))}::bigint[], ${texts(tags.map(({ key }) => key))}::text[],
      ${numbers(tags.map(({ experiment }) => experiment))}::bigint[], ${texts(tags.map(({ value }) => value))}::text[])
    on conflict (run, key) do update set value = excluded.value`.execute(open)
}

async function whileActive<T = Changed>(
  open: Db,
  set: RunSet,
  act: (runs: LockedRun[]) => Promise<T>,
): Promise<T | Obstacle> {
  const runs = await lockRuns(open, set)
  if ('absent' in runs) return runs
  const deleted = runs.find(({ lifecycle }) => lifecycle === 'deleted')
  return deleted ? { deleted: deleted.runId } : act(runs)
}

async function changeRuns(open: Db, runs: LockedRun[], { name, status, endedAt, tags }: RunChange): Promise<Changed> {
  const all = name === undefined ? tags : { ...tags, 'mlflow.runName': name }
  const entries = Object.entries(all)
  const called = name ?? (all['mlflow.runName'] || undefined)
  const parent = all['mlflow.parentRunId']
  const rows = runs.map(({ row }) => row)
  const put = entries.flatMap(([key, value]) =>
    value === null ? [] : runs.map(({ row, experiment }) => ({ row, experiment, key, value })),
  )
  await putTags(open, put)
  const gone = entries.filter(([, value]) => value === null).map(([key]) => key)
  if (gone.length > 0)
    await sql`delete from run_tags
      where run = any(${numbers(rows)}::bigint[]) and key = any(${texts(gone)}::text[])`.execute(open)
  await open
    .updateTable('runs')
    .set({
      updated_at: sql`now()`,
      ...(called === undefined ? {} : { name: called }),
      ...(status === undefined ? {} : { status }),
      ...(endedAt === undefined ? {} : { ended_at: endedAt }),
      ...(parent === undefined ? {} : { parent: parentIn(parent ?? undefined) }),
    })
    .where('id', '=', sql<number>`any(${numbers(rows)}::bigint[])`)
    .execute()
  return { changed: runs }
}

async function setLifecycle(
  open: Db,
  set: RunSet,
  lifecycle: RunInfo['lifecycle'],
  actor: string,
): Promise<Changed | Obstacle> {
  const runs = await lockRuns(open, set)
  if ('absent' in runs) return runs
  const others = runs.filter((run) => run.lifecycle !== lifecycle)
  if (others.length === 0) return { changed: [] }
  const orphan = others.find((run) => run.experimentLifecycle === 'deleted')
  if (orphan && lifecycle === 'active') return { deletedExperiment: orphan.number }
  await open
    .updateTable('runs')
    .set({ lifecycle, deleted_at: lifecycle === 'deleted' ? sql`now()` : null, updated_at: sql`now()` })
    .where('id', '=', sql<number>`any(${numbers(others.map(({ row }) => row))}::bigint[])`)
    .execute()
  const event = await recordChange(open, {
    projectId: set.projectId,
    kind: lifecycle === 'deleted' ? 'run.deleted' : 'run.restored',
    ...toldOf(others),
    actor,
  })
  return { changed: others, event }
}
