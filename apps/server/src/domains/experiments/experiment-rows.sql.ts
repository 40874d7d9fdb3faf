import { Experiment, ExperimentSummary } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import { numbers as numberArray } from '../../database/arrays.ts'
import type { Tables } from '../../database/tables.ts'
import type { ExperimentKey, KeptExperiment } from './experiments.store.ts'

type Db = Kysely<Tables>

interface ExperimentRow extends Omit<Experiment, 'id'> {
  readonly row: number
  readonly id: number
}

const columns = sql`experiments.id as row, experiments.number as id, experiments.name,
  experiments.artifact_location as "artifactLocation", experiments.lifecycle,
  experiments.created_at as "createdAt", experiments.updated_at as "updatedAt",
  (select coalesce(json_object_agg(key, value order by key collate "C"), '{}'::json) from experiment_tags
    where experiment_tags.experiment_id = experiments.id) as tags`

export async function findExperiment(
  kysely: Db,
  projectId: string,
  key: ExperimentKey,
): Promise<KeptExperiment | undefined> {
  const named = 'number' in key ? sql`number = ${key.number}` : sql`name = ${key.name}`
  const { rows } = await sql<ExperimentRow>`
    select ${columns} from experiments where project_id = ${projectId} and ${named}`.execute(kysely)
  const [found] = rows
  return found && { ...Experiment.parse(found), row: found.row }
}

export async function rowsBehind(
  kysely: Db,
  projectId: string,
  numbers: readonly number[],
): Promise<Map<number, number>> {
  const { rows } = await sql<{ number: number; id: number }>`
    select number, id from experiments
    where project_id = ${projectId} and number = any(${numberArray(numbers)}::bigint[])`.execute(kysely)
  return new Map(rows.map(({ number, id }) => [number, id]))
}

/** Dates have years of four digits; clients may have told any number of milliseconds. */
const LAST_MS = 253_402_300_799_999
const instantOf = (ms: number): string => new Date(Math.min(Math.max(ms, 0), LAST_MS)).toISOString()

interface SummaryRow extends ExperimentRow {
  readonly runs: number
  readonly running: number
  readonly lastRun: number | null
}

export async function readSummary(
  kysely: Db,
  projectId: string,
  number: number,
): Promise<ExperimentSummary | undefined> {
  const { rows } = await sql<SummaryRow>`
    select ${columns},
      (select count(*) from runs where experiment_id = experiments.id and lifecycle = 'active') as runs,
      (select count(*) from runs where experiment_id = experiments.id and lifecycle = 'active'
        and status in ('RUNNING', 'SCHEDULED')) as running,
      (select max(started_at) from runs where experiment_id = experiments.id and lifecycle = 'active') as "lastRun"
    from experiments where project_id = ${projectId} and number = ${number}`.execute(kysely)
  const [found] = rows
  if (!found) return undefined
  const { lastRun, ...row } = found
  return ExperimentSummary.parse({ ...row, lastRunAt: lastRun === null ? null : instantOf(lastRun) })
}
