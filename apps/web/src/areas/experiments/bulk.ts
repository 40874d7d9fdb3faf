import { deleteRuns, moveRuns, restoreRuns, searchRuns, tagRuns } from '@stead/contracts'
import type { ExperimentId, ProjectName, RunId } from '@stead/contracts'
import { client } from '../../live/client.ts'
import { askedFor } from './columns.ts'
import { csvHead, csvLine } from './csv.ts'
import { inList } from './run-store.ts'
import type { Asked } from './run-store.ts'

/** The server takes as many at once. */
const AT_ONCE = 1_000
const MOST_COLUMNS = 2_000
const NAMED_AT_ONCE = 200

async function inSlices(runs: readonly RunId[], act: (slice: RunId[]) => Promise<{ runs: number }>): Promise<number> {
  let done = 0
  for (let at = 0; at < runs.length; at += AT_ONCE) done += (await act(runs.slice(at, at + AT_ONCE))).runs
  return done
}

/** What is done to many runs, in slices: one that fails leaves those before it done. Each tells how many it was. */
export const bulk = {
  delete: (project: ProjectName, runs: readonly RunId[]) =>
    inSlices(runs, (slice) => client.call(deleteRuns, { params: { project }, body: { runs: slice } })),
  purge: (project: ProjectName, runs: readonly RunId[]) =>
    inSlices(runs, (slice) => client.call(deleteRuns, { params: { project }, body: { runs: slice, purge: true } })),
  restore: (project: ProjectName, runs: readonly RunId[]) =>
    inSlices(runs, (slice) => client.call(restoreRuns, { params: { project }, body: { runs: slice } })),
  tag: (project: ProjectName, runs: readonly RunId[], key: string, value: string | null) =>
    inSlices(runs, (slice) =>
      client.call(tagRuns, { params: { project }, body: { runs: slice, tags: { [key]: value } } }),
    ),
  move: (project: ProjectName, runs: readonly RunId[], experiment: ExperimentId) =>
    inSlices(runs, (slice) => client.call(moveRuns, { params: { project }, body: { runs: slice, experiment } })),
}

/** The ids of all runs that match, at most `most`. */
export async function allMatching(
  project: ProjectName,
  experiment: ExperimentId,
  asked: Asked,
  most: number,
): Promise<RunId[]> {
  const ids: RunId[] = []
  for await (const page of pages(project, experiment, asked, [])) {
    ids.push(...page.map(({ id }) => id))
    if (ids.length >= most) break
  }
  return ids.slice(0, most)
}

async function* pages(project: ProjectName, experiment: ExperimentId, asked: Asked, columns: readonly string[]) {
  let after: string | null = null
  do {
    const body: Parameters<typeof client.call<typeof searchRuns>>[1]['body'] = {
      experiments: [experiment],
      filter: asked.filter,
      lifecycle: asked.state,
      orderBy: [...asked.orderBy],
      columns: [...columns],
      limit: AT_ONCE,
      ...(after === null ? {} : { after }),
    }
    const page = await client.call(searchRuns, { params: { project }, body })
    yield page.runs
    after = page.next
  } while (after !== null)
}

/** Runs as CSV: those named, or all that match. */
export async function exportRuns(
  project: ProjectName,
  experiment: ExperimentId,
  what: Asked | readonly RunId[],
  columns: readonly string[],
): Promise<{ readonly file: Blob; readonly runs: number }> {
  const asked = columns.flatMap((id) => askedFor(id) ?? []).slice(0, MOST_COLUMNS)
  const parts = [csvHead(columns)]
  const searches = isAsked(what) ? [what] : slicesOf(what)
  for (const search of searches)
    for await (const page of pages(project, experiment, search, asked))
      parts.push(...page.map((run) => csvLine(run, columns)))
  return { file: new Blob(parts, { type: 'text/csv;charset=utf-8' }), runs: parts.length - 1 }
}

const isAsked = (what: Asked | readonly RunId[]): what is Asked => !Array.isArray(what)

const slicesOf = (runs: readonly RunId[]): Asked[] =>
  Array.from({ length: Math.ceil(runs.length / NAMED_AT_ONCE) }, (_, index) => ({
    filter: inList(runs.slice(index * NAMED_AT_ONCE, (index + 1) * NAMED_AT_ONCE)),
    state: 'all',
    orderBy: [],
  }))

/** Hands a file to the browser's downloads. */
export function download(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
