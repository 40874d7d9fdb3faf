import { type Kysely, type RawBuilder, sql } from 'kysely'
import { numbers, texts } from '../../database/arrays.ts'
import type { Tables } from '../../database/tables.ts'
import type { ChangedRun, LogCall } from './batches.ts'
import type { Outcome } from './groups.ts'
import { activeRun, judge, type KnownRun } from './judging.ts'
import { LATER, points, writeOnce } from './metric-rows.sql.ts'

/** Beyond this the time between statements no longer counts, and others wait for each of them. */
const MOST_ROWS = 4_000

/** Writes a group that logs metrics and nothing else, as most do while models train, in a single statement; undefined
 *  where the group takes more than that. What is refused is left out by the statement itself. */
export async function takePoints(
  kysely: Kysely<Tables>,
  calls: readonly LogCall[],
): Promise<readonly Outcome<ChangedRun>[] | undefined> {
  const places = placesOf(calls)
  if (places === undefined) return undefined
  const { metrics, latest } = judge(calls, { runs: places, params: new Map(), models: new Set() })
  if (metrics.length > MOST_ROWS) return undefined
  const write = (repeated: RawBuilder<unknown>) =>
    sql<KnownRun>`
    with known as materialized (
      select place.number, place.project_id = runs.project_id and lifecycle = 'active' as takes,
        id, run_id, runs.project_id, experiment_id, lifecycle
      from unnest(${numbers([...places.values()].map(({ row }) => row))}::bigint[], ${texts([...places.keys()])}::text[],
        ${texts([...places.values()].map(({ projectId }) => projectId))}::text[]) as place (number, run_id, project_id)
      join runs using (run_id)
      order by id for no key update of runs
    ), history as (
      insert into metrics (run, key, step, timestamp, value)
      select id, key, step, timestamp, value
      from unnest(${points(metrics)}) as point (number, key, step, timestamp, value) join known using (number)
      where takes
      ${repeated}
    ), latest as (
      insert into latest_metrics (run, key, step, timestamp, value, experiment_id)
      select id, key, step, timestamp, value, experiment_id
      from unnest(${points(latest)}) as point (number, key, step, timestamp, value) join known using (number)
      where takes
      on conflict (run, key) do update ${LATER}
    )
    select id as row, run_id as "runId", project_id as "projectId", experiment_id as experiment, lifecycle
    from known`.execute(kysely)
  const { rows } = await writeOnce(write)
  const runs = new Map(rows.map((run) => [run.runId, run]))
  return calls.map((call) => {
    try {
      const { experiment, runId } = activeRun(call, { runs })
      return { answer: { experiment, runId } }
    } catch (error) {
      return { error }
    }
  })
}

/** The runs that calls name, numbered, as if all were there to be logged into. */
function placesOf(calls: readonly LogCall[]): Map<string, KnownRun> | undefined {
  const places = new Map<string, KnownRun>()
  for (const { projectId, runId, params, tags, metrics } of calls) {
    const known = places.get(runId)
    const isMore = params.length > 0 || tags.length > 0 || metrics.some(({ model }) => model !== undefined)
    if (isMore || (known !== undefined && known.projectId !== projectId)) return undefined
    if (known === undefined)
      places.set(runId, { row: places.size, runId, projectId, experiment: 0, lifecycle: 'active' })
  }
  return places
}
