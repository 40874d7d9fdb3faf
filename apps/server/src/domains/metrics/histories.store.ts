import type { MetricPoint } from '@stead/contracts'

/** A metric of a run, by the run's row. */
export interface Series {
  readonly run: number
  readonly key: string
}

/** A value's place among those of its metric. */
export interface PointPlace {
  readonly timestamp: number
  readonly step: number
  /** As the database writes it. */
  readonly value: string
}

export interface StepRange {
  readonly first: number
  readonly last: number
}

/** Reads what metrics were. No statement reads more than some tens of thousands of values, save for `sampled`. */
export interface HistoryStore {
  /** The rows of those runs that are there. */
  rows(projectId: string, runIds: readonly string[]): Promise<Map<string, number>>
  /** How many values each has, of later steps than `afterStep` where that is given. Those with none are left out. */
  totals(runs: readonly number[], keys: readonly string[], afterStep: number | undefined): Promise<SeriesTotal[]>
  /** By step, timestamp and value, each whole. */
  whole(series: readonly Series[], afterStep: number | undefined): Promise<SeriesPoints[]>
  /** The next values of one, by step, timestamp and value. */
  byStep(series: Series, after: PointPlace | undefined, from: number | undefined, limit: number): Promise<PointPage>
  /** The next values of one, by timestamp, step and value. */
  byTime(series: Series, after: PointPlace | undefined, limit: number): Promise<PointPage>
  /** Of all steps that the runs have in the range as many as `steps`, evenly chosen, with the first and last step of
   *  each run; then up to `most` values of each run at these steps, all sorted by step. */
  sampled(
    runs: readonly number[],
    key: string,
    steps: number,
    most: number,
    range: StepRange | undefined,
  ): Promise<RunPoint[]>
}

export type SeriesTotal = Series & { readonly total: number }
export type SeriesPoints = Series & { readonly points: readonly MetricPoint[] }
export interface PointPage {
  readonly points: readonly MetricPoint[]
  /** Undefined where these were the last. */
  readonly next: PointPlace | undefined
}
export interface RunPoint {
  readonly run: number
  readonly point: MetricPoint
}
