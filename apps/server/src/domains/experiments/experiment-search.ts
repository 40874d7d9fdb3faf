import type { Experiment, ExperimentSummary } from '@stead/contracts'
import { EXPERIMENTS } from '../filters/kinds.ts'
import { parseOrder } from '../filters/order.ts'
import { readToken, writeToken } from '../filters/page-token.ts'
import { parseFilter } from '../filters/parse.ts'
import type { ExperimentPage, ExperimentPageWanted, ExperimentSearchStore } from './experiment-search.store.ts'

export interface ExperimentsAsked {
  readonly filter?: string | undefined
  /** A part of the name. */
  readonly search?: string | undefined
  /** Default `'active'`. */
  readonly lifecycle?: 'active' | 'deleted' | 'all' | undefined
}

export interface ExperimentQuery extends ExperimentsAsked {
  /** `creation_time DESC`, …, or those first that have the latest runs. */
  readonly orderBy?: readonly string[] | 'latest runs' | undefined
  readonly limit: number
  readonly token?: string | undefined
}

export interface FoundExperiments<Found> {
  readonly experiments: readonly Found[]
  /** Undefined on the last page. */
  readonly nextToken: string | undefined
}

/** Failures: `invalid_request` for a filter, order or token that is not well formed. */
export interface ExperimentSearch {
  searchExperiments(projectId: string, query: ExperimentQuery): Promise<FoundExperiments<Experiment>>
  /** With what is counted of each one's runs. */
  summarizeExperiments(projectId: string, query: ExperimentQuery): Promise<FoundExperiments<ExperimentSummary>>
  countExperiments(projectId: string, asked: ExperimentsAsked): Promise<number>
}

export function createExperimentSearch(store: ExperimentSearchStore): ExperimentSearch {
  return {
    searchExperiments: (projectId, query) => paged(query, (wanted) => store.page(projectId, wanted)),
    summarizeExperiments: (projectId, query) => paged(query, (wanted) => store.summaries(projectId, wanted)),
    countExperiments: (projectId, asked) => store.count(projectId, readAsked(asked)),
  }
}

async function paged<Found>(
  query: ExperimentQuery,
  read: (wanted: ExperimentPageWanted) => Promise<ExperimentPage<Found>>,
): Promise<FoundExperiments<Found>> {
  const { orderBy, limit, token } = query
  const order = orderBy === 'latest runs' ? orderBy : parseOrder(EXPERIMENTS, orderBy)
  const { experiments, next } = await read({ ...readAsked(query), order, limit, after: readToken(token, order) })
  return { experiments, nextToken: next && writeToken(next, order) }
}

const readAsked = ({ filter, search = '', lifecycle = 'active' }: ExperimentsAsked) => ({
  filter: parseFilter(EXPERIMENTS, filter),
  search,
  lifecycle,
})
