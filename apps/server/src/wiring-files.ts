import type { Clock } from '@stead/chassis'
import type { Kysely } from 'kysely'
import type { ServerConfig } from './config.ts'
import type { Tables } from './database/tables.ts'
import type { ArtifactStore } from './domains/artifacts/artifacts.store.ts'
import { sqlGarbageStore } from './domains/artifacts/garbage.sql.ts'
import { serveGarbage } from './domains/artifacts/garbage.http.ts'
import { createGarbage, type Garbage } from './domains/artifacts/garbage.ts'
import type { Keeping } from './domains/artifacts/keeping.ts'
import { serveFiles } from './domains/files/files.http.ts'
import { serveFilesMlflow } from './domains/files/files.mlflow.ts'
import { sqlFileStore } from './domains/files/files.sql.ts'
import type { FileStore } from './domains/files/files.store.ts'
import { createFiles, type Files } from './domains/files/files.ts'
import { fileMultiparts } from './domains/files/multiparts.files.ts'
import { createMultiparts, type Multiparts } from './domains/files/multiparts.ts'
import { serveProxy } from './domains/files/proxy.mlflow.ts'
import { sqlRootStore } from './domains/files/roots.sql.ts'
import { createRoots, type Roots } from './domains/files/roots.ts'
import type { Projects } from './domains/projects/projects.ts'
import type { Mount } from './http/mount.ts'
import type { MlflowMount } from './mlflow/mount.ts'

export interface FilesWiringParts {
  readonly config: Pick<ServerConfig, 'home' | 'maxArtifact' | 'publicUrl'>
  readonly kysely: Kysely<Tables>
  readonly store: ArtifactStore
  readonly keeping: Keeping
  readonly mount: Mount
  readonly mlflow: MlflowMount
  readonly projects: Projects
  readonly clock: Clock
  /** What else the trees of projects show, beside the files that they have. */
  readonly shows?: (rows: FileStore) => FileStore
}

export interface WiredFiles {
  readonly files: Files
  readonly roots: Roots
  readonly multiparts: Multiparts
  readonly garbage: Garbage
}

/** The trees of files of projects, over the native API and over MLflow's protocol, and what removes their bytes. */
export function wireFiles(parts: FilesWiringParts): WiredFiles {
  const { config, kysely, store, keeping, mount, mlflow, projects, clock, shows = (rows) => rows } = parts
  const limit = config.maxArtifact
  const files = createFiles({ rows: shows(sqlFileStore(kysely)), store, keeping, projects, limit })
  const roots = createRoots(sqlRootStore(kysely), projects)
  const multiparts = createMultiparts({ store: fileMultiparts(config.home), files, projects, limit })
  serveFiles(mount, files, roots)
  serveFilesMlflow({ mlflow, files, roots, store })
  serveProxy({ mlflow, files, multiparts, publicUrl: config.publicUrl })
  const garbage = createGarbage({ rows: sqlGarbageStore(kysely), store, keeping, clock })
  serveGarbage(mount, garbage, projects)
  return { files, roots, multiparts, garbage }
}
