import type { Event, ProjectName } from '@stead/contracts'
import type { ChangedRun } from './batches.ts'
import { noRun } from './judging.ts'

/** A run that is gone but for its metrics and files. */
export interface Remains {
  readonly row: number
  readonly projectId: string
  readonly artifactUri: string
}

/** Removes runs for good. `detach` is what counts: in one transaction the runs, with all that searches look at, are gone,
 *  and what remains of them is noted, so that it is removed even after a crash. */
export interface PurgeStore {
  /** All of them or, where one is not there, none. */
  detach(
    projectId: string,
    runIds: readonly string[],
    actor: string,
  ): Promise<{ changed: readonly ChangedRun[]; remains: readonly Remains[]; event: Event } | { absent: string }>
  /** Some of the runs of an experiment; none once there are none. Told by the experiment's own event. */
  detachSome(experiment: number): Promise<readonly Remains[]>
  /** What earlier servers left. */
  remains(): Promise<readonly Remains[]>
  /** Some of its metrics at a time; false once there are none. */
  removeMetrics(row: number): Promise<boolean>
  forget(row: number): Promise<void>
  /** The artifact locations of the models that were removed. */
  removeModels(experiment: number): Promise<readonly string[]>
}

export interface Purging {
  purgeRuns(project: ProjectName, runIds: readonly string[], actor: string): Promise<number>
  /** All runs and logged models of a deleted experiment. */
  purgeContents(projectId: string, experiment: number): Promise<void>
  /** Goes on where an earlier server was ended. */
  resume(): Promise<void>
}

export interface PurgingParts {
  readonly store: PurgeStore
  readonly projectId: (project: ProjectName) => Promise<string>
  /** Removes what is below an artifact URI; one that is not of this server is passed over. */
  readonly removeFiles: (projectId: string, uri: string) => Promise<void>
  readonly onChanged: (changed: ChangedRun) => void
  readonly publish: (event: Event) => void
}

export function createPurging({ store, projectId, removeFiles, onChanged, publish }: PurgingParts): Purging {
  async function sweep(all: readonly Remains[]): Promise<void> {
    for (const { row, projectId: id, artifactUri } of all) {
      while (await store.removeMetrics(row));
      await removeFiles(id, artifactUri)
      await store.forget(row)
    }
  }
  return {
    async purgeRuns(project, runIds, actor) {
      const outcome = await store.detach(await projectId(project), runIds, actor)
      if ('absent' in outcome) throw noRun(outcome.absent)
      publish(outcome.event)
      for (const changed of outcome.changed) onChanged(changed)
      await sweep(outcome.remains)
      return outcome.remains.length
    },
    async purgeContents(id, experiment) {
      for (;;) {
        const some = await store.detachSome(experiment)
        if (some.length === 0) break
        await sweep(some)
      }
      for (const uri of await store.removeModels(experiment)) await removeFiles(id, uri)
    },
    async resume() {
      await sweep(await store.remains())
    },
  }
}
