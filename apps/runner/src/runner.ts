import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { lockHome, systemClock } from '@stead/chassis'
import type { Log } from '@stead/chassis'
import type { DeploymentName, DesiredDeployment, FigureSample } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import type { Admittance } from './admission/admittance.ts'
import { createRateBuffer } from './admission/rates.ts'
import { createUses } from './admission/uses.ts'
import type { RunnerConfig } from './config.ts'
import { openAdmitting } from './control/admission.ts'
import { openBundles } from './control/bundles.ts'
import { createCounters } from './control/counters.ts'
import { failpointsOf } from './control/failpoints.ts'
import { openJournal } from './control/journal.ts'
import { createKeeper } from './control/keeper.ts'
import type { Keeper, KeptState } from './control/keeper.ts'
import { createRepository } from './control/repository.ts'
import { createSync } from './control/sync.ts'
import { createGarage } from './engines/garage.ts'
import { startPacker } from './engines/packing.ts'
import type { Seat } from './engines/seat.ts'
import { startFrontEnds } from './front-ends.ts'
import type { FrontEndEvents } from './front-ends.ts'

export const VERSION = '0.1.0'

/** A running data plane. */
export interface Runner {
  readonly rest: string
  readonly grpc: string
  /** Not ready at once; what is under way ends; then everything is let go. */
  stop(): Promise<void>
}

/** A serving engine that saw a request within this is not parked for another. */
const IDLE_MS = 1_000
/** A host that does not say within this what it does is busy. */
const BUSY_MS = 500
/** How long open connections may still bring requests after the runner said that it is not ready. */
const LINGER_MS = 1_000

export async function startRunner(config: RunnerConfig, log: Log): Promise<Runner> {
  const clock = systemClock
  await mkdir(config.home, { recursive: true, mode: 0o700 })
  const lock = await lockHome(config.home, 'STEAD_RUNNER_HOME')
  const { journal, records } = await openJournal<KeptState>(join(config.home, 'journal'))
  const clientFor = (token: string | undefined) => createClient({ url: config.serverUrl, token })
  const client = clientFor(config.token)
  const bundles = await openBundles(join(config.home, 'versions'), client)
  const socketDir = await makeSocketDir(join(config.home, 'sockets'))
  const keepers = new Map<DeploymentName, Keeper>()
  const counters = createCounters()
  const uses = createUses()
  let samples: FigureSample[] = []
  let attached = false

  const allSeats = () => [...keepers.values()].flatMap((keeper) => keeper.seats())
  const engines = () => [...keepers.values()].flatMap((keeper) => keeper.statuses())

  async function evict(except: string): Promise<boolean> {
    const idle = allSeats().filter(
      (seat) =>
        seat.key !== except &&
        seat.isIdle &&
        (seat.role === 'standby' || (seat.role === 'serving' && clock.monotonic() - seat.touchedAt > IDLE_MS)),
    )
    const inOrder = idle.toSorted(
      (a, b) => Number(b.role === 'standby') - Number(a.role === 'standby') || a.touchedAt - b.touchedAt,
    )
    for (const seat of inOrder) {
      if ((await isBusy(seat)) || !seat.isIdle) continue
      await seat.unload('parked', 'parked to make room; the next request loads it')
      return true
    }
    return false
  }

  const garage = createGarage({ bundles, socketDir, log, bound: config.engineMemory, evict })
  const packer = startPacker({ seats: allSeats, garage, clock, log })
  const repository = createRepository(clientFor, (name) => keepers.get(name as DeploymentName)?.desired)
  const events: FrontEndEvents = {
    wanted: (deployment, key) => keepers.get(deployment)?.wanted(key),
    told(from, message) {
      if (message.is === 'recorded') {
        const { deployment, recording, request, answer } = message
        const { assertion = 'valid' } = keepers.get(deployment)?.desired.recording ?? {}
        const kept =
          assertion === 'valid'
            ? { kind: 'valid' as const }
            : assertion === 'exact'
              ? { kind: 'exact' as const, outputs: answer }
              : { kind: 'close' as const, outputs: answer, tolerance: 1e-5 }
        return sync.report({ kind: 'recorded', deployment, recording, request, assertion: kept })
      }
      samples.push(...message.samples)
      counters.take(from, message.counters)
      uses.add(message.uses)
      for (const { deployment, version, figure } of message.samples)
        keepers.get(deployment)?.touched(version, figure.requests + figure.shadowed)
    },
    async asked({ asks }) {
      if (asks.ask === 'load') return repository.load(asks)
      if (asks.ask === 'unload') return repository.unload(asks.deployment, asks.token)
      await frontEnds.flush()
      const value =
        asks.ask === 'statistics'
          ? counters.statistics()
          : counters.metrics({ engines: engines(), attached, used: await garage.used(), bound: garage.bound })
      return { ok: true, value }
    },
  }
  const rates = createRateBuffer()
  let applyAdmittance: (admittance: Admittance) => void = () => {}
  const admitting = await openAdmitting({
    path: join(config.home, 'admission.json'),
    isExposed: config.isExposed,
    joins: config.token !== undefined,
    keptMs: config.detachedKeysMs,
    rates,
    clock,
    log,
    changed: (admittance) => applyAdmittance(admittance),
  })
  const frontEnds = await startFrontEnds(
    config.frontEnds,
    {
      host: config.host,
      restPort: config.restPort,
      grpcPort: config.grpcPort,
      share: config.frontEnds > 1,
      allowedHosts: config.allowedHosts,
      maxBody: config.maxBody,
      admittance: admitting.current,
      rates,
      tls: await readTls(config),
      version: VERSION,
      telemetry: config.telemetry,
    },
    events,
    log,
  )
  // It may have become another while they started.
  applyAdmittance = frontEnds.setAdmittance
  applyAdmittance(admitting.current)
  const at = (port: number) => `${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
  const rest = `${config.tls ? 'https' : 'http'}://${at(frontEnds.restPort)}`
  const grpc = at(frontEnds.grpcPort)

  const keeperOf = (desired: DesiredDeployment): Keeper => {
    const known = keepers.get(desired.name)
    if (known) return known
    const made = createKeeper(desired, {
      garage,
      frontEnds,
      journal,
      clock,
      log,
      failpoint: failpointsOf(config.failpoint),
      standbyMs: config.standbyMs,
      drainMs: config.drainMs,
      report: (report) => sync.report(report),
      statusChanged: () => sync.statusChanged(),
    })
    keepers.set(desired.name, made)
    return made
  }

  async function end(name: DeploymentName, id: string): Promise<void> {
    const keeper = keepers.get(name)
    if (!keeper || keeper.desired.id !== id) return
    keepers.delete(name)
    await keeper.remove()
  }

  // Changes of one deployment follow one another; a new deployment of an old name waits for the old one's end.
  const lanes = new Map<DeploymentName, Promise<void>>()
  function inLane(name: DeploymentName, act: () => Promise<void>): void {
    const turn = (lanes.get(name) ?? Promise.resolve())
      .then(act)
      .catch((error: unknown) => log.error({ err: error, deployment: name }, 'a desired state could not be taken'))
    lanes.set(name, turn)
  }
  const take = (desired: DesiredDeployment) =>
    inLane(desired.name, async () => {
      const known = keepers.get(desired.name)
      if (known && known.desired.id !== desired.id) await end(desired.name, known.desired.id)
      // Not waited for: a load must not keep back the news that it was given up.
      void keeperOf(desired).accept(desired)
    })

  const sync = createSync({
    client,
    name: config.name,
    clock,
    log,
    engines,
    identity: { rest, grpc, pid: process.pid, frontEnds: config.frontEnds, runtimes: ['onnx', 'javascript'] },
    snapshot(deployments) {
      const named = new Set(deployments.map(({ id }) => id))
      for (const [name, keeper] of keepers)
        if (!named.has(keeper.desired.id)) inLane(name, () => end(name, keeper.desired.id))
      for (const deployment of deployments) take(deployment)
    },
    delta: take,
    removed: (name, id) => inLane(name, () => end(name, id)),
    admission: admitting.take,
    heard: admitting.heard,
    refused: admitting.refused,
    uses: uses.take,
    figures() {
      const taken = samples
      samples = []
      return taken
    },
    attached(now) {
      attached = now
      frontEnds.setDetached(!now)
    },
  })

  const kept = lastStates(records)
  if (kept.length < records.length) await journal.compact(kept.map((deployment) => ({ deployment })))
  for (const deployment of kept) await keeperOf(deployment).restore()
  await bundles.keepOnly(new Set(kept.flatMap(({ versions }) => versions.map(({ digest }) => digest))))
  frontEnds.setReady(true)
  sync.start()
  void Promise.all([...keepers.values()].map((keeper) => keeper.loadAll()))

  return {
    rest,
    grpc,
    async stop() {
      packer.stop()
      frontEnds.setReady(false)
      await frontEnds.drain(LINGER_MS, Math.max(0, config.drainMs - LINGER_MS))
      await sync.stop()
      await admitting.close()
      await frontEnds.close()
      await garage.close()
      await journal.close()
      await rm(socketDir, { recursive: true, force: true })
      lock.release()
    },
  }
}

async function readTls({ tls }: RunnerConfig): Promise<{ cert: string; key: string } | undefined> {
  if (!tls) return undefined
  const read = async (variable: string, path: string) => {
    try {
      return await readFile(path, 'utf8')
    } catch (cause) {
      throw new Error(`${variable} names ${path}, which cannot be read`, { cause })
    }
  }
  const pair = { cert: await read('STEAD_TLS_CERT', tls.cert), key: await read('STEAD_TLS_KEY', tls.key) }
  try {
    createSecureContext(pair)
  } catch (cause) {
    throw new Error('STEAD_TLS_CERT and STEAD_TLS_KEY are not a certificate and its key, in PEM', { cause })
  }
  return pair
}

/** Requests are told of when they are answered, so a long run is only known where it runs. A host that has no time to
 *  tell is busy. */
async function isBusy({ loaded }: Seat): Promise<boolean> {
  if (!loaded) return true
  const told = await loaded.host.stats({ timeoutMs: BUSY_MS }).catch(() => undefined)
  const engine = told?.engines.find(({ slot }) => slot === loaded.slot)
  return engine === undefined || engine.running || engine.waiting > 0
}

/** Sockets want short paths, which a home need not have. What a crashed runner left is found by the note in its home. */
async function makeSocketDir(note: string): Promise<string> {
  const left = await readFile(note, 'utf8').catch(() => '')
  if (basename(left).startsWith(SOCKET_PREFIX) && dirname(left) === tmpdir())
    await rm(left, { recursive: true, force: true })
  const folder = await mkdtemp(join(tmpdir(), SOCKET_PREFIX))
  await writeFile(note, folder)
  return folder
}

const SOCKET_PREFIX = 'stead-'

function lastStates(records: readonly KeptState[]): DesiredDeployment[] {
  const states = new Map<string, DesiredDeployment>()
  for (const record of records) {
    if ('removed' in record) states.delete(record.removed)
    else states.set(record.deployment.name, record.deployment)
  }
  return [...states.values()]
}
