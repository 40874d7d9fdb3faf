import type { Filter } from '../filters/filter.ts'

/** What one counts: whole traces, their spans, or what was judged of them. */
export type StatisticsOf = 'traces' | 'spans' | 'assessments'

export type Aggregation =
  | { readonly by: 'count' | 'sum' | 'avg' | 'min' | 'max' }
  /** Between two values as far as it lies between them, from 0 to 1. */
  | { readonly by: 'percentile'; readonly at: number }

/** What must equal a text. Those of spans and assessments are about the rows that are counted. */
export interface StatisticsClause {
  readonly of:
    | 'status'
    | 'tag'
    | 'metadata'
    | 'span.name'
    | 'span.type'
    | 'span.status'
    | 'assessment.name'
    | 'assessment.type'
  readonly key?: string | undefined
  readonly value: string
}

export interface Statistics {
  readonly experiments: readonly number[]
  readonly of: StatisticsOf
  readonly metric: string
  readonly aggregations: readonly Aggregation[]
  readonly dimensions: readonly string[]
  readonly clauses: readonly StatisticsClause[]
  /** Milliseconds of a time bucket, which is the first dimension then. */
  readonly bucket: number | undefined
  /** When the traces began, in milliseconds; both ends belong to it. */
  readonly from: number | undefined
  readonly until: number | undefined
  readonly limit: number
}

/** One group, by the values of the dimensions; `bucket` is the beginning of its time. */
export interface StatisticsGroup {
  readonly bucket: number | undefined
  readonly dimensions: readonly string[]
  /** In the order of the aggregations; null where there was nothing to aggregate. */
  readonly values: readonly (number | null)[]
}

export interface Overlap {
  readonly total: number
  readonly first: number
  readonly second: number
  readonly both: number
}

export interface TraceStatisticsStore {
  /** Sorted by the bucket, then by the dimensions. Rows that lack the metric or a dimension are in no group. */
  groups(projectId: string, statistics: Statistics): Promise<StatisticsGroup[]>
  /** Of the traces that `within` holds for. Fails with `invalid_request` for a pattern that is none. */
  overlap(
    projectId: string,
    experiments: readonly number[],
    filters: {
      readonly within: Filter | undefined
      readonly first: Filter | undefined
      readonly second: Filter | undefined
    },
  ): Promise<Overlap>
}
