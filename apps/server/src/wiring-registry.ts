import type { Clock } from '@stead/chassis'
import type { Kysely } from 'kysely'
import type { Tables } from './database/tables.ts'
import type { ArtifactStore } from './domains/artifacts/artifacts.store.ts'
import type { Keeping } from './domains/artifacts/keeping.ts'
import type { Deployments } from './domains/deployments/deployments.ts'
import type { Events } from './domains/events/events.ts'
import type { Files } from './domains/files/files.ts'
import { sqlLoggedModelImportStore } from './domains/logged-models/logged-model-import.sql.ts'
import { createLoggedModelImport } from './domains/logged-models/logged-model-import.ts'
import { serveLoggedModels } from './domains/logged-models/logged-models.http.ts'
import { serveLoggedModelsToMlflow } from './domains/logged-models/logged-models.mlflow.ts'
import { sqlLoggedModelStore } from './domains/logged-models/logged-models.sql.ts'
import { sqlRootStore } from './domains/files/roots.sql.ts'
import { createLoggedModels } from './domains/logged-models/logged-models.ts'
import { sqlExperimentStore } from './domains/experiments/experiments.sql.ts'
import { runName } from './domains/runs/run-names.ts'
import type { Projects } from './domains/projects/projects.ts'
import { sqlCatalogStore } from './domains/registry/catalog.sql.ts'
import { createCatalog } from './domains/registry/catalog.ts'
import { sqlCurationStore } from './domains/registry/curation.sql.ts'
import { createCuration } from './domains/registry/curation.ts'
import { createGraphs } from './domains/registry/graphs.ts'
import { createRegistrations } from './domains/registry/registrations.ts'
import { serveRegistrations } from './domains/registry/registrations.http.ts'
import { serveRegistry } from './domains/registry/registry.http.ts'
import { serveRegistryToMlflow } from './domains/registry/registry.mlflow.ts'
import { sqlRegistryStore } from './domains/registry/registry.sql.ts'
import type { Registry } from './domains/registry/registry.ts'
import { sqlServingStore } from './domains/registry/serving.sql.ts'
import { createServing } from './domains/registry/serving.ts'
import { sqlSourceStore } from './domains/registry/sources.sql.ts'
import { createSources } from './domains/registry/sources.ts'
import { serveVersionsToMlflow } from './domains/registry/versions.mlflow.ts'
import type { Mount } from './http/mount.ts'
import type { MlflowMount } from './mlflow/mount.ts'

export interface RegistryWiringParts {
  readonly kysely: Kysely<Tables>
  readonly store: ArtifactStore
  readonly keeping: Keeping
  readonly mount: Mount
  readonly mlflow: MlflowMount
  readonly projects: Projects
  readonly publish: Events['publish']
  readonly clock: Clock
  readonly registry: Registry
  readonly deployments: Pick<Deployments, 'modelRenamed'>
  readonly files: Files
}

/** The one registry: over the native API, and over MLflow's protocol, which calls the same. */
export function wireRegistry(parts: RegistryWiringParts): void {
  const { kysely, store, keeping, mount, mlflow, projects, publish, clock, registry, deployments, files } = parts
  const curation = createCuration({
    store: sqlCurationStore(kysely),
    registry,
    projects,
    publish,
    onRenamed: deployments.modelRenamed,
  })
  const catalog = createCatalog(sqlCatalogStore(kysely), projects)
  const sources = createSources({ store: sqlSourceStore(kysely), tree: files, open: store.open, registry })
  const registrations = createRegistrations({ store: sqlRegistryStore(kysely), sources, projects, keeping, publish })
  const loggedModels = createLoggedModels({
    store: sqlLoggedModelStore(kysely),
    projects,
    clock,
    experiments: sqlExperimentStore(kysely),
    nameOf: () => runName(Math.random),
  })
  const serving = createServing(sqlServingStore(kysely), projects)
  serveRegistry(mount, registry, curation, serving, createGraphs(registry, store))
  const roots = sqlRootStore(kysely)
  serveRegistrations(
    mount,
    registrations,
    catalog,
    async (project, run) => (await roots.ofRun(await projects.idOf(project), run)) !== undefined,
  )
  serveRegistryToMlflow({ mlflow, registry, curation, catalog })
  serveVersionsToMlflow({ mlflow, registry, registrations, curation, catalog })
  serveLoggedModels(
    mount,
    loggedModels,
    createLoggedModelImport({
      store: sqlLoggedModelImportStore(kysely),
      projects,
      experiments: sqlExperimentStore(kysely),
      loggedModels,
    }),
  )
  serveLoggedModelsToMlflow(mlflow, loggedModels)
}
