import type { Event, Experiment, ExperimentSummary, View } from '@stead/contracts'

/** An experiment, and the row that its runs name it by. */
export type KeptExperiment = Experiment & { readonly row: number }

export interface NewExperiment {
  readonly name: string
  /** `mlflow-artifacts:/<number>` where nothing is said. */
  readonly artifactLocation?: string | undefined
  readonly tags: Readonly<Record<string, string>>
}

export interface ExperimentChange {
  readonly name?: string | undefined
  /** Null removes a tag. */
  readonly tags: Readonly<Record<string, string | null>>
}

export type ExperimentKey = { readonly number: number } | { readonly name: string }

/** Of a run's dataset as searches for datasets list it. */
export interface DatasetSummary {
  readonly experiment: number
  readonly name: string
  readonly digest: string
  readonly context: string | null
}

/** Experiments and what belongs to them. Numbers are counted per project from 1 and never given twice; 0 is `Default`.
 *  Names are taken by deleted experiments as well. A change is written with its event; deleting one deletes all its
 *  runs, restoring restores all of them, each in one transaction. */
export interface ExperimentStore {
  /** Makes experiment 0 where it is not there. */
  ensureDefault(projectId: string): Promise<void>
  find(projectId: string, key: ExperimentKey): Promise<KeptExperiment | undefined>
  summary(projectId: string, number: number): Promise<ExperimentSummary | undefined>
  /** The rows behind the numbers that are there. */
  rows(projectId: string, numbers: readonly number[]): Promise<Map<number, number>>
  create(
    projectId: string,
    experiment: NewExperiment,
    actor: string,
  ): Promise<{ experiment: KeptExperiment; event: Event } | 'taken'>
  /** Nothing is written of one that is deleted. The event tells of a new name. */
  change(
    projectId: string,
    number: number,
    change: ExperimentChange,
    actor: string,
  ): Promise<{ event: Event | undefined } | 'absent' | 'deleted' | 'taken'>
  /** 'absent' for one that is in that state already, too. */
  setLifecycle(
    projectId: string,
    number: number,
    lifecycle: Experiment['lifecycle'],
    actor: string,
  ): Promise<Event | 'absent'>
  /** Removes a deleted experiment that has no runs left, with all that belongs to it; its name is free. */
  remove(projectId: string, number: number, actor: string): Promise<Event | 'absent'>
  /** False where there was no such tag. */
  removeTag(projectId: string, number: number, key: string): Promise<boolean | 'absent' | 'deleted'>
  datasets(projectId: string, numbers: readonly number[], limit: number): Promise<DatasetSummary[]>
  views(experiment: number): Promise<View[]>
  /** Undefined where there are `most` of them already. */
  putView(experiment: KeptExperiment, projectId: string, view: NewView, most: number): Promise<View | undefined>
  removeView(experiment: number, name: string): Promise<boolean>
}
export type NewView = Pick<View, 'name' | 'document'>
