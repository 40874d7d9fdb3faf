import { type Event, HEARTBEAT_MS, type ProjectName } from '@stead/contracts'
import { createGuard, type Clock, type Log, systemClock, type Telemetry } from '@stead/chassis'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { ServerConfig } from './config.ts'
import type { Database } from './database/database.ts'
import { freeBytes } from './domains/artifacts/artifacts.files.ts'
import { createGate } from './domains/access/gate.ts'
import { sqlGateStore } from './domains/access/gate.sql.ts'
import { serveArtifacts } from './domains/artifacts/artifacts.http.ts'
import { sqlArtifactOwners } from './domains/artifacts/artifacts.sql.ts'
import type { ArtifactStore } from './domains/artifacts/artifacts.store.ts'
import { createArtifacts } from './domains/artifacts/artifacts.ts'
import { createKeeping } from './domains/artifacts/keeping.ts'
import { openAuditKey } from './domains/audit/audit-key.files.ts'
import { sqlAuditStore } from './domains/audit/audit-rows.sql.ts'
import { serveAudit } from './domains/audit/audit.http.ts'
import { createAudit } from './domains/audit/audit.ts'
import { openCheckpoints } from './domains/audit/checkpoints.files.ts'
import { createAdmissions } from './domains/consumers/admission.ts'
import { serveConsumers } from './domains/consumers/consumers.http.ts'
import { sqlConsumerStore } from './domains/consumers/consumers.sql.ts'
import { createConsumers } from './domains/consumers/consumers.ts'
import { sqlUsageStore } from './domains/consumers/usage.sql.ts'
import { createUsage } from './domains/consumers/usage.ts'
import { serveDeployments } from './domains/deployments/deployments.http.ts'
import { sqlDeploymentStore } from './domains/deployments/deployments.sql.ts'
import { createDeployments } from './domains/deployments/deployments.ts'
import { createWatching } from './domains/deployments/watching.ts'
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

import { serveInstallation } from './domains/installation/installation.http.ts'
import { serveServerToMlflow } from './domains/installation/installation.mlflow.ts'
import { type ArtifactPlace, createInstallation } from './domains/installation/installation.ts'
import { createServerMetrics } from './domains/installation/metrics.http.ts'
import { describeApi } from './domains/installation/openapi.ts'
import { restoreBackup } from './domains/installation/restore.sql.ts'
import { serveProjects } from './domains/projects/projects.http.ts'
import { serveWorkspaces } from './domains/projects/projects.mlflow.ts'
import { sqlProjectStore } from './domains/projects/projects.sql.ts'
import { createProjects } from './domains/projects/projects.ts'
import { sqlRegistryStore } from './domains/registry/registry.sql.ts'
import { createRegistry } from './domains/registry/registry.ts'
import { withVersions } from './domains/registry/version-tree.ts'
import { createDesired } from './domains/runners/desired.ts'
import { createPasswords } from './domains/runners/passwords.ts'
import { createPresence } from './domains/runners/presence.ts'
import { serveRunners } from './domains/runners/runners.http.ts'
import { sqlRunnerStore } from './domains/runners/runners.sql.ts'
import { serveSearch } from './domains/search/search.http.ts'
import { sqlSearchStore } from './domains/search/search.sql.ts'
import { createSearch } from './domains/search/search.ts'
import { askByFetch } from './domains/trials/ask-runner.ts'
import { serveTrials } from './domains/trials/trials.http.ts'
import { createTrials } from './domains/trials/trials.ts'
import type { FileStore } from './domains/files/files.store.ts'
import { fileUploads } from './domains/uploads/uploads.files.ts'
import { serveUploads } from './domains/uploads/uploads.http.ts'
import { createUploads } from './domains/uploads/uploads.ts'
import { closeApp, createApp, type Tls } from './http/app.ts'
import { BUILT_CONSOLE, serveConsole } from './http/console.ts'
import { sqlIdempotencyStore } from './http/idempotency.sql.ts'
import { createIdempotency } from './http/idempotency.ts'
import { createDoor } from './http/door.ts'
import { endEventStreams } from './http/event-stream.ts'
import { createMount } from './http/mount.ts'
import { traceRequests } from './http/tracing.ts'
import { createMlflowMount, type MlflowRoute } from './mlflow/mount.ts'
import { serveAccess } from './wiring-access.ts'
import { wireFiles } from './wiring-files.ts'
import { wireRegistry } from './wiring-registry.ts'
import { serveTraces } from './wiring-traces.ts'
import { serveTracking } from './wiring-tracking.ts'
import { serveWebhooks } from './wiring-webhooks.ts'

export interface WiringParts {
  readonly database: Database
  readonly store: ArtifactStore
  readonly log: Log
  readonly telemetry: Telemetry
  readonly clock?: Clock
  readonly tls?: Tls | undefined
}

export interface Wired {
  readonly app: FastifyInstance
  /** Every route of MLflow's protocol that is served. */
  readonly mlflowRoutes: readonly MlflowRoute[]
  /** Stops accepting, ends the event streams, and cuts what is still under way after so many milliseconds. */
  endRequests(patience: number): Promise<void>
  /** Ends what runs by itself. The database and the artifacts belong to whoever opened them. */
  close(): Promise<void>
}

/** Builds the server over an open, migrated database. Nothing else in it knows which adapters there are. */
export async function wire(
  config: ServerConfig,
  { database, store, log, telemetry, clock = systemClock, tls }: WiringParts,
): Promise<Wired> {
  const { kysely } = database
  const idempotencyStore = sqlIdempotencyStore(kysely)
  const events = createEvents(sqlEventStore(kysely))
  const audit = createAudit({
    store: sqlAuditStore(kysely),
    checkpoints: await openCheckpoints(config.home, await openAuditKey(config.home, config.auditKey)),
    clock,
    onBroken: (chain, flaw) => log.error({ chain, ...flaw }, 'the audit log was tampered with'),
    onFailure: (error) => log.error({ err: error }, 'the audit log could not be written or signed'),
  })
  const projects = createProjects(sqlProjectStore(kysely), events.publish)
  const owners = sqlArtifactOwners(kysely)
  const registry = createRegistry(
    sqlRegistryStore(kysely),
    { open: store.open, sizeIn: owners.sizeIn },
    projects,
    events.publish,
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
    onChanged: (name) => watching.touch(name),
  })
  const watching = createWatching({ deployments, presence, clock })
  const golden = createGolden({
    store: goldenStore,
    deployments,
    desired,
    presence,
    publish: events.publish,
    onDropped: (error) => log.warn({ err: error }, 'a recorded request was not kept'),
  })
  const figures = createFigures({ store: sqlFigureStore(kysely), deployments, projects, desired, clock })
  const consumerStore = sqlConsumerStore(kysely)
  const usage = createUsage({ store: sqlUsageStore(kysely), ownerOf: (key) => admissions.ownerOf(key), clock })
  const admissions = createAdmissions({
    store: consumerStore,
    usage,
    desired,
    isOpen: () => gate.isOpen(),
    clock,
    onFailure: (error) => log.warn({ err: error }, 'who may call runners could not be read'),
  })
  const consumers = createConsumers({
    store: consumerStore,
    usage,
    projects,
    admissions,
    clock,
    publish: events.publish,
  })
  const passwords = createPasswords()
  const keeping = createKeeping()
  const artifacts = createArtifacts(store, owners, projects, config.maxArtifact, keeping)
  const uploads = createUploads({
    store: fileUploads(config.home),
    artifacts,
    owners,
    projects,
    limit: config.maxArtifact,
  })
  const installation = createInstallation({
    database,
    artifacts: placeOf(config),
    owners,
    uploads,
    presence,
    deployments,
    clock,
    ping: () => sql`select 1`.execute(kysely),
  })
  const onRestored = async (event: Event) => {
    projects.forget()
    tracking.forget()
    figures.forget()
    golden.forget()
    await usage.load()
    await deployments.load()
    await admissions.refresh()
    // The archive names the runners of its own time; the next server must wait for those of now.
    for (const runner of presence.members()) await runnerStore.remember(runner)
    events.publish(event)
  }
  await usage.load()
  await deployments.load()

  const guard = createGuard({ allowedHosts: config.allowedHosts, ...(config.port === 0 ? {} : { port: config.port }) })
  const app = createApp({ guard, log, maxBody: config.maxBody, tls })
  traceRequests(app, telemetry)
  const gate = await createGate({ store: sqlGateStore(kysely), projects, clock, joinSecret: config.joinSecret })
  await admissions.refresh()
  // Runners hear of it before the answer is sent, as of every change of keys.
  const forget = async () => {
    await gate.forget()
    await admissions.refresh()
  }
  const door = createDoor({ gate: { ...gate, forget }, projectId: projects.idOf, onDenied: audit.denied })
  const mount = createMount(app, createIdempotency(idempotencyStore), door)
  metrics.serve(app, { presence, databaseSize: () => database.size() }, door)
  serveConsole(app, BUILT_CONSOLE)
  serveProjects(mount, projects)
  serveAccess({ config, kysely, mount, gate, projects, publish: events.publish, clock, log, onRefused: audit.denied })
  const mlflow = createMlflowMount(app, door, config.maxBody)
  const shows = (rows: FileStore) => withVersions(rows, sqlRegistryStore(kysely))
  const filesOver = { config, kysely, store, keeping, mount, mlflow, projects, clock, shows }
  const { files, multiparts } = wireFiles(filesOver)
  const removeTraces = async (project: ProjectName, number: number) =>
    void (await traces.remove(project, number, { until: Number.MAX_SAFE_INTEGER, most: Infinity }))
  const tracked = { kysely, mount, mlflow, projects, removeTraces, publish: events.publish, clock, log }
  const tracking = serveTracking(tracked)
  const { experiments } = tracking
  const traces = serveTraces({ kysely, mount, mlflow, projects, experiments, files, maxBody: config.maxBody, clock })
  serveWorkspaces(mlflow, projects)
  serveServerToMlflow(mlflow)
  const webhooks = await serveWebhooks({ config, kysely, mount, mlflow, projects, publish: events.publish, clock, log })
  serveArtifacts(mount, artifacts)
  serveUploads(mount, uploads)
  wireRegistry({
    kysely,
    store,
    keeping,
    mount,
    mlflow,
    projects,
    publish: events.publish,
    clock,
    registry,
    deployments,
    files,
  })
  serveSearch(mount, createSearch(sqlSearchStore(kysely), projects))
  serveDeployments(mount, metrics.counting(deployments))
  serveGolden(mount, golden)
  serveFigures(mount, figures)
  serveTrials(mount, createTrials({ deployments, presence, ask: askByFetch(), passwords, clock }))
  serveEvents(
    mount,
    events,
    projects,
    (asked, send, signal) => {
      watching.watch(asked, (deployment) => send('deployment', deployment), signal)
      void figures.watch(asked, (told) => send('figures', told), signal)
    },
    tracking.watchRuns,
  )
  serveConsumers(mount, consumers)
  serveAudit(mount, audit, projects)
  serveRunners(mount, {
    desired,
    presence,
    passwords,
    runnerHosts: config.runnerHosts,
    takeFigures: figures.take,
    takeUses: usage.take,
  })
  serveInstallation(mount, installation, describeApi)
  const backups = {
    kysely,
    store,
    keeping,
    home: config.home,
    clock,
    onFailure: (error: unknown) => log.warn({ err: error }, 'a backup broke off'),
  }
  serveArchives(mount, {
    backup: () => takeBackup(backups),
    async restore(archive, replace) {
      const replaced = { kysely, store, home: config.home, onReplaced: audit.replaced, onRestored }
      const restored = await keeping.everything(() =>
        audit.whileReplaced(() => restoreBackup(replaced, archive, replace)),
      )
      return { ...restored, lostSecrets: await webhooks.lostSecrets() }
    },
  })

  // Laying out the routes stalls this thread; what runs by itself begins when it is free.
  await app.ready()
  const ended = new AbortController()
  const running = [
    tracking.resume(),
    webhooks.run(ended.signal),
    repeat(clock, HEARTBEAT_MS, ended.signal, async () => presence.forgetLapsed()),
    watching.run(ended.signal),
    audit.run(ended.signal),
    repeat(clock, USAGE_MS, ended.signal, async () => {
      await usage.flush().catch((error: unknown) => log.warn({ err: error }, 'use of keys could not be written'))
      await admissions.turn()
    }),
    figures.run(ended.signal, (error) => log.warn({ err: error }, 'live figures could not be written')),
    repeat(clock, IDEMPOTENCY_SWEEP_MS, ended.signal, () =>
      idempotencyStore
        .forgetBefore(new Date(clock.now().getTime() - IDEMPOTENCY_KEPT_MS))
        .catch((error: unknown) => log.warn({ err: error }, 'old answers could not be forgotten')),
    ),
    repeat(clock, UPLOAD_SWEEP_MS, ended.signal, () =>
      uploads
        .forgetBefore(new Date(clock.now().getTime() - UPLOAD_KEPT_MS))
        .then(() => multiparts.forgetBefore(new Date(clock.now().getTime() - UPLOAD_KEPT_MS)))
        .catch((error: unknown) => log.warn({ err: error }, 'abandoned uploads could not be removed')),
    ),
  ]
  return {
    app,
    mlflowRoutes: mlflow.routes,
    endRequests(patience) {
      const closing = closeApp(app, patience)
      endEventStreams(app.server)
      return closing
    },
    async close() {
      ended.abort()
      door.close()
      await Promise.all(running)
      await usage.flush().catch((error: unknown) => log.warn({ err: error }, 'the last use of keys is not counted'))
      await audit.close()
    },
  }
}

const USAGE_MS = 1_000
/** A client that repeats itself does so within hours. */
const IDEMPOTENCY_KEPT_MS = 7 * 86_400_000
const IDEMPOTENCY_SWEEP_MS = 3_600_000
/** The error table tells callers how long. */
const UPLOAD_KEPT_MS = 7 * 86_400_000
const UPLOAD_SWEEP_MS = 3_600_000

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

function placeOf({ artifacts }: ServerConfig): ArtifactPlace {
  if (artifacts.kind === 's3') return { kind: 's3', place: artifacts.url, free: async () => null }
  return { kind: 'files', place: artifacts.directory, free: () => freeBytes(artifacts.directory) }
}
