import type { ExperimentId, LoggedModel, LoggedModelId, LoggedModelStatus } from '@stead/contracts'
import type { Filter } from '../filters/filter.ts'

export interface NewLoggedModel {
  readonly id: LoggedModelId
  readonly experiment: ExperimentId
  readonly name: string
  readonly type: string
  readonly run: string | null
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: number
}

/** Values of the model, of these datasets if any are named. */
export interface DatasetWanted {
  readonly name: string
  readonly digest?: string | undefined
}

export interface LoggedModelOrder {
  readonly field: { readonly of: 'attribute' | 'metric'; readonly key: string }
  readonly descending: boolean
  /** Of a metric. */
  readonly dataset?: Partial<DatasetWanted> | undefined
}

export interface LoggedModelsWanted {
  /** None named: all of the project. */
  readonly experiments: readonly number[] | undefined
  readonly run: string | undefined
  readonly filter: Filter | undefined
  readonly datasets: readonly DatasetWanted[]
  readonly order: readonly LoggedModelOrder[]
  readonly limit: number
  /** Sort values of the last row of the page before. */
  readonly after: readonly string[] | undefined
}

/** Models as runs made them. Each change is one transaction. Deleted ones are kept until they are purged, and are found
 *  only by those who ask for them by id. Pages are told by the last row's own sort values. */
export interface LoggedModelStore {
  /** Where its files go is decided by its experiment. */
  add(projectId: string, model: NewLoggedModel): Promise<'added' | 'no experiment' | 'deleted experiment'>
  find(projectId: string, id: string): Promise<LoggedModel | undefined>
  search(
    projectId: string,
    wanted: LoggedModelsWanted,
  ): Promise<{ items: LoggedModel[]; next: readonly string[] | undefined }>
  /** False where there is no such model, as for the following. */
  setStatus(projectId: string, id: string, status: LoggedModelStatus, at: number): Promise<boolean>
  remove(projectId: string, id: string, at: number): Promise<boolean>
  /** Those that are null are removed; 'no tag' where one of them was not there, and nothing is changed then. */
  changeTags(
    projectId: string,
    id: string,
    changes: Readonly<Record<string, string | null>>,
  ): Promise<boolean | 'no tag'>
  /** A param keeps its first value: the one that would have another is told, and nothing is changed then. */
  addParams(
    projectId: string,
    id: string,
    params: Readonly<Record<string, string>>,
  ): Promise<boolean | { key: string; kept: string; given: string }>
}
