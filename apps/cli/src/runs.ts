import type { CallOf, Run, RunRow, searchRuns } from '@stead/contracts'
import type { Platform } from './connect.ts'
import { findExperiment, listAll } from './experiments.ts'
import { Failure } from './failures.ts'
import { eachOf } from './pages.ts'

type Search = CallOf<typeof searchRuns>['body']

/** Runs of the experiments given, page by page; `limit` of all of them together. */
export async function* findRuns(
  platform: Platform,
  search: Omit<Search, 'limit' | 'after' | 'count'>,
  limit: number,
): AsyncGenerator<RunRow, void> {
  let left = limit
  if (search.experiments.length === 0) return
  const pages = eachOf(async (after) => {
    const body = { ...search, limit: Math.min(left, 1000), ...after }
    const { runs, next } = await platform.call(platform.contracts.searchRuns, { body })
    return { items: runs, next: left > runs.length ? next : null }
  })
  for await (const run of pages) {
    yield run
    if (--left === 0) return
  }
}

/** The experiments that a search looks into: the one named, or all active ones. */
export async function experimentsOf(platform: Platform, given: string | undefined): Promise<number[]> {
  if (given !== undefined) return [(await findExperiment(platform, given)).id]
  const all = await listAll(platform, {})
  if (all.length <= 1000) return all.map(({ id }) => id)
  throw new Failure('this project has more than 1000 experiments', 'Name the one to look into.')
}

/** Whole ids of runs, given by id, by the beginning of one, or by name. */
export async function findRunIds(platform: Platform, given: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const one of given) ids.push(await findRunId(platform, one))
  return ids
}

const WHOLE_ID = /^[0-9a-f]{32}$/

export async function findRunId(platform: Platform, given: string): Promise<string> {
  if (WHOLE_ID.test(given)) return given
  const experiments = (await listAll(platform, { lifecycle: 'all' })).slice(0, 1000).map(({ id }) => id)
  const named = await few(platform, experiments, `attributes.run_name = ${quoted(given)}`)
  // What has no place in an id need not be looked for there.
  const begun = /^[\w-]{4,}$/.test(given)
    ? await few(platform, experiments, `attributes.run_id LIKE ${quoted(`${given}%`)}`)
    : []
  const found = [...new Set([...named, ...begun].map(({ id }) => id))]
  if (found.length === 1) return found[0]!
  if (found.length === 0) throw new Failure(`there is no run "${given}"`, 'List the runs with: stead runs')
  throw new Failure(`"${given}" are several runs: ${found.join(', ')}`, 'Give the id of one.')
}

async function few(platform: Platform, experiments: number[], filter: string): Promise<RunRow[]> {
  const found: RunRow[] = []
  const search = { experiments, filter, lifecycle: 'all' as const, columns: [] }
  for await (const run of findRuns(platform, search, 5)) found.push(run)
  return found
}

/** As a text within a filter, which knows no escapes. */
function quoted(text: string): string {
  if (!text.includes("'")) return `'${text}'`
  if (!text.includes('"')) return `"${text}"`
  throw new Failure(`a run whose name has both kinds of quotes is not found by it: ${text}`, 'Give its id.')
}

export const readRun = async (platform: Platform, given: string): Promise<Run> =>
  platform.call(platform.contracts.getRun, { params: { run: await findRunId(platform, given) } })
