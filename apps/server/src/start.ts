import { readFile } from 'node:fs/promises'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { lockHome, NO_TELEMETRY, type Clock, type Log, type Telemetry } from '@stead/chassis'
import type { Person } from '@stead/contracts'
import type { ServerConfig } from './config.ts'
import { type Database, openDatabase } from './database/database.ts'
import { migrate } from './database/migrate.ts'
import { openFileArtifacts } from './domains/artifacts/artifacts.files.ts'
import type { ArtifactStore } from './domains/artifacts/artifacts.store.ts'
import type { Tls } from './http/app.ts'
import type { MlflowRoute } from './mlflow/mount.ts'

export interface RunningServer {
  readonly url: string
  readonly port: number
  /** Every route of MLflow's protocol that is served, for tests that go through all of them. */
  readonly mlflowRoutes: readonly MlflowRoute[]
  /** Stops accepting, ends the event streams, waits a little for what is under way, then closes what it opened. */
  close(): Promise<void>
}

export interface StartOptions {
  readonly log: Log
  readonly clock?: Clock
  readonly telemetry?: Telemetry
  /** Called when the server must not go on: another one has taken its database over. */
  readonly onLost?: (reason: string) => void
}

/** How long requests under way may take to end. */
const PATIENCE_MS = 5_000

/** Locks the home, opens and migrates the database, and serves. What was opened is closed again if anything fails. */
export async function startServer(
  config: ServerConfig,
  { log, clock, telemetry = NO_TELEMETRY, onLost = () => {} }: StartOptions,
): Promise<RunningServer> {
  const opened: Array<() => Promise<void> | void> = []
  const closeAll = async () => {
    for (const close of opened.splice(0).toReversed()) await close()
  }
  try {
    const homes = config.artifacts.kind === 'files' ? [config.home, config.artifacts.directory] : [config.home]
    const tls = await readTls(config)
    for (const home of new Set(homes)) {
      const lock = await lockHome(home)
      opened.push(() => lock.release())
    }
    const opening = openOwnDatabase(config, log, onLost, opened)
    // Read while the database opens, which takes as long, in another thread.
    const [{ wire }, database] = await settled([import('./wiring.ts'), opening])
    await refuseIfUnowned(config, database, log)
    const store = await openArtifacts(config)
    opened.push(() => store.close())
    const wired = await wire(config, { database, store, log, telemetry, tls, ...(clock ? { clock } : {}) })
    opened.push(() => wired.close())
    await wired.app.listen({ host: config.host, port: config.port })
    opened.push(() => wired.endRequests(PATIENCE_MS))
    return { ...addressOf(config, wired.app.server), mlflowRoutes: wired.mlflowRoutes, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** Makes a person who owns the installation, while no server runs on it; only then is the password asked for. */
export async function addOwner(
  config: ServerConfig,
  { name, log, readPassword }: { name: string; log: Log; readPassword: () => Promise<string> },
): Promise<Person> {
  const opened: Array<() => Promise<void> | void> = []
  try {
    const lock = await lockHome(config.home)
    opened.push(() => lock.release())
    const { createOwner } = await import('./domains/people/create-owner.sql.ts')
    const { kysely } = await openOwnDatabase(config, log, () => {}, opened)
    return await createOwner(kysely, { name, password: await readPassword() })
  } finally {
    for (const close of opened.toReversed()) await close()
  }
}

async function openOwnDatabase(
  { database: { ...place }, home }: ServerConfig,
  log: Log,
  onLost: (reason: string) => void,
  opened: Array<() => Promise<void> | void>,
): Promise<Database> {
  if (place.kind === 'postgres') {
    const { lockDatabase } = await import('./database/server-lock.ts')
    const lock = await lockDatabase(place.url, onLost)
    opened.push(() => lock.release())
  }
  const database = await openDatabase(place.kind === 'postgres' ? place : { ...place, home }, {
    onSlow: (slow) => log.warn(slow, 'a statement took long'),
  })
  opened.push(() => database.close())
  const steps = await migrate(database.kysely)
  if (steps.length > 0) log.info({ steps }, 'the database was migrated')
  return database
}

/** All of them, or the failure of one, but not before each has ended: what was opened can then be closed. */
async function settled<const T extends readonly Promise<unknown>[]>(promises: T) {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

/** Beyond this machine nobody is trusted for being there. */
async function refuseIfUnowned(config: ServerConfig, { kysely }: Database, log: Log): Promise<void> {
  const { host, isExposed, publicUrl, isProxied } = config
  if (!isExposed && !isProxied) return
  const { sqlGateStore } = await import('./domains/access/gate.sql.ts')
  if (await sqlGateStore(kysely).hasOwner()) return
  if (!isExposed) return log.warn('STEAD_ALLOWED_HOSTS lets others in, and no owner exists: they may do everything.')
  throw new Error(
    `Others can reach this server (${publicUrl ?? host}), and no owner exists: everybody could do everything. ` +
      'Make an owner first, with "stead access create-owner NAME", or listen on 127.0.0.1 alone.',
  )
}

async function readTls({ tls }: ServerConfig): Promise<Tls | undefined> {
  if (!tls) return undefined
  const read = (variable: string, path: string) =>
    readFile(path).catch((cause: unknown) => {
      throw new Error(`${variable} names a file that cannot be read.`, { cause })
    })
  const pair = { cert: await read('STEAD_TLS_CERT', tls.cert), key: await read('STEAD_TLS_KEY', tls.key) }
  try {
    createSecureContext(pair)
  } catch (cause) {
    throw new Error('STEAD_TLS_CERT and STEAD_TLS_KEY are no certificate and its key, in PEM.', { cause })
  }
  return pair
}

/** The S3 client is loaded only where it is used: it takes tens of megabytes. */
async function openArtifacts({ artifacts, home }: ServerConfig): Promise<ArtifactStore> {
  if (artifacts.kind === 'files') return openFileArtifacts({ home: artifacts.directory })
  const { openS3Artifacts } = await import('./domains/artifacts/artifacts.s3.ts')
  return openS3Artifacts({ ...artifacts, aside: join(home, 'incoming') })
}

function addressOf({ host, tls }: ServerConfig, server: Server): { url: string; port: number } {
  const { port } = server.address() as AddressInfo
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return { url: `${tls ? 'https' : 'http'}://${name}:${port}`, port }
}
