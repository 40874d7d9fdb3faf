import { randomUUID } from 'node:crypto'
import type { Clock, Log } from '@stead/chassis'
import { DesiredEvent, HEARTBEAT_MS, LEASE_MS, reportRunner, SteadError, watchDesired } from '@stead/contracts'
import type {
  Admission,
  DesiredDeployment,
  DeploymentName,
  EngineStatus,
  FigureSample,
  KeyUse,
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
  admission(admission: Admission): void
  /** A heartbeat came: the server knows this runner, and would have said if anybody's right had ended. */
  heard(): void
  /** The server does not let this runner in. */
  refused(): void
  engines(): EngineStatus[]
  figures(): FigureSample[]
  /** What keys used since the last call. */
  uses(): KeyUse[]
  /** Whether the lease is held: without it the runner serves on by itself. */
  attached(attached: boolean): void
}

const RETRY_MS = [50, 200, 500, 1_000, 2_000]

export function createSync(parts: SyncParts): Sync {
  const { client, name, clock, log } = parts
  const stopping = new AbortController()
  let outbox: RunnerReport[] = []
  let statusDue = true
  // Told under the same name until the server has it, so that it counts it once.
  let usesDue: { readonly uses: KeyUse[]; readonly usesBatch: string } | undefined
  let sending = false
  let lastSend: Promise<void> = Promise.resolve()
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

  let isRefused = false
  function refused({ message }: SteadError): void {
    if (!isRefused) log.error(`the server does not let this runner in: ${message}; STEAD_TOKEN takes a join token`)
    isRefused = true
    parts.refused()
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
            isRefused = false
            if (event.kind === 'heartbeat') {
              if (event.revision !== revision) connection.abort(new Error('the stream has a gap'))
              else parts.heard()
              return
            }
            if (event.kind === 'admission') return parts.admission(event.admission)
            if (event.kind !== 'snapshot' && event.revision !== (revision ?? -1) + 1)
              return connection.abort(new Error('the stream has a gap'))
            revision = event.revision
            take(event)
          },
        )
      } catch (error) {
        if (isRefusal(error)) refused(error)
        else if (error instanceof SteadError && failures === 0)
          log.error(`the server does not register this runner: ${error.message}`)
        else if (!stopping.signal.aborted) log.debug({ err: error }, 'the stream of desired state ended')
      } finally {
        clearInterval(watchdog)
        stopping.signal.removeEventListener('abort', onStop)
        connected = false
      }
      if (!stopping.signal.aborted)
        await clock.sleep(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!, stopping.signal).catch(() => {})
    }
  }

  function take(event: Exclude<DesiredEvent, { kind: 'heartbeat' | 'admission' }>): void {
    if (event.kind === 'delta') return parts.delta(event.deployment)
    if (event.kind === 'removed') return parts.removed(event.name, event.id)
    connected = true
    statusDue = true
    parts.snapshot(event.deployments)
    void send()
  }

  /** Sends what there is, one request at a time; what could not be sent stays in front. */
  function send(): Promise<void> {
    if (sending || !connected) return Promise.resolve()
    sending = true
    return (lastSend = sendAll())
  }

  async function sendAll(): Promise<void> {
    const reports = outbox
    const withStatus = statusDue
    const figures = parts.figures()
    usesDue ??= namedUses(parts.uses())
    outbox = []
    statusDue = false
    const sentAt = clock.monotonic()
    try {
      const { leaseMs } = await client.call(reportRunner, {
        params: { runner: name },
        body: {
          reports,
          figures,
          ...usesDue,
          memory: process.memoryUsage.rss(),
          ...(withStatus ? { engines: parts.engines() } : {}),
        },
        signal: AbortSignal.timeout(LEASE_MS),
      })
      usesDue = undefined
      // The server counts from when it heard us, which is later than this.
      leaseEnds = sentAt + leaseMs
      clearTimeout(leaseTimer)
      leaseTimer = setTimeout(endLease, leaseEnds - clock.monotonic() + 1)
      setAttached(true)
    } catch (error) {
      outbox = [...reports, ...outbox]
      statusDue ||= withStatus
      if (error instanceof SteadError && error.code !== 'runner_not_found' && !isRefusal(error)) {
        log.error({ err: error }, 'the server refused a report; it is dropped')
        outbox = []
        usesDue = undefined
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
      // What came while one was under way still has to go.
      await lastSend
      await send()
      clearTimeout(leaseTimer)
      stopping.abort(new Error('the runner stops'))
      await following
    },
  }
}

const namedUses = (uses: KeyUse[]) => (uses.length === 0 ? undefined : { uses, usesBatch: randomUUID() })

const isRefusal = (error: unknown): error is SteadError =>
  error instanceof SteadError && (error.code === 'unauthenticated' || error.code === 'forbidden')
