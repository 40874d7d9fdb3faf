import type { EngineStatus, Generation, RunnerIdentity, RunnerName, RunnerReport, RunnerStatus } from '@stead/contracts'
import type { Clock } from '@stead/chassis'
import { LEASE_MS } from '@stead/contracts'

/** One runner as the server knows it. Everything here is rebuilt from the runner's own reports after a restart. */
interface Known {
  identity: RunnerIdentity
  /** Monotonic milliseconds; a clock that jumps ends no lease. */
  heardAt: number
  seenAt: Date
  streams: number
  engines: EngineStatus[]
  memory: number | null
  /** By deployment id: the generation every front end of the runner is at. */
  acknowledged: Map<string, Generation>
  prepared: Set<string>
}

export interface Presence {
  /** A runner opened its stream. The returned function tells that the stream ended. */
  arrived(name: RunnerName, identity: RunnerIdentity): () => void
  /** False when the runner is not known: it must connect again. */
  heard(
    name: RunnerName,
    told: { reports: RunnerReport[]; engines?: EngineStatus[] | undefined; memory?: number | undefined },
  ): boolean
  /** Runners whose lease is live: a change waits for each of them. */
  members(): RunnerName[]
  /** False for at most one lease after the start, while runners that an earlier server knew have not come back:
   *  until then `members` may lack one that serves. */
  isSettled(): boolean
  /** Forgets, for the next server, the runners whose lease has ended. */
  forgetLapsed(): void
  hasRuntime(name: RunnerName, runtime: string): boolean
  hasPrepared(name: RunnerName, preparation: string): boolean
  acknowledged(name: RunnerName, deploymentId: string): Generation | undefined
  forgetPreparation(preparation: string): void
  statuses(): RunnerStatus[]
  /** Resolves when a runner next reports, tells of its engines, arrives or loses its lease, whichever is first, and at
   *  once when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>
}

export interface PresenceParts {
  readonly clock: Clock
  readonly onReport: (runner: RunnerName, report: RunnerReport) => void
  /** Runners whose leases an earlier server gave and that may still hold them. */
  readonly expected?: readonly RunnerName[]
  /** A runner came, or its lease ended: what the next server should expect. */
  readonly onMember?: (runner: RunnerName, isMember: boolean) => void
}

export function createPresence({ clock, onReport, expected = [], onMember = () => {} }: PresenceParts): Presence {
  const known = new Map<RunnerName, Known>()
  const awaited = new Set(expected)
  const settlesAt = clock.monotonic() + LEASE_MS
  const remembered = new Set(expected)
  const wakers = new Set<() => void>()

  const live = (runner: Known) => clock.monotonic() - runner.heardAt < LEASE_MS
  const wake = () => {
    for (const resolve of wakers) resolve()
  }
  const note = (runner: Known, name: RunnerName, report: RunnerReport) => {
    if (report.kind === 'prepared') runner.prepared.add(report.preparation)
    if (report.kind === 'acknowledged') runner.acknowledged.set(report.id, report.generation)
    onReport(name, report)
  }

  return {
    arrived(name, identity) {
      const before = known.get(name)
      const runner: Known = {
        identity,
        heardAt: clock.monotonic(),
        seenAt: clock.now(),
        streams: (before?.streams ?? 0) + 1,
        engines: before?.engines ?? [],
        memory: before?.memory ?? null,
        // A new process has acknowledged nothing; the same one says again what it has.
        acknowledged: before?.identity.pid === identity.pid ? before.acknowledged : new Map(),
        prepared: new Set(),
      }
      known.set(name, runner)
      awaited.delete(name)
      if (!remembered.has(name)) {
        remembered.add(name)
        onMember(name, true)
      }
      wake()
      return () => void (runner.streams -= 1)
    },
    heard(name, told) {
      const runner = known.get(name)
      if (!runner) return false
      runner.heardAt = clock.monotonic()
      runner.seenAt = clock.now()
      if (!remembered.has(name)) {
        remembered.add(name)
        onMember(name, true)
      }
      if (told.engines) runner.engines = told.engines
      if (told.memory !== undefined) runner.memory = told.memory
      for (const report of told.reports) note(runner, name, report)
      if (told.reports.length > 0 || told.engines) wake()
      return true
    },
    members: () => [...known].filter(([, runner]) => live(runner)).map(([name]) => name),
    isSettled: () => awaited.size === 0 || clock.monotonic() >= settlesAt,
    forgetLapsed() {
      if (clock.monotonic() < settlesAt) return
      for (const name of remembered) {
        const runner = known.get(name)
        if (runner && live(runner)) continue
        remembered.delete(name)
        onMember(name, false)
      }
    },
    hasRuntime: (name, runtime) => known.get(name)?.identity.runtimes.some((one) => one === runtime) ?? false,
    hasPrepared: (name, preparation) => known.get(name)?.prepared.has(preparation) ?? false,
    acknowledged: (name, deploymentId) => known.get(name)?.acknowledged.get(deploymentId),
    forgetPreparation(preparation) {
      for (const runner of known.values()) runner.prepared.delete(preparation)
    },
    statuses: () =>
      [...known].map(([name, runner]) => ({
        name,
        connected: live(runner),
        rest: runner.identity.rest,
        grpc: runner.identity.grpc,
        pid: runner.identity.pid,
        frontEnds: runner.identity.frontEnds,
        memory: runner.memory,
        seenAt: runner.seenAt.toISOString(),
        runtimes: runner.identity.runtimes,
        engines: runner.engines,
      })),
    changed(signal) {
      const untilSettled = settlesAt - clock.monotonic()
      const ends = awaited.size > 0 && untilSettled > 0 ? [untilSettled] : []
      for (const runner of known.values()) if (live(runner)) ends.push(runner.heardAt + LEASE_MS - clock.monotonic())
      return new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          wakers.delete(done)
          resolve()
        }
        const timer = setTimeout(done, Math.max(1, Math.min(LEASE_MS, ...ends) + 1))
        wakers.add(done)
        signal.addEventListener('abort', done, { once: true })
      })
    },
  }
}
