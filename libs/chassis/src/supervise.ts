import { systemClock, type Clock } from './clock.ts'
import type { Log } from './log.ts'
import { startProcess, type ProcessEnd, type RunningProcess } from './supervised-process.ts'

export interface ChildSpec {
  /** Unique among the children; the prefix of its output. */
  readonly name: string
  readonly command: string
  readonly args?: readonly string[]
  /** Added to this process's environment unless `bareEnv`; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly bareEnv?: boolean
  readonly cwd?: string
  /** `message`: the child calls `reportReady`. `started`: as soon as it runs. A function is asked again and again,
   *  until it says true; a throw counts as not yet. */
  readonly ready?: 'message' | 'started' | ((signal: AbortSignal) => Promise<boolean>)
}

export type ChildState =
  | { readonly is: 'starting'; readonly attempt: number; readonly pid: number | undefined }
  | { readonly is: 'ready'; readonly pid: number | undefined }
  | { readonly is: 'waiting'; readonly because: string; readonly forMs: number }
  | { readonly is: 'stopped' }

export interface SupervisedChild {
  readonly name: string
  readonly state: ChildState
  /** Resolves once the child is ready for the first time; rejects if it is stopped before. */
  readonly firstReady: Promise<void>
}

export interface Supervisor {
  readonly children: readonly SupervisedChild[]
  start(spec: ChildSpec): SupervisedChild
  /** SIGTERM to all, SIGKILL to what is left after the deadline; resolves when none is left. Idempotent. */
  stop(): Promise<void>
}

export interface SuperviseOptions {
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  readonly clock?: Clock
  /** From SIGTERM to SIGKILL. */
  readonly stopDeadlineMs?: number
  /** The first wait before a restart; each further one is twice as long, up to the longest. */
  readonly backoff?: { readonly firstMs: number; readonly longestMs: number }
  /** A child that was ready this long has recovered: its next restart waits the first wait again. */
  readonly steadyMs?: number
  /** After this long without being ready, it is said; the child is left to go on. */
  readonly slowStartMs?: number
  readonly probeEveryMs?: number
  /** Takes one line of a child, without its end. The default writes it to our stdout or stderr. */
  readonly output?: (line: string, stream: 'stdout' | 'stderr') => void
}

type Settings = Required<SuperviseOptions>

// From here on a failure is no accident; saying it every time would bury it.
const TELL_AFTER = 3
const TELL_EVERY = 10

/** Keeps child processes running: what ends is started again, for ever, each in its own process group. */
export function createSupervisor(options: SuperviseOptions): Supervisor {
  const settings: Settings = {
    clock: systemClock,
    stopDeadlineMs: 10_000,
    backoff: { firstMs: 250, longestMs: 30_000 },
    steadyMs: 10_000,
    slowStartMs: 30_000,
    probeEveryMs: 200,
    output: (line, stream) => void process[stream].write(`${line}\n`),
    ...options,
  }
  const stopping = new AbortController()
  const children: (SupervisedChild & { readonly over: Promise<void> })[] = []

  return {
    children,
    start(spec) {
      if (stopping.signal.aborted) throw new Error(`${spec.name} cannot be started: the supervisor is stopping`)
      if (children.some(({ name }) => name === spec.name)) throw new Error(`${spec.name} is supervised already`)
      const child = keepRunning(spec, settings, stopping.signal)
      children.push(child)
      return child
    },
    async stop() {
      stopping.abort(new Error('the supervisor is stopping'))
      await Promise.all(children.map(({ over }) => over))
    },
  }
}

function keepRunning(spec: ChildSpec, settings: Settings, stopping: AbortSignal) {
  const { log, clock, backoff } = settings
  const firstReady = Promise.withResolvers<void>()
  // Whoever does not wait for it must not be killed by its rejection.
  firstReady.promise.catch(() => {})
  let state: ChildState = { is: 'starting', attempt: 1, pid: undefined }

  /** One life of the child, from start to end. */
  async function live(attempt: number): Promise<{ end: ProcessEnd; readyMs: number | undefined }> {
    const child = startProcess(spec, (line, stream) => settings.output(`${spec.name} | ${line}`, stream))
    state = { is: 'starting', attempt, pid: child.pid }
    let readyAt: number | undefined
    const becameReady = () => {
      readyAt = clock.monotonic()
      state = { is: 'ready', pid: child.pid }
      log.info({ child: spec.name, pid: child.pid }, `${spec.name} is ready`)
      firstReady.resolve()
    }
    const ended = new AbortController()
    void watchReadiness(spec, child, settings, ended.signal).then((ready) => ready && becameReady())
    const stop = () => void stopProcess(spec.name, child, settings)
    stopping.addEventListener('abort', stop, { once: true })
    const end = await child.end
    stopping.removeEventListener('abort', stop)
    ended.abort()
    return { end, readyMs: readyAt === undefined ? undefined : clock.monotonic() - readyAt }
  }

  async function keep(): Promise<void> {
    const tell = teller(spec.name, log)
    for (let attempt = 1, waitMs = backoff.firstMs; !stopping.aborted; attempt++) {
      const { end, readyMs } = await live(attempt)
      if (stopping.aborted) break
      if ((readyMs ?? -1) >= settings.steadyMs) [attempt, waitMs] = [0, backoff.firstMs]
      tell(end, readyMs !== undefined, waitMs)
      state = { is: 'waiting', because: end.reason, forMs: waitMs }
      await clock.sleep(waitMs, stopping).catch(() => {})
      waitMs = Math.min(backoff.longestMs, waitMs * 2)
    }
    state = { is: 'stopped' }
    firstReady.reject(new Error(`${spec.name} was stopped before it was ready`))
  }

  return {
    name: spec.name,
    get state() {
      return state
    },
    firstReady: firstReady.promise,
    over: keep(),
  }
}

/** Says why a child ended; and when it keeps ending for one reason before it is ready, says that, to a person. */
function teller(name: string, log: Settings['log']) {
  let lastReason: string | undefined
  let inARow = 0
  return ({ reason, lastWords }: ProcessEnd, wasReady: boolean, waitMs: number) => {
    const fields = { child: name, reason, restartInMs: waitMs }
    if (wasReady) {
      lastReason = undefined
      log.warn(fields, `${name} ended: ${reason}; it is started again`)
      return
    }
    inARow = reason === lastReason ? inARow + 1 : 1
    lastReason = reason
    if (inARow === TELL_AFTER || (inARow > TELL_AFTER && inARow % TELL_EVERY === 0)) {
      const advice = 'It will be tried again, but something has to change first.'
      log.error(
        { ...fields, lastWords },
        `${name} cannot start; it ended ${inARow} times the same way: ${reason}. ${advice}`,
      )
    } else if (inARow < TELL_AFTER) {
      log.warn(fields, `${name} ended while starting: ${reason}; it is started again`)
    }
  }
}

/** Resolves to whether the child became ready before it ended. */
async function watchReadiness(
  { name, ready = 'started' }: ChildSpec,
  child: RunningProcess,
  { clock, log, slowStartMs, probeEveryMs }: Settings,
  ended: AbortSignal,
): Promise<boolean> {
  const known = new AbortController()
  const slow = () => log.warn({ child: name }, `${name} is still starting after ${slowStartMs} ms`)
  clock.sleep(slowStartMs, AbortSignal.any([ended, known.signal])).then(slow, () => {})
  try {
    if (ready === 'message') return await child.reportedReady
    if (ready === 'started') return await child.spawned
    while (!ended.aborted) {
      if (await ready(ended).catch(() => false)) return !ended.aborted
      await clock.sleep(probeEveryMs, ended).catch(() => {})
    }
    return false
  } finally {
    known.abort()
  }
}

async function stopProcess(name: string, child: RunningProcess, { clock, log, stopDeadlineMs }: Settings) {
  const ended = new AbortController()
  void child.end.then(() => ended.abort())
  child.kill('SIGTERM')
  const late = await clock.sleep(stopDeadlineMs, ended.signal).then(
    () => true,
    () => false,
  )
  if (!late) return
  log.warn({ child: name }, `${name} did not end within ${stopDeadlineMs} ms of SIGTERM; it is killed`)
  child.kill('SIGKILL')
}
