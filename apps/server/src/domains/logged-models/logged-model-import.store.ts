import type { LoggedModelMetric, LoggedModelStatus } from '@stead/contracts'
import type { NewLoggedModel } from './logged-models.store.ts'

/** A logged model as another server tells of it. */
export interface ImportedLoggedModel extends NewLoggedModel {
  readonly status: LoggedModelStatus
  readonly statusMessage: string
  readonly updatedAt: number
  readonly metrics: readonly LoggedModelMetric[]
}

/** Writes it in one transaction with the record of it; over the one of that id, if the project has it. */
export interface LoggedModelImportStore {
  take(
    projectId: string,
    model: ImportedLoggedModel,
  ): Promise<'taken' | 'no experiment' | 'deleted experiment' | 'elsewhere'>
}
