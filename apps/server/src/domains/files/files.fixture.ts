import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { createGuard, createLog, systemClock } from '@stead/chassis'
import { sql } from 'kysely'
import type { Database } from '../../database/database.ts'
import { createApp } from '../../http/app.ts'
import { createDoor } from '../../http/door.ts'
import { sqlIdempotencyStore } from '../../http/idempotency.sql.ts'
import { createIdempotency } from '../../http/idempotency.ts'
import { createMount } from '../../http/mount.ts'
import { createMlflowMount } from '../../mlflow/mount.ts'
import { wireFiles, type WiredFiles } from '../../wiring-files.ts'
import { createGate } from '../access/gate.ts'
import { sqlGateStore } from '../access/gate.sql.ts'
import { openFileArtifacts } from '../artifacts/artifacts.files.ts'
import type { ArtifactStore } from '../artifacts/artifacts.store.ts'
import { createKeeping, type Keeping } from '../artifacts/keeping.ts'
import { sqlProjectStore } from '../projects/projects.sql.ts'
import { createProjects } from '../projects/projects.ts'

/** The files of a server over a database and a store that are the test's, with real HTTP and nobody who owns it. */
export interface ServedFiles extends WiredFiles {
  readonly url: string
  readonly home: string
  readonly store: ArtifactStore
  readonly keeping: Keeping
  close(): Promise<void>
}

export async function serveFilesOn(
  { kysely }: Pick<Database, 'kysely'>,
  given?: ArtifactStore,
  now: () => Date = () => new Date(),
): Promise<ServedFiles> {
  const home = await mkdtemp(join(tmpdir(), 'stead-files-'))
  const store = given ?? (await openFileArtifacts({ home }))
  const projects = createProjects(sqlProjectStore(kysely), () => {})
  const app = createApp({
    guard: createGuard({ allowedHosts: [] }),
    log: createLog({ name: 'server', level: 'silent' }),
    maxBody: 1_000_000,
  })
  const clock = { ...systemClock, now }
  const gate = await createGate({ store: sqlGateStore(kysely), projects, clock: systemClock, joinSecret: undefined })
  const door = createDoor({ gate, projectId: projects.idOf, onDenied: () => {} })
  const keeping = createKeeping()
  const wired = wireFiles({
    config: { home, maxArtifact: 4 * 2 ** 30, publicUrl: undefined },
    kysely,
    store,
    keeping,
    mount: createMount(app, createIdempotency(sqlIdempotencyStore(kysely)), door),
    mlflow: createMlflowMount(app, door, 1_000_000),
    projects,
    clock,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    ...wired,
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    home,
    store,
    keeping,
    async close() {
      door.close()
      app.server.closeAllConnections()
      await app.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** A run, or a logged model, as far as its files know of it. */
export async function addRun({ kysely }: Pick<Database, 'kysely'>, run: string, uri?: string): Promise<void> {
  const experiment = await experimentOf(kysely)
  await sql`insert into runs (project_id, experiment_id, run_id, artifact_uri)
    values ('default', ${experiment}, ${run}, ${uri ?? `mlflow-artifacts:/1/${run}/artifacts`})`.execute(kysely)
}

export async function addLoggedModel({ kysely }: Pick<Database, 'kysely'>, model: string): Promise<void> {
  const experiment = await experimentOf(kysely)
  await sql`insert into logged_models (project_id, experiment_id, model_id, name, artifact_location, created_at, updated_at)
    values ('default', ${experiment}, ${model}, 'm', ${`mlflow-artifacts:/1/models/${model}/artifacts`}, 0, 0)`.execute(
    kysely,
  )
}

async function experimentOf(kysely: Database['kysely']): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into experiments (project_id, number, name, artifact_location) values ('default', 1, 'one', 'mlflow-artifacts:/1')
    on conflict (project_id, number) do update set name = excluded.name returning id`.execute(kysely)
  return rows[0]!.id
}
