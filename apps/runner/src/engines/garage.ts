import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '@stead/chassis'
import type { ServingConfig, VersionBundle } from '@stead/contracts'
import type { Bundles, StageClock } from '../control/bundles.ts'
import { startHost } from './host-process.ts'
import type { HostProcess } from './host-process.ts'
import type { LoadOrder } from './host.ts'
import { privateBytes } from './memory.ts'
import type { SeatOrder } from './seat.ts'

/** A loaded engine: its host, the slot in it, and how to let it go. */
export interface Placed {
  readonly host: HostProcess
  readonly slot: number
  /** Bytes it has to itself; of a shared host, its part. */
  readonly memory: number
  /** Whether other engines live in the same host. */
  readonly isPacked: boolean
  dispose(): Promise<void>
}

/** Starts hosts and loads versions into them, within the memory that engines may take. */
export interface Garage {
  load(
    order: SeatOrder,
    how: {
      stage: StageClock
      signal: AbortSignal
      evict: boolean
      self: string
      /** Hears which process is about to load it. */
      hosted?: (pid: number) => void
    },
  ): Promise<Placed>
  /** Loads small ONNX versions of one project together into one fresh host; all or none. */
  loadTogether(orders: readonly SeatOrder[]): Promise<Placed[]>
  /** Bytes that all hosts have to themselves. */
  used(): Promise<number>
  readonly bound: number
  /** Hosts end because the runner does. */
  readonly isClosing: boolean
  close(): Promise<void>
}

export interface GarageParts {
  readonly bundles: Bundles
  readonly socketDir: string
  readonly log: Log
  /** Bytes that all engine hosts together may have to themselves. */
  readonly bound: number
  /** Parks the engine that has been idle longest, other than this seat's; false when there is none to park. */
  evict(except: string): Promise<boolean>
}

/** What a host takes before its model: its own heap and the runtime's. */
const HOST_BYTES = 32 * 1024 * 1024
/** At once: more would only make all of them slower. */
const MOST_LOADING = 3

export function createGarage({ bundles, socketDir, log, bound, evict }: GarageParts): Garage {
  const hosts = new Set<HostProcess>()
  let spare: Promise<HostProcess> | undefined
  let closing = false
  let busy = 0
  // What is being loaded will need this soon, though it does not show yet.
  let reserved = 0
  const queue: (() => void)[] = []

  async function inTurn<T>(act: () => Promise<T>): Promise<T> {
    if (busy >= MOST_LOADING) await new Promise<void>((resolve) => queue.push(resolve))
    busy += 1
    try {
      return await act()
    } finally {
      busy -= 1
      queue.shift()?.()
    }
  }

  async function start(runtime: 'onnx' | 'javascript', modelDirs?: string[]): Promise<HostProcess> {
    const host = await startHost({
      runtime,
      socketDir,
      modelDirs,
      memory: bound + SHARED_BYTES,
      log: (line) => log.info({ host: runtime }, line),
    })
    hosts.add(host)
    void host.exited.then(() => hosts.delete(host))
    return host
  }

  /** One ONNX host is kept started, so that a swap need not wait for it. */
  function keepSpare(): void {
    if (closing || spare) return
    const starting = start('onnx')
    spare = starting
    starting
      .then(({ exited }) => exited)
      .catch(() => {})
      .finally(() => {
        if (spare === starting) spare = undefined
      })
  }

  /** The spare is the first to go where memory is short; whoever needs a host starts one. */
  async function endSpare(): Promise<boolean> {
    const host = await spare?.catch(() => undefined)
    spare = undefined
    await host?.kill()
    return host !== undefined
  }

  async function takeHost(runtime: 'onnx' | 'javascript', dir: string): Promise<HostProcess> {
    if (runtime !== 'onnx') return start(runtime, [dir])
    const ready = spare
    spare = undefined
    const host = await ready?.catch(() => undefined)
    return host ?? start('onnx')
  }

  const memoryOf = (host: HostProcess) => privateBytes(host.pid, () => host.rss())
  const used = async () =>
    (await Promise.all([...hosts].map(memoryOf))).reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)

  /** Makes room by parking what is idle; what serves is never put out for something new. */
  async function admit(bundle: VersionBundle, dir: string, mayEvict: boolean, self: string): Promise<number> {
    const sizes = await Promise.all(bundle.files.map((file) => stat(join(dir, file.path)).then(({ size }) => size)))
    const needed = HOST_BYTES + sizes.reduce((sum, size) => sum + size, 0)
    for (;;) {
      const taken = (await used()) + reserved
      if (taken + needed <= bound) {
        reserved += needed
        return needed
      }
      if (await endSpare()) continue
      if (!mayEvict || !(await evict(self))) {
        throw new Error(
          `it needs about ${mebibytes(needed)}, and ${mebibytes(taken)} of the ${mebibytes(bound)} for engines (STEAD_ENGINE_MEMORY) are in use`,
        )
      }
    }
  }

  return {
    get isClosing() {
      return closing
    },
    bound,
    used,
    load: ({ project, bundle, config }, { stage, signal, evict: mayEvict, self, hosted }) =>
      inTurn(async () => {
        if (bundle.runtime !== 'onnx' && bundle.runtime !== 'javascript')
          throw new Error(`this runner has no runtime "${bundle.runtime}"`)
        const runtime = bundle.runtime
        const dir = await bundles.fetch(project, bundle, stage, signal)
        const needed = await stage('admitting', () => admit(bundle, dir, mayEvict, self))
        const host = await stage('starting', () => takeHost(runtime, dir)).catch((error: unknown) => {
          reserved -= needed
          throw error
        })
        try {
          hosted?.(host.pid)
          signal.throwIfAborted()
          const limits = { timeoutMs: config.loadTimeoutMs, signal }
          await stage('loading', () => host.load(0, loadOrder(bundle, config, dir), limits))
          await stage('warming', () => host.warm(0, { rows: [1, Math.min(8, config.batching.maxRows)] }, limits))
          const memory = (await memoryOf(host)) ?? 0
          return { host, slot: 0, memory, isPacked: false, dispose: async () => void (await host.kill()) }
        } catch (error) {
          await host.kill()
          throw error
        } finally {
          reserved -= needed
          if (runtime === 'onnx') setTimeout(keepSpare, SPARE_DELAY_MS).unref()
        }
      }),
    loadTogether: (orders) =>
      inTurn(async () => {
        const host = await start('onnx')
        let members = orders.length
        try {
          for (const [slot, { project, bundle, config }] of orders.entries()) {
            const limits = { timeoutMs: config.loadTimeoutMs }
            const dir = await bundles.fetch(project, bundle, (_, act) => act(), new AbortController().signal)
            await host.load(slot, loadOrder(bundle, config, dir), limits)
            await host.warm(slot, { rows: [1, Math.min(8, config.batching.maxRows)] }, limits)
          }
          const memory = Math.ceil(((await memoryOf(host)) ?? 0) / orders.length)
          // The host goes with its last engine; until then the others stay.
          const dispose = async (slot: number) => {
            members -= 1
            if (members === 0) await host.kill()
            else await host.unload(slot).catch(() => {})
          }
          return orders.map((_, slot) => ({ host, slot, memory, isPacked: true, dispose: () => dispose(slot) }))
        } catch (error) {
          await host.kill()
          throw error
        }
      }),
    async close() {
      closing = true
      await Promise.all([...hosts].map((host) => host.kill()))
    },
  }
}

/** Pages of the runtime's libraries, resident in every host but there once. */
const SHARED_BYTES = 128 * 1024 * 1024
/** A new spare starts once the swap that took the last one is over. */
const SPARE_DELAY_MS = 1_000

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`

function loadOrder(bundle: VersionBundle, { batching, threads }: ServingConfig, dir: string): LoadOrder {
  return { dir, files: bundle.files.map((file) => file.path), signature: bundle.signature, batching, threads }
}
