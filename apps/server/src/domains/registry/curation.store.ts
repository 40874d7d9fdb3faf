import type { Event, ModelName, ModelStage, VersionNumber } from '@stead/contracts'

/** Tags to be set; those that are null are removed. */
export type TagChanges = Readonly<Record<string, string | null>>

export interface NewModel {
  readonly name: ModelName
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}

export interface ModelChange {
  readonly name?: ModelName | undefined
  readonly description?: string | undefined
  readonly tags?: TagChanges | undefined
}

export interface VersionChange {
  readonly description?: string | undefined
  readonly stage?: ModelStage | undefined
  /** Those that are in the stage are archived. */
  readonly archiveOthers?: boolean | undefined
  readonly tags?: TagChanges | undefined
}

/** What is said of models and versions. Each change is one transaction, with an event for each thing that is another;
 *  where nothing is, there is none. A new name is in the tables of all deployments, those of their past included, with
 *  the same commit. */
export interface CurationStore {
  addModel(projectId: string, model: NewModel, actor: string): Promise<Event | 'taken'>
  changeModel(
    projectId: string,
    model: ModelName,
    change: ModelChange,
    actor: string,
  ): Promise<Event[] | 'absent' | 'taken'>
  changeVersion(
    projectId: string,
    model: ModelName,
    version: VersionNumber,
    change: VersionChange,
    actor: string,
  ): Promise<Event[] | 'absent'>
}
