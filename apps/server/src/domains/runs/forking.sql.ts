import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { Fork, ForkStore } from './forking.ts'

/** Some at a time: others have their turn between. */
const SLICE = 5_000

interface Place {
  readonly key: string
  readonly step: number
  readonly timestamp: number
  readonly value: number
}

export function sqlForkStore(kysely: Kysely<Tables>): ForkStore {
  return {
    async begin({ projectId, artifactUri }) {
      const { rows } = await sql<{ run: number }>`
        insert into purged_runs (run, project_id, artifact_uri)
        values (nextval(pg_get_serial_sequence('runs', 'id')), ${projectId}, ${artifactUri}) returning run`.execute(
        kysely,
      )
      return rows[0]!.run
    },
    async copyMetrics({ from, step }, row) {
      if (step === undefined) return
      let after: Place | undefined
      do after = await copySlice(kysely, { from: from.row, to: row, step }, after)
      while (after !== undefined)
    },
    finish: (fork, row) => kysely.transaction().execute((open) => finish(open, fork, row)),
  }
}

async function copySlice(
  kysely: Kysely<Tables>,
  { from, to, step }: { from: number; to: number; step: number },
  after: Place | undefined,
): Promise<Place | undefined> {
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(key, step, timestamp, value) > (${after.key}, ${after.step}::bigint, ${after.timestamp}::bigint,
          ${String(after.value)}::double precision)`
  const { rows } = await sql<Place>`
    with slice as (
      select key, step, timestamp, value from metrics where run = ${from} and ${beyond}
      order by key, step, timestamp, value limit ${SLICE}
    ), copied as (
      insert into metrics (run, key, step, timestamp, value)
      select ${to}::bigint, key, step, timestamp, value from slice where step <= ${step}::bigint
    )
    select * from slice order by key desc, step desc, timestamp desc, value desc limit 1`.execute(kysely)
  return rows[0]
}

async function finish(open: Transaction<Tables>, fork: Fork, row: number): Promise<'done' | 'absent'> {
  const { from, projectId } = fork
  const { rows } = await sql<{ experiment: number }>`
    select runs.experiment_id as experiment from runs join experiments on experiments.id = runs.experiment_id
    where runs.id = ${from.row} and experiments.lifecycle = 'active'
    for no key update of runs for share of experiments`.execute(open)
  const experiment = rows[0]?.experiment
  if (experiment === undefined) return 'absent'
  await sql`insert into runs
      (id, project_id, experiment_id, run_id, name, user_name, started_at, artifact_uri, parent)
    select ${row}::bigint, ${projectId}, ${experiment}::bigint, ${fork.runId}, ${fork.name}, ${fork.user},
      ${fork.startedAt}::bigint, ${fork.artifactUri}, parent from runs where id = ${from.row}`.execute(open)
  await sql`insert into params (run, key, experiment_id, value)
    select ${row}::bigint, key, experiment_id, value from params where run = ${from.row}`.execute(open)
  await sql`insert into run_tags (run, key, experiment_id, value)
    select ${row}::bigint, key, experiment_id, value from run_tags
    where run = ${from.row} and key not in ('mlflow.runName', 'stead.forkedFrom')
    union all values (${row}::bigint, 'mlflow.runName', ${experiment}::bigint, ${fork.name}),
      (${row}::bigint, 'stead.forkedFrom', ${experiment}::bigint, ${from.id})`.execute(open)
  await sql`insert into run_datasets (run, dataset_id, tags)
    select ${row}::bigint, dataset_id, tags from run_datasets where run = ${from.row}`.execute(open)
  await sql`insert into latest_metrics (run, key, experiment_id, step, timestamp, value)
    select ${row}::bigint, known.key, ${experiment}::bigint, last.step, last.timestamp, last.value
    from latest_metrics as known cross join lateral (
      select step, timestamp, value from metrics where run = ${row} and key = known.key
      order by step desc, timestamp desc, value desc limit 1
    ) as last
    where known.run = ${from.row}`.execute(open)
  await open.deleteFrom('purged_runs').where('run', '=', row).execute()
  return 'done'
}
