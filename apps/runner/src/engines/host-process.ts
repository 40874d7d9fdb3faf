import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Signature } from '@stead/contracts'
import type { Tensor } from '../inference/tensor.ts'
import type { ModelRuntime } from '../runtimes/runtime.ts'
import { exitReason, type HostExit } from './host-exit.ts'
import type { EngineStats } from './host-stats.ts'
import type { HostArguments, LoadOrder } from './host.ts'
import { type Account, type EngineAnswer, HostConnection } from './link-connection.ts'
import { KIND } from './protocol.ts'

export interface HostOptions {
  readonly runtime: ModelRuntime['format']
  /** A directory of mode 0700 with a short path: sockets beyond 107 bytes cannot be. */
  readonly socketDir: string
  /** All that a JavaScript host may read, besides the runner's own sources; so it must be known at the start. Other
   *  hosts can be started as spares, before their model is known. */
  readonly modelDirs?: readonly string[] | undefined
  /** Resident bytes beyond which the host is killed. */
  readonly memory?: number | undefined
  /** Gets every line the host prints. */
  readonly log: (line: string) => void
}

export interface AskLimits {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

export interface LoadResult {
  /** The signature links to this engine use: the declared one, or else the model's own. */
  readonly signature: Signature
  /** What the model says of itself; null if it says nothing. */
  readonly found: Signature | null
  /** Resident bytes of the host after the load. */
  readonly rss: number
}

export interface WarmUp {
  /** Zero-filled runs of these numbers of rows; only the first where the model has no variable first dimension. */
  readonly rows?: readonly number[]
  /** Then these, in the signature's order. */
  readonly requests?: readonly (readonly Tensor[])[]
}

/** A running engine host, as its supervisor sees it. Every ask rejects with a sentence: the host's own, that time
 *  is up, or why the host is gone. After a timeout the host may be busy for ever: kill it. */
export interface HostProcess {
  readonly pid: number
  readonly runtime: ModelRuntime['format']
  readonly socketPath: string
  readonly exited: Promise<HostExit>
  load(slot: number, order: LoadOrder, limits: AskLimits): Promise<LoadResult>
  warm(slot: number, warmUp: WarmUp, limits: AskLimits): Promise<void>
  /** Through the engine's queue, as any request. Inputs in the order of the loaded signature. */
  infer(slot: number, inputs: readonly Tensor[], limits?: AskLimits): Promise<EngineAnswer>
  unload(slot: number, limits?: AskLimits): Promise<void>
  stats(limits?: AskLimits): Promise<{ readonly rss: number; readonly engines: readonly EngineStats[] }>
  /** Resident bytes, without a word to the host where the system tells. */
  rss(): Promise<number>
  kill(): Promise<HostExit>
}

const START_TIMEOUT_MS = 30_000
const DEFAULT_LIMITS: AskLimits = { timeoutMs: 30_000 }
const KEPT_LINES = 20
const MEMORY_CHECK_MS = 1000
const DEFAULT_WARM_ROWS = [1, 8]

export async function startHost(options: HostOptions): Promise<HostProcess> {
  const socketPath = join(options.socketDir, `${randomBytes(6).toString('hex')}.sock`)
  if (Buffer.byteLength(socketPath) > 103) throw new Error(`The socket path is too long for the system: ${socketPath}`)
  const child = spawnHost(options, socketPath)
  const lines = keepLines(child, options.log)
  const flags = { overMemory: false }
  const exited = exitOf(child, lines, flags).then(async (exit) => {
    await rm(socketPath, { force: true })
    return exit
  })
  const failed = exited.then(({ reason }): never => {
    throw new Error(`The engine host did not start: ${reason}`)
  })
  try {
    const control = await withLimits(
      Promise.race([connectWhenReady(child, socketPath), failed]),
      { timeoutMs: START_TIMEOUT_MS },
      'The engine host did not start',
    )
    if (options.memory !== undefined) watchMemory(child, options.memory, flags)
    return hostProcess(child, options.runtime, socketPath, control, exited)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

function hostProcess(
  child: ChildProcess,
  runtime: HostOptions['runtime'],
  socketPath: string,
  control: HostConnection,
  exited: Promise<HostExit>,
): HostProcess {
  const pid = child.pid as number
  const accounts = new Map<number, Account>()

  /** A host that is gone has its reason, which says more than that an ask was not answered. */
  async function asked<T>(what: string, answer: Promise<T>, limits: AskLimits): Promise<T> {
    const gone = control.lost
      .then(() => exited)
      .then(({ reason }): never => {
        throw new Error(`${what}: the engine host is gone: ${reason}`)
      })
    const orGone = answer.catch((error: unknown) => (control.isLost ? gone : Promise.reject(error)))
    gone.catch(() => undefined)
    return withLimits(orGone, limits, what)
  }

  async function infer(
    slot: number,
    inputs: readonly Tensor[],
    limits: AskLimits = DEFAULT_LIMITS,
  ): Promise<EngineAnswer> {
    const account = accounts.get(slot)
    if (account === undefined) throw new Error(`No engine is loaded in slot ${slot}`)
    return asked('Inference', control.infer(account, { inputs }), limits)
  }

  const stats: HostProcess['stats'] = async (limits = DEFAULT_LIMITS) =>
    (await asked('Statistics', control.ask(KIND.stats, 0, {}), limits)) as Awaited<ReturnType<HostProcess['stats']>>

  return {
    pid,
    runtime,
    socketPath,
    exited,
    infer,
    stats,
    async load(slot, order, limits) {
      const dir = realpathSync(order.dir)
      const answer = await asked('Loading', control.ask(KIND.load, slot, { ...order, dir }), limits)
      const loaded = answer as LoadResult
      accounts.set(slot, { slot, outputs: loaded.signature.outputs, inFlight: 0 })
      return loaded
    },
    async warm(slot, { rows = DEFAULT_WARM_ROWS, requests = [] }, limits) {
      await asked('Warming', control.ask(KIND.warm, slot, { rows }), limits)
      for (const inputs of requests) await infer(slot, inputs, limits)
    },
    async unload(slot, limits = DEFAULT_LIMITS) {
      accounts.delete(slot)
      await asked('Unloading', control.ask(KIND.unload, slot, {}), limits)
    },
    rss: async () => (await residentBytes(pid)) ?? (await stats()).rss,
    async kill() {
      child.kill('SIGKILL')
      return exited
    },
  }
}

function spawnHost({ runtime, socketDir, modelDirs = [], memory }: HostOptions, socketPath: string): ChildProcess {
  const main = join(import.meta.dirname, 'host.ts')
  const host: HostArguments = { socketPath, runtime }
  const flags = [
    '--disable-warning=ExperimentalWarning',
    ...(runtime === 'javascript' ? confinement(modelDirs, memory) : []),
  ]
  const command = [...leashed(), process.execPath, ...flags, main, JSON.stringify(host)]
  const child = spawn(command[0]!, command.slice(1), {
    env: environment(runtime, socketDir),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  // Where memory runs out, the system should choose an engine and not the process that owns the ports.
  if (child.pid !== undefined) void writeFile(`/proc/${child.pid}/oom_score_adj`, '500').catch(() => undefined)
  return child
}

const SETPRIV = ['/usr/bin/setpriv', '--pdeathsig', 'KILL']
let leashWorks: boolean | undefined

/** A host ends when the supervisor's connection does, but one that is stuck in a model's endless loop never sees that.
 *  Where the system can, it is told to kill hosts when the thread that started them is gone. */
function leashed(): string[] {
  leashWorks ??= spawnSync(SETPRIV[0]!, [...SETPRIV.slice(1), 'true'], { stdio: 'ignore' }).status === 0
  return leashWorks ? SETPRIV : []
}

/** Node's permission model; what it has no permission for, the javascript runtime denies by itself. */
function confinement(modelDirs: readonly string[], memory: number | undefined): string[] {
  const sources = realpathSync(resolve(import.meta.dirname, '..'))
  const readable = [
    join(sources, '/'),
    join(sources, '../package.json'),
    ...modelDirs.map((dir) => join(realpathSync(dir), '/')),
  ]
  return [
    '--permission',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    ...(memory === undefined ? [] : [`--max-old-space-size=${Math.max(Math.floor(memory / 2 ** 20), 16)}`]),
  ]
}

/** Nothing of the runner's own environment, which holds secrets, but for what changes how text and time are read. */
function environment(runtime: HostOptions['runtime'], socketDir: string): NodeJS.ProcessEnv {
  const { LANG, TZ, NODE_COMPILE_CACHE = join(socketDir, 'compiled') } = process.env
  return {
    // glibc would keep freed pages of large tensors and models for itself otherwise.
    MALLOC_MMAP_THRESHOLD_: '65536',
    MALLOC_TRIM_THRESHOLD_: '65536',
    ...(LANG !== undefined && { LANG }),
    ...(TZ !== undefined && { TZ }),
    // Without the TypeScript compiler in it, a host starts in 0.1 s instead of 0.3 s and is 22 MB smaller. It would
    // need the permission to write, with which a model could change what other hosts run.
    ...(runtime !== 'javascript' && { NODE_COMPILE_CACHE }),
  }
}

async function connectWhenReady(child: ChildProcess, socketPath: string): Promise<HostConnection> {
  const ready = child.stdio[3] as NodeJS.ReadableStream
  await new Promise<void>((resolve) => ready.once('data', () => resolve()))
  return HostConnection.open(socketPath, 'control')
}

function keepLines(child: ChildProcess, log: (line: string) => void): string[] {
  const kept: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      kept.push(line.slice(0, 1000))
      if (kept.length > KEPT_LINES) kept.shift()
      log(line)
    })
  }
  return kept
}

function exitOf(child: ChildProcess, lines: readonly string[], flags: { overMemory: boolean }): Promise<HostExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, reason: error.message }))
    // 'close' and not 'exit': the last lines are in by then.
    child.once('close', (code, signal) =>
      resolve({ code, signal, reason: exitReason({ code, signal, lines, killed: child.killed, ...flags }) }),
    )
  })
}

function watchMemory(child: ChildProcess, limit: number, flags: { overMemory: boolean }): void {
  const timer = setInterval(async () => {
    const bytes = await residentBytes(child.pid as number)
    if (bytes === undefined || bytes <= limit) return
    flags.overMemory = true
    child.kill('SIGKILL')
  }, MEMORY_CHECK_MS)
  timer.unref()
  child.once('exit', () => clearInterval(timer))
}

async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}

/** Rejects when time is up or the signal says so; what was asked goes on, and its end is of no interest then. */
async function withLimits<T>(work: Promise<T>, { timeoutMs, signal }: AskLimits, what: string): Promise<T> {
  const { promise: limit, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`${what} took longer than ${timeoutMs} ms`)), timeoutMs)
  const abort = () => reject(signal?.reason)
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort, { once: true })
  work.catch(() => undefined)
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}
