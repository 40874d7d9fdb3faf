import type { Experiment, ExperimentSummary } from '@stead/contracts'
import type { Filter, Order } from '../filters/filter.ts'
import type { Place } from '../filters/page-token.ts'

/** Which experiments are meant. */
export interface ExperimentsWanted {
  readonly filter: Filter | undefined
  /** A part of the name, without case. */
  readonly search: string
  readonly lifecycle: 'active' | 'deleted' | 'all'
}

export interface ExperimentPageWanted extends ExperimentsWanted {
  /** After these, the latest made comes first, then the least number; or those with the latest runs come first. */
  readonly order: readonly Order[] | 'latest runs'
  readonly limit: number
  readonly after: Place | undefined
}

export interface ExperimentPage<Found> {
  readonly experiments: readonly Found[]
  /** Undefined on the last page. */
  readonly next: Place | undefined
}

/** Reads experiments. Pages go on from the sort values of the row before, as those of runs do. */
export interface ExperimentSearchStore {
  page(projectId: string, wanted: ExperimentPageWanted): Promise<ExperimentPage<Experiment>>
  /** With what is counted of each one's runs. */
  summaries(projectId: string, wanted: ExperimentPageWanted): Promise<ExperimentPage<ExperimentSummary>>
  count(projectId: string, wanted: ExperimentsWanted): Promise<number>
}
