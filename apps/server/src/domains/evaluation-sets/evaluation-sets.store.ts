import type { Filter, Order } from '../filters/filter.ts'
import type { Place } from '../filters/page-token.ts'

/** What an evaluation reads: records of inputs, with what is expected of them. MLflow calls it a dataset. */
export interface EvaluationSet {
  readonly id: string
  readonly name: string
  readonly digest: string
  readonly tags: Readonly<Record<string, unknown>>
  readonly schema: Schema | null
  readonly records: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly createdBy: string | null
  readonly updatedBy: string | null
  /** Numbers of the experiments that it belongs to. */
  readonly experiments: readonly number[]
}

type Kinds = Readonly<Record<string, string>>
/** The kinds of the fields that records have had. Outputs may be one value that is no object. */
export interface Schema {
  readonly inputs: Kinds
  readonly outputs: Kinds | string
  readonly expectations: Kinds
  readonly version: string
}

export interface GivenRecord {
  readonly inputs: Readonly<Record<string, unknown>>
  readonly outputs?: unknown
  readonly expectations?: Readonly<Record<string, unknown>> | null | undefined
  readonly tags?: Readonly<Record<string, unknown>> | null | undefined
  readonly source?:
    | { readonly source_type: string; readonly source_data?: Readonly<Record<string, unknown>> | undefined }
    | null
    | undefined
}

export interface KeptRecord extends GivenRecord {
  readonly id: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly createdBy: string | null
  readonly updatedBy: string | null
}

export interface SetPage {
  /** Of any of them; all where none is named. */
  readonly experiments: readonly number[]
  readonly filter: Filter | undefined
  readonly order: Order
  readonly after: Place | undefined
  readonly limit: number
}

/** Sets by project. Every change is one transaction; two of one set follow one another. */
export interface EvaluationSetStore {
  create(projectId: string, set: Omit<EvaluationSet, 'records' | 'schema'>): Promise<void>
  find(projectId: string, id: string): Promise<EvaluationSet | undefined>
  page(projectId: string, page: SetPage): Promise<{ sets: EvaluationSet[]; next: Place | undefined }>
  /** Also where there is none. */
  remove(projectId: string, id: string): Promise<void>
  /** `next` is given the tags that are there. */
  changeTags(
    projectId: string,
    id: string,
    change: { readonly digest: string; readonly at: number; readonly by: string | null },
    next: (before: EvaluationSet['tags']) => EvaluationSet['tags'],
  ): Promise<'done' | 'gone'>
  changeExperiments(
    projectId: string,
    id: string,
    numbers: readonly number[],
    change: 'add' | 'remove',
  ): Promise<'done' | 'gone'>
  /** A record with the same inputs becomes what `merge` makes of the two. */
  putRecords(
    projectId: string,
    id: string,
    records: readonly { readonly hash: string; readonly record: KeptRecord }[],
    change: {
      readonly digest: string
      readonly at: number
      readonly by: string | null
      merge(before: KeptRecord, given: KeptRecord): KeptRecord
      schema(before: Schema | null): Schema | null
    },
  ): Promise<{ readonly inserted: number; readonly updated: number } | 'gone'>
  /** In the order in which they came. */
  records(
    projectId: string,
    id: string,
    page: { readonly after: { readonly createdAt: number; readonly id: string } | undefined; readonly limit: number },
  ): Promise<KeptRecord[] | 'gone'>
  removeRecords(projectId: string, id: string, ids: readonly string[]): Promise<number | 'gone'>
}
