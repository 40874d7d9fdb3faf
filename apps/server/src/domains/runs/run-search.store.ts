import type { Field, Filter, Order } from '../filters/filter.ts'
import type { Place } from '../filters/page-token.ts'

/** Which runs are meant. */
export interface RunsWanted {
  /** Numbers of experiments in the project; those that are not there have no runs. */
  readonly experiments: readonly number[]
  readonly filter: Filter | undefined
  readonly lifecycle: 'active' | 'deleted' | 'all'
}

export interface RunPageWanted extends RunsWanted {
  /** After these, the latest start comes first, then the least run id. */
  readonly order: readonly Order[]
  readonly limit: number
  /** The page begins after this, which an earlier page has told. */
  readonly after: Place | undefined
}

/** Row numbers of runs, by which their documents are read. */
export interface RunRows {
  readonly rows: readonly number[]
  /** Undefined on the last page. */
  readonly next: Place | undefined
}

/** Which of its metrics, params and tags the document of a run holds. */
export type RunColumns =
  | 'none'
  | 'all'
  | { readonly metrics: readonly string[]; readonly params: readonly string[]; readonly tags: readonly string[] }

export interface RunDocument {
  /** The JSON text of a Run on MLflow's wire. */
  readonly text: string
  /** The run that it is a part of, of which the wire tells only by a tag. */
  readonly parent: string | null
}

export interface RunGroupsWanted extends RunsWanted {
  /** Params, tags and attributes. */
  readonly by: readonly Field[]
  /** Keys of the metrics to be summed up. */
  readonly metrics: readonly string[]
  readonly limit: number
}

/** Of the finite latest values in a group. Null where there is none; the deviation is of the sample. */
export interface Aggregate {
  readonly count: number
  readonly mean: number | null
  readonly deviation: number | null
  readonly min: number | null
  readonly max: number | null
}

export interface RunGroup {
  /** In the order of `by`; null where the runs have no such key. */
  readonly values: readonly (string | null)[]
  readonly runs: number
  readonly metrics: Readonly<Record<string, Aggregate>>
}

export interface RunGroups {
  readonly groups: readonly RunGroup[]
  /** Of all groups. */
  readonly total: number
}

/** A key, and how many of the newest runs have it. */
export interface KeyCount {
  readonly key: string
  readonly runs: number
}

export type RunKeys = Readonly<Record<'metrics' | 'params' | 'tags', readonly KeyCount[]>>

export interface ValueCount {
  readonly value: string
  readonly runs: number
}

/** Reads runs. A page goes on from the sort values of the row before it: what is written in between neither repeats nor
 *  skips a run whose values stay. Nothing is locked, and a search through many runs takes many short statements, between
 *  which others have their turn. */
export interface RunSearchStore {
  page(projectId: string, wanted: RunPageWanted): Promise<RunRows>
  /** In the order given; a run that has been removed since is left out. */
  documents(rows: readonly number[], columns: RunColumns): Promise<RunDocument[]>
  count(projectId: string, wanted: RunsWanted): Promise<number>
  /** The largest groups first. */
  groups(projectId: string, wanted: RunGroupsWanted): Promise<RunGroups>
  /** The keys that most runs have come first; at most `limit` of each. Runs that are deleted count. */
  keys(projectId: string, experiments: readonly number[], limit: number): Promise<RunKeys>
  /** The most frequent values that hold a text, without case. */
  values(projectId: string, experiment: number, column: Field, search: string, limit: number): Promise<ValueCount[]>
}
