import { RunInfo } from '@stead/contracts'
import type { LatestMetric, Run, RunDataset } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { texts } from '../../database/arrays.ts'
import type { Tables } from '../../database/tables.ts'
import type { KeptRun, RunSet } from './runs.store.ts'

interface InfoRow {
  readonly row: number
  readonly experimentRow: number
  readonly id: string
  readonly experiment: number
  readonly name: string
  readonly user: string
  readonly status: RunInfo['status']
  readonly startedAt: number
  readonly endedAt: number | null
  readonly lifecycle: RunInfo['lifecycle']
  readonly artifactUri: string
  readonly parent: string | null
}

const infoColumns = sql`runs.id as row, runs.experiment_id as "experimentRow", runs.run_id as id,
  experiments.number as experiment, runs.name, runs.user_name as user, runs.status, runs.started_at as "startedAt",
  runs.ended_at as "endedAt", runs.lifecycle, runs.artifact_uri as "artifactUri", runs.parent`

const found = (projectId: string, runId: string) =>
  sql`runs join experiments on experiments.id = runs.experiment_id
    where runs.project_id = ${projectId} and runs.run_id = ${runId}`

export async function findInfo(kysely: Kysely<Tables>, projectId: string, runId: string): Promise<KeptRun | undefined> {
  const { rows } = await sql<InfoRow>`select ${infoColumns} from ${found(projectId, runId)}`.execute(kysely)
  const [row] = rows
  return row && { ...RunInfo.parse(row), row: row.row, experimentRow: row.experimentRow }
}

interface FullRow extends InfoRow {
  /** Key, value, step, timestamp. */
  readonly metrics: readonly (readonly [string, LatestMetric['value'], number, number])[]
  readonly params: readonly (readonly [string, string])[]
  readonly tags: readonly (readonly [string, string])[]
  readonly datasets: readonly (Omit<RunDataset, 'tags'> & { tags: { key: string; value: string }[] })[]
  readonly models: Run['models']
  readonly children: number
}

/** In one statement, so that what is told was so at one moment. */
export async function findRun(kysely: Kysely<Tables>, projectId: string, runId: string): Promise<Run | undefined> {
  const list = (of: ReturnType<typeof sql>) => sql`(select coalesce(json_agg(${of}), '[]'::json)`
  const { rows } = await sql<FullRow>`
    select ${infoColumns},
      ${list(sql`json_build_array(key, value, step, timestamp) order by key collate "C"`)}
        from latest_metrics where run = runs.id) as metrics,
      ${list(sql`json_build_array(key, value) order by key collate "C"`)} from params where run = runs.id) as params,
      ${list(sql`json_build_array(key, value) order by key collate "C"`)} from run_tags where run = runs.id) as tags,
      ${list(sql`json_build_object('name', name, 'digest', digest, 'sourceType', source_type, 'source', source,
        'schema', schema, 'profile', profile, 'tags', run_datasets.tags) order by datasets.id`)}
        from run_datasets join datasets on datasets.id = dataset_id where run = runs.id) as datasets,
      ${list(sql`json_build_object('model', model_id, 'direction', direction, 'step', step) order by step, model_id`)}
        from run_models where run = runs.id) as models,
      (select count(*) from runs as parts where parts.parent = runs.run_id and parts.project_id = runs.project_id
        and parts.lifecycle = 'active') as children
    from ${found(projectId, runId)}`.execute(kysely)
  return rows[0] && runOf(rows[0])
}

function runOf({ metrics, params, tags, datasets, models, children, ...info }: FullRow): Run {
  return {
    ...RunInfo.parse(info),
    metrics: Object.fromEntries(metrics.map(([key, value, step, timestamp]) => [key, { value, step, timestamp }])),
    params: Object.fromEntries(params),
    tags: Object.fromEntries(tags),
    datasets: datasets.map(({ tags: given, ...dataset }) => ({
      ...dataset,
      tags: Object.fromEntries(given.map(({ key, value }) => [key, value])),
    })),
    models,
    children,
  }
}

export interface LockedRun {
  readonly row: number
  readonly runId: string
  readonly lifecycle: RunInfo['lifecycle']
  /** Its row. */
  readonly experiment: number
  readonly experimentLifecycle: RunInfo['lifecycle']
  readonly number: number
}

/** Locks them in the order of their rows; the first that is not there is told instead. */
export async function lockRuns(
  open: Transaction<Tables>,
  { projectId, runIds }: RunSet,
): Promise<LockedRun[] | { absent: string }> {
  const { rows } = await sql<LockedRun>`
    select runs.id as row, run_id as "runId", runs.lifecycle, experiment_id as experiment,
      experiments.lifecycle as "experimentLifecycle", experiments.number
    from runs join experiments on experiments.id = runs.experiment_id
    where runs.project_id = ${projectId} and run_id = any(${texts([...new Set(runIds)])}::text[])
    order by runs.id for no key update of runs`.execute(open)
  const there = new Set(rows.map(({ runId }) => runId))
  const absent = runIds.find((runId) => !there.has(runId))
  return absent === undefined ? rows : { absent }
}

/** One run by its id, several by their number, with all ids in what the audit log keeps. */
export function toldOf(runs: readonly Pick<LockedRun, 'runId' | 'number'>[]) {
  const experiments = [...new Set(runs.map(({ number }) => number))].toSorted((one, other) => one - other)
  const runIds = runs.map(({ runId }) => runId)
  return {
    subject: runIds.length === 1 ? runIds[0]! : `${runIds.length} runs`,
    document: { experiments: experiments.slice(0, 100), runs: runIds.length },
    after: { runs: runIds },
  }
}
