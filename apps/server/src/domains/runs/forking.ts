import type { KeptRun } from './runs.store.ts'

/** How a run begins that takes another's place in the middle. */
export interface Fork {
  readonly projectId: string
  readonly from: KeptRun
  readonly runId: string
  readonly artifactUri: string
  readonly name: string
  readonly user: string
  readonly startedAt: number
  /** Metrics up to this one are taken over; none where nothing is said. */
  readonly step: number | undefined
}

/** A fork is there whole or not at all: its metrics and files come first, under a row that nothing names, and count as the
 *  remains of a purged run until the run itself is written. */
export interface ForkStore {
  /** The row, and the note that it is remains. */
  begin(fork: Fork): Promise<number>
  copyMetrics(fork: Fork, row: number): Promise<void>
  /** Writes the run, with the params and tags of the other. 'absent' where that is gone, or its experiment. */
  finish(fork: Fork, row: number): Promise<'done' | 'absent'>
}
