import { sql } from 'kysely'
import type { Kysely, RawBuilder } from 'kysely'
import { openDatabase } from '../../apps/server/src/database/database.ts'
import { migrate } from '../../apps/server/src/database/migrate.ts'
import type { Tables } from '../../apps/server/src/database/tables.ts'

/** How much a large experiment holds. */
export interface ExperimentSize {
  readonly runs: number
  /** Metrics that any run has, `loss` among them. */
  readonly metrics: number
  /** Metrics of each run. */
  readonly ofEach: number
}

export const FULL_EXPERIMENT: ExperimentSize = { runs: 100_000, metrics: 2_000, ofEach: 20 }

/** Its number, which the address of its table has. */
export const LARGE_EXPERIMENT = 100
const PART = 10_000

/** Writes a large experiment straight into the embedded database of a home that no server has open. `run-000001` is the
 *  newest of its runs; every one has the metric `loss`, which grows with its number, the params `algo` and `depth`, and
 *  some of `group-00/metric-0000` and so on. */
export async function seedRuns(home: string, size: ExperimentSize): Promise<void> {
  const database = await openDatabase({ kind: 'embedded', home }, { onSlow: () => {} })
  try {
    await migrate(database.kysely)
    await sql`insert into experiments (project_id, number, name, artifact_location)
      values ('default', ${LARGE_EXPERIMENT}, 'large', ${`mlflow-artifacts:/${LARGE_EXPERIMENT}`})`.execute(
      database.kysely,
    )
    await sql`update projects set last_experiment = ${LARGE_EXPERIMENT} where id = 'default'`.execute(database.kysely)
    const indexes = await takeIndexes(database.kysely)
    for (let from = 1; from <= size.runs; from += PART)
      await database.kysely.transaction().execute(async (transaction) => {
        for (const statement of statementsFor(from, Math.min(from + PART - 1, size.runs), size))
          await statement.execute(transaction)
      })
    for (const index of indexes) await sql.raw(index).execute(database.kysely)
    await sql`vacuum (analyze)`.execute(database.kysely)
  } finally {
    await database.close()
  }
}

/** Takes the indexes over values away, and tells how to make them again: at the end, that is a fraction of the work. */
async function takeIndexes(kysely: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ name: string; statement: string }>`
    select indexname as name, indexdef as statement from pg_indexes
    where schemaname = 'public' and indexname in ('latest_metrics_by_value', 'params_by_value')`.execute(kysely)
  for (const { name } of rows) await sql`drop index ${sql.table(name)}`.execute(kysely)
  return rows.map(({ statement }) => statement)
}

function statementsFor(from: number, to: number, { metrics, ofEach }: ExperimentSize): RawBuilder<unknown>[] {
  const numbered = sql`select r.id, r.experiment_id, n from generate_series(${sql.lit(from)}, ${sql.lit(to)}) n
    join runs r on r.run_id = md5('run' || n)`
  return [
    sql`insert into runs (project_id, experiment_id, run_id, name, user_name, status, started_at, ended_at, artifact_uri)
      select 'default', e.id, md5('run' || n), 'run-' || lpad(n::text, 6, '0'), 'person-' || n % 7,
        (array['FINISHED', 'FINISHED', 'FINISHED', 'FAILED'])[1 + n % 4], 1700000000000 - n * 60000::bigint,
        1700000000000 - n * 60000::bigint + 30000, e.artifact_location || '/' || md5('run' || n) || '/artifacts'
      from experiments e, generate_series(${sql.lit(from)}, ${sql.lit(to)}) n
      where e.project_id = 'default' and e.number = ${sql.lit(LARGE_EXPERIMENT)}`,
    sql`insert into latest_metrics (run, key, experiment_id, step, timestamp, value)
      select id, 'loss', experiment_id, 0, 1700000000000, n / 100000.0 from (${numbered}) s`,
    sql`insert into latest_metrics (run, key, experiment_id, step, timestamp, value)
      select id, 'group-' || lpad((k / 100)::text, 2, '0') || '/metric-' || lpad(k::text, 4, '0'), experiment_id, 0,
        1700000000000, (n * 7919 + k) % 1000 / 1000.0
      from (select s.*, (n * 31 + i * ${sql.lit(Math.max(1, Math.floor(metrics / ofEach)))}) % ${sql.lit(metrics - 1)} as k
        from (${numbered}) s, generate_series(1, ${sql.lit(ofEach - 1)}) i) t
      on conflict do nothing`,
    sql`insert into params (run, key, experiment_id, value)
      select id, p.key, experiment_id, p.value from (${numbered}) s, lateral (values
        ('algo', (array['forest', 'boost', 'linear'])[1 + n % 3]), ('depth', (n % 12)::text), ('seed', n::text)) p(key, value)`,
  ]
}
