import type { Event, Run, RunInfo } from '@stead/contracts'
import type { ChangedRun } from './batches.ts'
import type { Outcome } from './groups.ts'
import type { KeyValue } from './limits.ts'

export interface NewRun {
  readonly projectId: string
  /** Its number. */
  readonly experiment: number
  readonly runId: string
  readonly name: string
  readonly user: string
  readonly startedAt: number
  readonly tags: readonly KeyValue[]
  readonly parent: string | null
  /** Taken over from another server: the audit log tells of it. */
  readonly isImported?: boolean
}

/** A run, and the rows of it and its experiment. */
export type KeptRun = RunInfo & { readonly row: number; readonly experimentRow: number }

export interface RunChange {
  readonly name?: string | undefined
  readonly status?: RunInfo['status'] | undefined
  readonly endedAt?: number | null | undefined
  /** Null removes a tag. */
  readonly tags: Readonly<Record<string, string | null>>
}

/** Which runs of a project; the order of what is told of them is that of the ids. */
export interface RunSet {
  readonly projectId: string
  readonly runIds: readonly string[]
}

/** Which of several is in the way of a change, and why: then nothing has changed. */
export type Obstacle =
  | { readonly absent: string }
  | { readonly deleted: string }
  | { readonly deletedExperiment: number }
export type Changed = { readonly changed: readonly ChangedRun[]; readonly event?: Event | undefined }

export interface DatasetInput {
  readonly name: string
  readonly digest: string
  readonly sourceType: string
  readonly source: string
  readonly schema: string | null
  readonly profile: string | null
  readonly tags: readonly KeyValue[]
}
export interface ModelUse {
  readonly model: string
  readonly direction: 'input' | 'output'
  readonly step: number
}

/** Runs as far as they are not logged into. A change of several is one transaction, all of it or nothing; runs are locked
 *  in the order of their rows, like everywhere. Of an event the caller tells after the commit. */
export interface RunStore {
  /** Several at once, of any experiments; each fails alone, with `experiment_not_found` or `invalid_request`. */
  create(runs: readonly NewRun[]): Promise<readonly Outcome<KeptRun>[]>
  find(projectId: string, runId: string): Promise<Run | undefined>
  info(projectId: string, runId: string): Promise<KeptRun | undefined>
  /** Active ones only. */
  change(runs: RunSet, change: RunChange): Promise<Changed | Obstacle>
  removeTag(run: RunSet, key: string): Promise<Changed | Obstacle | 'no tag'>
  /** Sets a tag to what `next` makes of its value. */
  revise(run: RunSet, key: string, next: (value: string | undefined) => string): Promise<Changed | Obstacle>
  /** Those that are in that state already stay as they are. Runs of a deleted experiment are not restored. */
  setLifecycle(runs: RunSet, lifecycle: RunInfo['lifecycle'], actor: string): Promise<Changed | Obstacle>
  /** With all their children, and the logged models that they made. */
  move(runs: RunSet, experiment: number, actor: string): Promise<(Changed & { moved: number }) | Obstacle | 'no target'>
  /** Adds to what is there; a dataset that the run has already keeps its tags. */
  addInputs(run: RunSet, datasets: readonly DatasetInput[], models: readonly ModelUse[]): Promise<Changed | Obstacle>
}
