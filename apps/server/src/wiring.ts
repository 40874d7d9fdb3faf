import { HEARTBEAT_MS } from '@stead/contracts'
import { createGuard, type Clock, type Log, systemClock, type Telemetry } from '@stead/chassis'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { ServerConfig } from './config.ts'
import type { Database } from './database/database.ts'
import { serveArtifacts } from './domains/artifacts/artifacts.http.ts'
import { sqlArtifactOwners } from './domains/artifacts/artifacts.sql.ts'
import type { ArtifactStore } from './domains/artifacts/artifacts.store.ts'
import { createArtifacts } from './domains/artifacts/artifacts.ts'
import { serveDeployments } from './domains/deployments/deployments.http.ts'
import { sqlDeploymentStore } from './domains/deployments/deployments.sql.ts'
import { createDeployments } from './domains/deployments/deployments.ts'
import { createRollout } from './domains/deployments/rollout.ts'
import { serveEvents } from './domains/events/events.http.ts'
import { sqlEventStore } from './domains/events/events.sql.ts'
import { createEvents } from './domains/events/events.ts'
import { sqlGoldenStore } from './domains/golden/golden.sql.ts'
import { serveFigures } from './domains/figures/figures.http.ts'
import { sqlFigureStore } from './domains/figures/figures.sql.ts'
import { createFigures } from './domains/figures/figures.ts'
import { serveGolden } from './domains/golden/golden.http.ts'
import { createGolden } from './domains/golden/golden.ts'
import { serveArchives } from './domains/installation/archive.http.ts'
import { takeBackup } from './domains/installation/backup.sql.ts'
import { serveFrontPage } from './domains/installation/front-page.http.ts'
import { serveInstallation } from './domains/installation/installation.http.ts'
import { createInstallation } from './domains/installation/installation.ts'
import { createServerMetrics } from './domains/installation/metrics.http.ts'
import { describeApi } from './domains/installation/openapi.ts'
import { restoreBackup } from './domains/installation/restore.sql.ts'
import { serveProjects } from './domains/projects/projects.http.ts'
import { sqlProjectStore } from './domains/projects/projects.sql.ts'
import { createProjects } from './domains/projects/projects.ts'
import { serveRegistry } from './domains/registry/registry.http.ts'
import { sqlRegistryStore } from './domains/registry/registry.sql.ts'
import { createRegistry } from './domains/registry/registry.ts'
import { createDesired } from './domains/runners/desired.ts'
import { createPresence } from './domains/runners/presence.ts'
import { serveRunners } from './domains/runners/runners.http.ts'
import { sqlRunnerStore } from './domains/runners/runners.sql.ts'
import { createApp } from './http/app.ts'
import { sqlIdempotencyStore } from './http/idempotency.sql.ts'
import { createIdempotency } from './http/idempotency.ts'
import { createMount } from './http/mount.ts'
import { traceRequests } from './http/tracing.ts'

export interface WiringParts {
  readonly database: Database
  readonly store: ArtifactStore
  readonly log: Log
  readonly telemetry: Telemetry
  readonly clock?: Clock
}

export interface Wired {
  readonly app: FastifyInstance
  /** Ends what runs by itself. The database and the artifacts belong to whoever opened them. */
  close(): Promise<void>
}

/** Builds the server over an open, migrated database. Nothing else in it knows which adapters there are. */
export async function wire(
  config: ServerConfig,
  { database, store, log, telemetry, clock = systemClock }: WiringParts,
): Promise<Wired> {
  const { kysely } = database
  const idempotencyStore = sqlIdempotencyStore(kysely)
  const projects = createProjects(sqlProjectStore(kysely))
  const events = createEvents(sqlEventStore(kysely))
  const owners = sqlArtifactOwners(kysely)
  const registry = createRegistry(
    sqlRegistryStore(kysely),
    { open: store.open, sizeIn: owners.sizeIn },
    projects,
    events.announce,
  )
  const metrics = createServerMetrics()
  const desired = createDesired()
  const runnerStore = sqlRunnerStore(kysely)
  const membership = inOrder((error) => log.warn({ err: error }, 'the next server will not know of a runner'))
  const presence = createPresence({
    clock,
    expected: await runnerStore.list(),
    onReport(runner, report) {
      rollout.onReport(runner, report)
      golden.onReport(runner, report)
    },
    onMember: (runner, isMember) =>
      membership(() => (isMember ? runnerStore.remember(runner) : runnerStore.forget(runner))),
  })
  const rollout = createRollout(desired, presence, clock)
  const goldenStore = sqlGoldenStore(kysely)
  const deployments = createDeployments({
    store: sqlDeploymentStore(kysely),
    registry,
    projects,
    golden: goldenStore,
    desired,
    presence,
    rollout,
    clock,
    publish: events.publish,
  })
  const golden = createGolden({
    store: goldenStore,
    deployments,
    desired,
    presence,
    announce: events.announce,
    onDropped: (error) => log.warn({ err: error }, 'a recorded request was not kept'),
  })
  const figures = createFigures({ store: sqlFigureStore(kysely), deployments, desired, clock })
  const installation = createInstallation({
    database: database.kind,
    artifacts: placeOf(config),
    presence,
    deployments,
    ping: () => sql`select 1`.execute(kysely),
  })
  const onRestored = async () => {
    projects.forget()
    figures.forget()
    golden.forget()
    await deployments.load()
    // The archive names the runners of its own time; the next server must wait for those of now.
    for (const runner of presence.members()) await runnerStore.remember(runner)
    await events.announce({
      projectId: 'default',
      kind: 'installation.restored',
      subject: 'installation',
      actor: 'local',
    })
  }
  await deployments.load()

  const guard = createGuard({ allowedHosts: config.allowedHosts, ...(config.port === 0 ? {} : { port: config.port }) })
  const app = createApp({ guard, log, maxBody: config.maxBody })
  traceRequests(app, telemetry)
  const mount = createMount(app, createIdempotency(idempotencyStore))
  metrics.serve(app, { presence, databaseSize: () => database.size() })
  serveFrontPage(app)
  serveProjects(mount, projects)
  serveArtifacts(mount, createArtifacts(store, owners, projects, config.maxArtifact))
  serveRegistry(mount, registry)
  serveDeployments(mount, metrics.counting(deployments))
  serveGolden(mount, golden)
  serveFigures(mount, figures)
  serveEvents(mount, events, projects)
  serveRunners(mount, desired, presence, figures.take)
  serveInstallation(mount, installation, describeApi)
  const backups = {
    kysely,
    store,
    home: config.home,
    clock,
    onFailure: (error: unknown) => log.warn({ err: error }, 'a backup broke off'),
  }
  serveArchives(mount, {
    backup: () => takeBackup(backups),
    restore: (archive, replace) => restoreBackup({ kysely, store, home: config.home, onRestored }, archive, replace),
  })

  const ended = new AbortController()
  const running = [
    repeat(clock, HEARTBEAT_MS, ended.signal, async () => presence.forgetLapsed()),
    figures.run(ended.signal, (error) => log.warn({ err: error }, 'live figures could not be written')),
    repeat(clock, IDEMPOTENCY_SWEEP_MS, ended.signal, () =>
      idempotencyStore
        .forgetBefore(new Date(clock.now().getTime() - IDEMPOTENCY_KEPT_MS))
        .catch((error: unknown) => log.warn({ err: error }, 'old answers could not be forgotten')),
    ),
  ]
  return {
    app,
    async close() {
      ended.abort()
      await Promise.all(running)
    },
  }
}

/** A client that repeats itself does so within hours. */
const IDEMPOTENCY_KEPT_MS = 7 * 86_400_000
const IDEMPOTENCY_SWEEP_MS = 3_600_000

/** Runs each act after the one before it; a failed one is told and does not stop the others. */
function inOrder(onFailure: (error: unknown) => void): (act: () => Promise<void>) => void {
  let tail: Promise<void> = Promise.resolve()
  return (act) => void (tail = tail.then(act).catch(onFailure))
}

async function repeat(clock: Clock, everyMs: number, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await act()
    await clock.sleep(everyMs, signal).catch(() => {})
  }
}

function placeOf({ artifacts }: ServerConfig): string {
  return artifacts.kind === 's3' ? artifacts.url : artifacts.directory
}
