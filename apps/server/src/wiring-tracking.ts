import { randomUUID } from 'node:crypto'
import type { Clock, Log } from '@stead/chassis'
import { FilePath } from '@stead/contracts'
import type { Kysely } from 'kysely'
import type { Tables } from './database/tables.ts'
import type { WatchRuns } from './domains/events/events.http.ts'
import type { Events } from './domains/events/events.ts'
import { sqlExperimentSearchStore } from './domains/experiments/experiment-search.sql.ts'
import { createExperimentSearch } from './domains/experiments/experiment-search.ts'
import { serveExperiments } from './domains/experiments/experiments.http.ts'
import { serveExperimentSearchToMlflow, serveExperimentsToMlflow } from './domains/experiments/experiments.mlflow.ts'
import { sqlExperimentStore } from './domains/experiments/experiments.sql.ts'
import { createExperiments, type Experiments, type ExperimentsParts } from './domains/experiments/experiments.ts'
import { sqlFileStore } from './domains/files/files.sql.ts'
import { folderAt } from './domains/files/roots.ts'
import { serveHistories } from './domains/metrics/histories.http.ts'
import { serveHistoriesToMlflow } from './domains/metrics/histories.mlflow.ts'
import { sqlHistoryStore } from './domains/metrics/histories.sql.ts'
import { createHistories } from './domains/metrics/histories.ts'
import type { Projects } from './domains/projects/projects.ts'
import { sqlBatchStore } from './domains/runs/batches.sql.ts'
import { createBatches } from './domains/runs/batches.ts'
import { sqlForkStore } from './domains/runs/forking.sql.ts'
import { serveLoggingToMlflow } from './domains/runs/logging.mlflow.ts'
import { sqlPurgeStore } from './domains/runs/purging.sql.ts'
import { createPurging } from './domains/runs/purging.ts'
import { createRunChanges } from './domains/runs/run-changes.ts'
import { sqlRunSearchStore } from './domains/runs/run-search.sql.ts'
import { createRunSearch } from './domains/runs/run-search.ts'
import { serveRunImport } from './domains/runs/run-import.http.ts'
import { sqlRunImportStore } from './domains/runs/run-import.sql.ts'
import { createRunImport } from './domains/runs/run-import.ts'
import { serveRuns, serveRunSearch } from './domains/runs/runs.http.ts'
import { serveRunSearchToMlflow, serveRunsToMlflow } from './domains/runs/runs.mlflow.ts'
import { sqlRunStore } from './domains/runs/runs.sql.ts'
import { createRuns } from './domains/runs/runs.ts'
import type { Mount } from './http/mount.ts'
import type { MlflowMount } from './mlflow/mount.ts'

export interface TrackingParts {
  readonly kysely: Kysely<Tables>
  readonly mount: Mount
  readonly mlflow: MlflowMount
  readonly projects: Projects
  readonly removeTraces: ExperimentsParts['removeTraces']
  readonly publish: Events['publish']
  readonly clock: Clock
  readonly log: Log
}

export interface Tracking {
  readonly experiments: Experiments
  readonly watchRuns: WatchRuns
  /** Drops what is remembered, after a restore. */
  forget(): void
  /** Removes what an earlier server was removing when it ended. */
  resume(): Promise<void>
}

/** Experiments, runs and what they log: over the native API, and over MLflow's protocol, which calls the same. */
export function serveTracking({
  kysely,
  mount,
  mlflow,
  projects,
  removeTraces,
  publish,
  clock,
  log,
}: TrackingParts): Tracking {
  const changes = createRunChanges(clock)
  const experimentStore = sqlExperimentStore(kysely)
  const { removeFiles, copyFiles } = treesOf(kysely)
  const projectId: typeof experiments.projectId = (project) => experiments.projectId(project)
  const purging = createPurging({
    store: sqlPurgeStore(kysely),
    projectId,
    removeFiles,
    onChanged: changes.touch,
    publish,
  })
  const experiments = createExperiments({
    store: experimentStore,
    projects,
    removeTraces,
    purgeContents: (id, { row }) => purging.purgeContents(id, row),
    onChanged: ({ row }) => changes.touchAll(row),
    publish,
  })
  const runStore = sqlRunStore(kysely)
  const runs = createRuns({
    store: runStore,
    forks: sqlForkStore(kysely),
    logBatch: createBatches(sqlBatchStore(kysely), changes.touch),
    projectId,
    copyFiles,
    clock,
    dice: Math.random,
    newId: () => randomUUID().replaceAll('-', ''),
    onChanged: changes.touch,
    publish,
  })
  const search = createRunSearch(sqlRunSearchStore(kysely))
  const histories = createHistories(sqlHistoryStore(kysely), projectId)

  const experimentSearch = createExperimentSearch(sqlExperimentSearchStore(kysely))
  serveExperiments(mount, experiments, experimentSearch)
  serveRuns(mount, runs, purging)
  const owners = sqlRunImportStore(kysely)
  serveRunImport(mount, createRunImport({ store: runStore, owners, runs, projectId }), runs)
  serveRunSearch(mount, { search, projectId, mustBe: experiments.get })
  serveHistories(mount, histories)
  serveExperimentsToMlflow(mlflow, experiments)
  serveExperimentSearchToMlflow(mlflow, experimentSearch, projectId)
  serveRunsToMlflow(mlflow, runs)
  serveLoggingToMlflow(mlflow, runs)
  serveRunSearchToMlflow(mlflow, search, projectId)
  serveHistoriesToMlflow(mlflow, histories)

  return {
    experiments,
    async watchRuns(project, numbers, tell, signal) {
      const rows = await experimentStore.rows(await projectId(project), numbers)
      changes.watch(new Map([...rows].map(([number, row]) => [row, number])), tell, signal)
    },
    forget: () => experiments.forget(),
    resume: () =>
      purging.resume().catch((error: unknown) => log.warn({ err: error }, 'what was purged could not all be removed')),
  }
}

/** The files of runs, by the URIs that runs have for them. Those that are kept elsewhere are not this server's to touch. */
function treesOf(kysely: Kysely<Tables>) {
  const files = sqlFileStore(kysely)
  const isOurs = (uri: string) => uri.startsWith('mlflow-artifacts:')
  return {
    async removeFiles(projectId: string, uri: string): Promise<void> {
      if (isOurs(uri)) await files.remove(projectId, FilePath.parse(folderAt(uri)))
    },
    async copyFiles(projectId: string, fromUri: string, toUri: string): Promise<void> {
      if (isOurs(fromUri)) await files.copy(projectId, folderAt(fromUri), folderAt(toUri))
    },
  }
}
