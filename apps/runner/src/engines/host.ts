import { closeSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createServer } from 'node:net'
import type { Batching, Signature } from '@stead/contracts'
import type { ModelRuntime } from '../runtimes/runtime.ts'
import { acceptConnection, type ControlDesk } from './host-connection.ts'
import { Engine } from './host-engine.ts'
import { signatureInEffect, zeroInputs } from './host-signature.ts'
import { KIND, PROTOCOL_VERSION, ProtocolError } from './protocol.ts'

/* The main file of an engine host process. Its one argument is HostArguments in JSON; once it listens it writes a
 * byte to file descriptor 3, if there is one. It ends when the supervisor's connection does. */

export interface HostArguments {
  readonly socketPath: string
  readonly runtime: ModelRuntime['format']
}

export interface LoadOrder {
  readonly dir: string
  readonly files: readonly string[]
  readonly signature?: Signature | undefined
  readonly batching: Batching
  readonly threads: number
}

const ORPHANED_AFTER_MS = 30_000

const RUNTIMES: Readonly<Record<ModelRuntime['format'], () => Promise<ModelRuntime>>> = {
  onnx: async () => (await import('../runtimes/onnx/onnx.ts')).onnxRuntime,
  javascript: async () => (await import('../runtimes/javascript/javascript.ts')).javascriptRuntime,
}

function createDesk(runtime: ModelRuntime, supervised: () => void): ControlDesk {
  const engines = new Map<number, Engine>()
  const loading = new Set<number>()

  function engineIn(slot: number): Engine {
    const engine = engines.get(slot)
    if (engine === undefined) throw new Error(`No engine is loaded in slot ${slot}`)
    return engine
  }

  async function load(slot: number, order: LoadOrder): Promise<object> {
    if (engines.has(slot) || loading.has(slot)) throw new Error(`Slot ${slot} is taken`)
    loading.add(slot)
    try {
      const { signature: declared, threads, batching } = order
      const options = { threads, signature: declared }
      const model = await runtime.load(order.dir, order.files, options, new AbortController().signal)
      try {
        const signature = signatureInEffect(declared, model.signature)
        engines.set(slot, new Engine({ slot, model, signature, batching }))
        return { signature, found: model.signature ?? null, rss: process.memoryUsage.rss() }
      } catch (refusal) {
        await model.unload()
        throw refusal
      }
    } finally {
      loading.delete(slot)
    }
  }

  async function warm(slot: number, rows: readonly number[]): Promise<void> {
    const engine = engineIn(slot)
    for (const count of engine.isBatchable ? rows : rows.slice(0, 1))
      await engine.warm(zeroInputs(engine.signature, count))
  }

  return {
    engines,
    frontEnds: 0,
    hello({ protocol, role }, closed) {
      if (protocol !== PROTOCOL_VERSION) throw new ProtocolError(`Protocol ${protocol} is not spoken here`)
      if (role === 'control') {
        supervised()
        void closed.then(() => process.exit(0))
      }
      return { protocol: PROTOCOL_VERSION, pid: process.pid, runtime: runtime.format }
    },
    async ask(kind, slot, body) {
      switch (kind) {
        case KIND.load:
          return { kind: KIND.loaded, body: await load(slot, body as LoadOrder) }
        case KIND.open: {
          const { credits, signature } = engineIn(slot)
          return { kind: KIND.opened, body: { credits, signature } }
        }
        case KIND.warm:
          await warm(slot, (body as { rows: readonly number[] }).rows)
          return { kind: KIND.warmed, body: {} }
        case KIND.unload: {
          const engine = engineIn(slot)
          engines.delete(slot)
          await engine.close()
          return { kind: KIND.unloaded, body: {} }
        }
        case KIND.stats: {
          const stats = [...engines.values()].map((engine) => engine.stats())
          return { kind: KIND.counted, body: { rss: process.memoryUsage.rss(), engines: stats } }
        }
        default:
          throw new Error(`There is no frame of kind ${kind} to ask with`)
      }
    },
  }
}

/** What a model throws outside of any call would otherwise leave an engine in an unknown state. */
function dieOf(error: unknown): never {
  process.stderr.write(`uncaught: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(70)
}

function announceReady(): void {
  try {
    writeSync(3, '.')
    closeSync(3)
  } catch {
    // Started by hand: nobody waits.
  }
  // Hosts are killed, not ended, so what the next one could start faster with is kept now (if NODE_COMPILE_CACHE is set).
  flushCompileCache()
}

process.on('uncaughtException', dieOf)
process.on('unhandledRejection', dieOf)

const { socketPath, runtime: format } = JSON.parse(process.argv[2] ?? '') as HostArguments
process.title = `stead engine host (${format})`
const orphaned = setTimeout(() => process.exit(0), ORPHANED_AFTER_MS)
const desk = createDesk(await RUNTIMES[format](), () => clearTimeout(orphaned))
createServer((socket) => acceptConnection(socket, desk)).listen(socketPath, announceReady)
