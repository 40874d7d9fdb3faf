import { randomUUID } from 'node:crypto'
import { type ProjectName, RunId, SteadError, type Trace, type TraceId } from '@stead/contracts'
import { type Experiments, inactiveExperiment } from '../experiments/experiments.ts'
import type { KeptExperiment } from '../experiments/experiments.store.ts'
import { TRACES } from '../filters/kinds.ts'
import { parseOrder } from '../filters/order.ts'
import { readToken, writeToken } from '../filters/page-token.ts'
import { parseFilter } from '../filters/parse.ts'
import type { Projects } from '../projects/projects.ts'
import type { OtlpSpan } from './otlp.ts'
import { cut, factsOf, traceIdOf } from './span-facts.ts'
import type { GivenTrace, TraceStore, TracesMeant } from './traces.store.ts'

export interface TraceSearch {
  readonly experiments: readonly number[]
  readonly filter?: string | undefined
  readonly order?: readonly string[] | undefined
  readonly limit: number
  readonly after?: string | undefined
}

export type StartedTrace = Omit<GivenTrace, 'id'> & { readonly id?: TraceId | undefined }

/** Traces of calls. What clients log is data: it is not in the audit log. */
export interface Traces {
  /** Makes the trace, or adds to it what is told; its spans may have come before. */
  start(project: ProjectName, experiment: number, trace: StartedTrace): Promise<Trace>
  end(
    project: ProjectName,
    id: TraceId,
    ended: Pick<GivenTrace, 'state' | 'tags' | 'metadata'> & { readonly endedAt: number },
  ): Promise<Trace>
  /** Spans of any number of traces. A trace that is not there begins with them. */
  logSpans(project: ProjectName, experiment: number, spans: readonly OtlpSpan[], run?: RunId): Promise<void>
  get(project: ProjectName, id: TraceId): Promise<Trace>
  getSome(project: ProjectName, ids: readonly TraceId[]): Promise<Trace[]>
  spans(project: ProjectName, id: TraceId): Promise<OtlpSpan[]>
  search(project: ProjectName, search: TraceSearch): Promise<{ traces: Trace[]; next: string | null }>
  /** The number of those deleted. */
  remove(project: ProjectName, experiment: number, meant: TracesMeant): Promise<number>
  removeOne(project: ProjectName, id: TraceId): Promise<void>
  setTag(project: ProjectName, id: TraceId, key: string, value: string): Promise<void>
  removeTag(project: ProjectName, id: TraceId, key: string): Promise<void>
  /** Those given as null are removed; one that is not there is no failure. */
  changeTags(project: ProjectName, id: TraceId, tags: Readonly<Record<string, string | null>>): Promise<Trace>
  /** The runs that it belongs to: that which it was made in, and those that it was linked to. */
  runsOf(project: ProjectName, trace: Trace): Promise<RunId[]>
  linkToRun(project: ProjectName, ids: readonly TraceId[], run: string): Promise<void>
  /** Versions of prompts as `name/version`. */
  linkPrompts(project: ProjectName, id: TraceId, prompts: readonly string[]): Promise<void>
}

export interface TraceParts {
  readonly store: TraceStore
  readonly projects: Pick<Projects, 'idOf'>
  readonly experiments: Pick<Experiments, 'get'>
  /** Removes what clients keep beside a trace, by the URI of its folder. */
  readonly removeFiles: (project: ProjectName, uri: string) => Promise<void>
}

/** Keeps a statement short: the embedded database answers nobody else meanwhile. */
const REMOVED_AT_ONCE = 100
const MOST_ENTRIES = 1000
export const MOST_IDS = 1000
export const MOST_LINKS = 100

export function createTraces({ store, projects, experiments, removeFiles }: TraceParts): Traces {
  async function activeExperiment(project: ProjectName, number: number): Promise<KeptExperiment> {
    const experiment = await experiments.get(project, number)
    if (experiment.lifecycle === 'deleted') throw inactiveExperiment(number)
    return experiment
  }

  async function get(project: ProjectName, id: TraceId): Promise<Trace> {
    const [trace] = await store.find(await projects.idOf(project), [id])
    return trace ?? missing(id)
  }

  const present = (id: TraceId, outcome: 'done' | 'gone') => void (outcome === 'gone' && missing(id))

  return {
    get,
    async start(project, number, { id = `tr-${randomUUID().replaceAll('-', '')}` as TraceId, ...trace }) {
      const experiment = await activeExperiment(project, number)
      const projectId = await projects.idOf(project)
      const tags = { ...boundedEntries('tags', trace.tags), ...locationTag(experiment, id) }
      const metadata = boundedEntries('trace_metadata', trace.metadata)
      await store.put(projectId, experiment.row, { ...trace, id, tags, metadata })
      return get(project, id)
    },
    async end(project, id, { tags, metadata, ...ended }) {
      const entries = { tags: boundedEntries('tags', tags), metadata: boundedEntries('request_metadata', metadata) }
      present(id, await store.end(await projects.idOf(project), id, { ...ended, ...entries }))
      return get(project, id)
    },
    async logSpans(project, number, spans, run) {
      const experiment = await activeExperiment(project, number)
      const projectId = await projects.idOf(project)
      for (const [id, ofTrace] of Map.groupBy(spans, traceIdOf)) {
        const facts = factsOf(id, ofTrace, run)
        const tags = { ...facts.tags, ...locationTag(experiment, id) }
        await store.addSpans(projectId, experiment.row, { ...facts, tags })
      }
    },
    getSome: async (project, ids) => store.find(await projects.idOf(project), bounded('trace_ids', ids, MOST_IDS)),
    spans: async (project, id) => store.spans(await projects.idOf(project), id),
    async search(project, { experiments: numbers, filter, order = [], limit, after }) {
      const orders = parseOrder(TRACES, order)
      const page = await store.page(await projects.idOf(project), {
        experiments: bounded('experiments', numbers, MOST_IDS),
        filter: parseFilter(TRACES, filter),
        order: orders,
        limit,
        after: readToken(after, ['traces', orders]),
      })
      return { traces: page.traces, next: page.next === undefined ? null : writeToken(page.next, ['traces', orders]) }
    },
    async remove(project, number, meant) {
      const experiment = await experiments.get(project, number)
      const projectId = await projects.idOf(project)
      if ('ids' in meant) bounded('request_ids', meant.ids, MOST_IDS)
      const most = 'ids' in meant ? meant.ids.length : meant.most
      let removed = 0
      for (;;) {
        const limit = Math.min(REMOVED_AT_ONCE, most - removed)
        const some = limit <= 0 ? [] : await store.meant(projectId, experiment.row, meant, limit)
        // Whoever is cut off in between asks again, and finds the rows that are left.
        for (const id of some) await removeFiles(project, folderOf(experiment.artifactLocation, id))
        removed += some.length === 0 ? 0 : await store.remove(projectId, some)
        if (some.length < REMOVED_AT_ONCE) return removed
      }
    },
    async removeOne(project, id) {
      const { tags } = await get(project, id)
      await removeFiles(project, tags[LOCATION] ?? '')
      await store.remove(await projects.idOf(project), [id])
    },
    async setTag(project, id, key, value) {
      const [entry] = Object.entries(boundedEntries('tags', { [key]: value }))
      present(id, await store.setTag(await projects.idOf(project), id, ...entry!))
    },
    async removeTag(project, id, key) {
      const outcome = await store.removeTag(await projects.idOf(project), id, key)
      if (outcome === 'no tag')
        throw new SteadError('trace_not_found', `No trace tag with key '${key}' for trace with ID '${id}'`)
      present(id, outcome)
    },
    async changeTags(project, id, tags) {
      bounded('tags', Object.keys(tags), MOST_ENTRIES)
      present(id, await store.changeTags(await projects.idOf(project), id, tags))
      return get(project, id)
    },
    async runsOf(project, { id, metadata }) {
      const named = [metadata[SOURCE_RUN], ...(await store.runsOf(await projects.idOf(project), id))]
      return [...new Set(named.flatMap((run) => RunId.safeParse(run).data ?? []))]
    },
    async linkToRun(project, ids, run) {
      if (ids.length > MOST_LINKS)
        throw new SteadError(
          'invalid_request',
          `Cannot link more than ${MOST_LINKS} traces to a run in a single request. Provided ${ids.length} traces.`,
        )
      if (ids.length === 0) return
      if ((await store.linkToRun(await projects.idOf(project), ids, run)) === 'no run')
        throw new SteadError('run_not_found', `Run with id=${run} not found`)
    },
    async linkPrompts(project, id, prompts) {
      present(
        id,
        await store.linkPrompts(await projects.idOf(project), id, bounded('prompt_versions', prompts, MOST_LINKS)),
      )
    },
  }
}

export const LOCATION = 'mlflow.artifactLocation'
const SOURCE_RUN = 'mlflow.sourceRun'
const folderOf = (location: string, id: TraceId) => `${location}/traces/${id}/artifacts`
const locationTag = ({ artifactLocation }: KeptExperiment, id: TraceId) => ({
  [LOCATION]: folderOf(artifactLocation, id),
})

export function missing(id: TraceId): never {
  throw new SteadError('trace_not_found', `Trace with ID '${id}' not found.`)
}

function bounded<T>(name: string, list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list
  throw new SteadError('invalid_request', `${name}: at most ${most} are taken at once, and these are ${list.length}`, {
    where: name,
  })
}

/** Keys that are too long are refused, values cut, as those of runs are. */
function boundedEntries(name: string, entries: Readonly<Record<string, string>>): Record<string, string> {
  const all = Object.entries(entries)
  bounded(name, all, MOST_ENTRIES)
  for (const [key] of all) {
    if (key === '' || key.length > 250)
      throw new SteadError(
        'invalid_request',
        `${name}: a key has 1 to 250 characters, and "${key.slice(0, 50)}…" has not`,
        {
          where: name,
        },
      )
  }
  return Object.fromEntries(all.map(([key, value]) => [key, cut(value, 8000)]))
}
