import type { Clock, Log } from '@stead/chassis'
import { DesiredEvent, HEARTBEAT_MS, LEASE_MS, reportRunner, SteadError, watchDesired } from '@stead/contracts'
import type {
  DesiredDeployment,
  DeploymentName,
  EngineStatus,
  FigureSample,
  RunnerIdentity,
  RunnerName,
  RunnerReport,
} from '@stead/contracts'
import type { Client } from '@stead/sdk'

/** The runner's line to the server: desired state comes in, reports go out, and the lease is renewed. */
export interface Sync {
  report(report: RunnerReport): void
  /** The engines' states changed; they go out with the next report, at once. */
  statusChanged(): void
  start(): void
  stop(): Promise<void>
}

export interface SyncParts {
  readonly client: Client
  readonly name: RunnerName
  readonly identity: RunnerIdentity
  readonly clock: Clock
  readonly log: Log
  /** Everything the runner should serve; what is not named should end. */
  snapshot(deployments: DesiredDeployment[]): void
  delta(deployment: DesiredDeployment): void
  removed(name: DeploymentName, id: string): void
  engines(): EngineStatus[]
  figures(): FigureSample[]
  /** Whether the lease is held: without it the runner serves on by itself. */
  attached(attached: boolean): void
}

const RETRY_MS = [50, 200, 500, 1_000, 2_000]

export function createSync(parts: SyncParts): Sync {
  const { client, name, clock, log } = parts
  const stopping = new AbortController()
  let outbox: RunnerReport[] = []
  let statusDue = true
  let sending = false
  let connected = false
  let leaseEnds = 0
  let attached = false

  function setAttached(now: boolean): void {
    if (attached === now) return
    attached = now
    parts.attached(now)
    if (now) log.info('attached to the server')
    else log.warn('the server is out of reach; serving on detached')
  }

  /** One stream after another; each begins with a snapshot, so that nothing is missed in between. */
  async function follow(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures++) {
      const connection = new AbortController()
      const onStop = () => connection.abort(stopping.signal.reason)
      stopping.signal.addEventListener('abort', onStop, { once: true })
      let revision: number | undefined
      let heardAt = clock.monotonic()
      // A connection that says nothing for a whole lease is dead, whatever the socket thinks.
      const watchdog = setInterval(() => {
        if (clock.monotonic() - heardAt > LEASE_MS) connection.abort(new Error('the server fell silent'))
      }, HEARTBEAT_MS)
      try {
        const { rest, grpc, pid, frontEnds, runtimes } = parts.identity
        await client.watch(
          watchDesired,
          {
            params: { runner: name },
            query: { rest, grpc, pid, frontEnds, runtimes: runtimes.join(',') },
            signal: connection.signal,
          },
          (data) => {
            heardAt = clock.monotonic()
            const event = DesiredEvent.parse(data)
            failures = 0
            if (event.kind === 'heartbeat') {
              if (event.revision !== revision) connection.abort(new Error('the stream has a gap'))
              return
            }
            if (event.kind !== 'snapshot' && event.revision !== (revision ?? -1) + 1)
              return connection.abort(new Error('the stream has a gap'))
            revision = event.revision
            take(event)
          },
        )
      } catch (error) {
        if (!stopping.signal.aborted) log.debug({ err: error }, 'the stream of desired state ended')
      } finally {
        clearInterval(watchdog)
        stopping.signal.removeEventListener('abort', onStop)
        connected = false
      }
      if (!stopping.signal.aborted)
        await clock.sleep(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!, stopping.signal).catch(() => {})
    }
  }

  function take(event: Exclude<DesiredEvent, { kind: 'heartbeat' }>): void {
    if (event.kind === 'delta') return parts.delta(event.deployment)
    if (event.kind === 'removed') return parts.removed(event.name, event.id)
    connected = true
    statusDue = true
    parts.snapshot(event.deployments)
    void send()
  }

  /** Sends what there is, one request at a time; what could not be sent stays in front. */
  async function send(): Promise<void> {
    if (sending || !connected) return
    sending = true
    const reports = outbox
    const withStatus = statusDue
    const figures = parts.figures()
    outbox = []
    statusDue = false
    const sentAt = clock.monotonic()
    try {
      const { leaseMs } = await client.call(reportRunner, {
        params: { runner: name },
        body: {
          reports,
          figures,
          memory: process.memoryUsage.rss(),
          ...(withStatus ? { engines: parts.engines() } : {}),
        },
        signal: AbortSignal.timeout(LEASE_MS),
      })
      // The server counts from when it heard us, which is later than this.
      leaseEnds = sentAt + leaseMs
      clearTimeout(leaseTimer)
      leaseTimer = setTimeout(endLease, leaseEnds - clock.monotonic() + 1)
      setAttached(true)
    } catch (error) {
      outbox = [...reports, ...outbox]
      statusDue ||= withStatus
      if (error instanceof SteadError && error.code !== 'runner_not_found') {
        log.error({ err: error }, 'the server refused a report; it is dropped')
        outbox = []
      }
    } finally {
      sending = false
    }
    if (connected && clock.monotonic() < leaseEnds && outbox.length > 0) setImmediate(() => void send())
  }

  // The server counts this runner out from then on: its answers must carry the mark by that moment.
  function endLease(): void {
    if (clock.monotonic() >= leaseEnds) setAttached(false)
  }

  function beat(): void {
    endLease()
    statusDue = true
    void send()
  }

  let beating: NodeJS.Timeout | undefined
  let leaseTimer: NodeJS.Timeout | undefined
  let following: Promise<void> = Promise.resolve()
  return {
    report(report) {
      outbox.push(report)
      setImmediate(() => void send())
    },
    statusChanged() {
      statusDue = true
      setImmediate(() => void send())
    },
    start() {
      beating = setInterval(beat, HEARTBEAT_MS)
      following = follow()
    },
    async stop() {
      clearInterval(beating)
      await send()
      clearTimeout(leaseTimer)
      stopping.abort(new Error('the runner stops'))
      await following
    },
  }
}
