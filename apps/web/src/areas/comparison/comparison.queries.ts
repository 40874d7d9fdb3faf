import { getRun, searchRuns } from '@stead/contracts'
import type { ExperimentId, ProjectName, RunId, RunRow } from '@stead/contracts'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '../../live/client.ts'
import { isNotFound } from '../../live/failure.ts'
import { readings } from '../../live/stale.ts'
import { MOST_RUNS } from './comparison-search.ts'

export interface ComparedRuns {
  /** In the order in which they were asked for. */
  readonly runs: readonly RunRow[]
  /** How many are not there. */
  readonly gone: number
}

/** The runs of a comparison with all that they logged. Those that are of other experiments are read one by one. */
export const comparedQuery = (project: ProjectName, experiment: ExperimentId, ids: readonly RunId[]) =>
  queryOptions({
    queryKey: [...readings.runs(project, experiment), 'compared', ids.join()],
    queryFn: async ({ signal }): Promise<ComparedRuns> => {
      const { runs } = await client.call(searchRuns, {
        params: { project },
        body: {
          experiments: [experiment],
          filter: `attributes.run_id IN (${ids.map((id) => `'${id}'`).join(', ')})`,
          lifecycle: 'all',
          limit: MOST_RUNS,
        },
        signal,
      })
      const found = new Map<RunId, RunRow>(runs.map((run) => [run.id, run]))
      const others = await Promise.all(ids.filter((id) => !found.has(id)).map((id) => runOrNone(project, id, signal)))
      for (const run of others) if (run) found.set(run.id, run)
      const all = ids.flatMap((id) => found.get(id) ?? [])
      return { runs: all, gone: ids.length - all.length }
    },
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  })

async function runOrNone(project: ProjectName, run: RunId, signal: AbortSignal): Promise<RunRow | undefined> {
  try {
    return await client.call(getRun, { params: { project, run }, signal })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
