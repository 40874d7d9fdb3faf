import type { Clock, Log } from '@stead/chassis'
import type {
  EngineState,
  EngineStatus,
  DeploymentName,
  ProjectName,
  ServingConfig,
  VersionBundle,
} from '@stead/contracts'
import type { StageClock } from '../control/bundles.ts'
import type { EngineAddress } from '../routing/served.ts'
import type { Garage, Placed } from './garage.ts'

/** A loaded engine and where front ends reach it: what a seat has while somebody sits on it. */
export interface Loaded extends Placed {
  readonly address: EngineAddress
}

/** The place of one version in one deployment: engines come and go on it. It loads once however many ask, brings a
 *  crashed engine back, and says at any time how it is and why. */
export interface Seat {
  readonly key: string
  readonly order: SeatOrder
  readonly bundle: VersionBundle
  readonly loaded: Loaded | undefined
  /** Why the last attempt to load failed; undefined once one succeeds or is under way for the first time. */
  readonly failed: string | undefined
  /** Whether it failed so long ago that a request may have it tried again. */
  readonly isWorthTrying: boolean
  readonly isIdle: boolean
  /** Resolves when an engine is loaded and warm. The stages are told to whoever asked first. */
  ensure(asked: { evict: boolean; stage?: StageClock; signal?: AbortSignal }): Promise<Loaded>
  /** Moves to another engine of the same version, flipped like a swap; the one before ends after its last answer. */
  relocate(placed: Placed): Promise<void>
  /** Requests were seen. */
  touch(requests: number): void
  /** Requests seen since the last call. */
  takeRequests(): number
  readonly touchedAt: number
  /** What the deployment uses a loaded engine for; an idle one is parked, and a dropped one is stopped. */
  role: 'serving' | 'standby' | 'preparing'
  /** Lets the engine go after its last answer. `parked` comes back on request. */
  unload(as: 'parked' | 'stopped', reason: string): Promise<void>
  status(): EngineStatus
}

export interface SeatParts {
  readonly garage: Garage
  readonly clock: Clock
  readonly log: Log
  /** The engine came or went: front ends must hear of it. */
  changed(): void
  /** The status says something new, of which front ends need not hear. */
  told?(): void
  /** Resolves when no front end has a request of this engine under way. */
  released(engine: string): Promise<void>
}

export interface SeatOrder {
  readonly project: ProjectName
  readonly deployment: DeploymentName
  readonly bundle: VersionBundle
  readonly config: ServingConfig
}

/** Between attempts to bring a crashed engine back, in milliseconds. */
const BACKOFF = [0, 100, 500, 2_000, 10_000, 30_000]
/** After a failed load requests are refused; one that comes later than this has it tried again meanwhile. */
const RETRY_MS = 1_000
let engineCount = 0

export function seatKey(
  deploymentId: string,
  bundle: VersionBundle,
  { batching, threads, isolation }: ServingConfig,
): string {
  return JSON.stringify([deploymentId, bundle.model, bundle.version, bundle.digest, batching, threads, isolation])
}

export function createSeat(key: string, order: SeatOrder, parts: SeatParts): Seat {
  const { garage, clock, log } = parts
  const { bundle, deployment } = order
  let state: EngineState = 'parked'
  let reason: string | null = null
  let since = clock.now()
  let loaded: Loaded | undefined
  let loading: Promise<Loaded> | undefined
  /** The signal of whoever began the load under way. */
  let loadingFor: AbortSignal | undefined
  let loadingPid: number | null = null
  let failed: string | undefined
  let failedAt = -Infinity
  let restarts = 0
  let crashes = 0
  let dropped = false
  let touchedAt = clock.monotonic()
  let requests = 0

  function become(next: EngineState, because: string | null = null): void {
    state = next
    reason = because
    since = clock.now()
  }

  async function load(asked: { evict: boolean; stage?: StageClock; signal?: AbortSignal }): Promise<Loaded> {
    const stage: StageClock = (name, act) => {
      become(name, crashes > 0 ? reason : null)
      return asked.stage ? asked.stage(name, act) : act()
    }
    const signal = asked.signal ?? new AbortController().signal
    const hosted = (pid: number) => {
      loadingPid = pid
      parts.told?.()
    }
    try {
      return sit(await garage.load(order, { stage, signal, evict: asked.evict, self: key, hosted }))
    } finally {
      loadingPid = null
    }
  }

  /** The engine that requests go to from now on. */
  function sit(placed: Placed): Loaded {
    const { host, slot } = placed
    const made: Loaded = {
      ...placed,
      address: { id: `engine-${process.pid}-${++engineCount}`, socketPath: host.socketPath, slot },
    }
    loaded = made
    failed = undefined
    touchedAt = clock.monotonic()
    become('ready')
    void host.exited.then((exit) => {
      if (loaded === made && !garage.isClosing) lostEngine(exit.reason)
    })
    return made
  }

  /** The engine ended by itself: the next one is begun at once, later ones after growing waits. */
  function lostEngine(because: string): void {
    log.warn({ deployment, version: bundle.version, because }, 'an engine is gone')
    loaded = undefined
    restarts += 1
    become('starting', because)
    parts.changed()
    void comeBack()
  }

  async function comeBack(): Promise<void> {
    const wait = BACKOFF[Math.min(crashes, BACKOFF.length - 1)] ?? 0
    crashes += 1
    if (wait > 0) await clock.sleep(wait)
    if (dropped || loaded || loading) return
    await seat.ensure({ evict: false }).then(
      (engine) => {
        // An engine that lives a while has recovered; its next crash is answered at once again.
        void Promise.race([clock.sleep(60_000), engine.host.exited]).then(() => {
          if (loaded === engine) crashes = 0
        })
      },
      () => comeBack(),
    )
  }

  const seat: Seat = {
    key,
    order,
    bundle,
    role: 'preparing',
    get loaded() {
      return loaded
    },
    get failed() {
      return failed
    },
    get isWorthTrying() {
      return failed === undefined || clock.monotonic() - failedAt > RETRY_MS
    },
    get isIdle() {
      return loaded !== undefined && loading === undefined
    },
    get touchedAt() {
      return touchedAt
    },
    touch(count) {
      touchedAt = clock.monotonic()
      requests += count
    },
    takeRequests() {
      const taken = requests
      requests = 0
      return taken
    },
    async relocate(placed) {
      const before = loaded
      // It was parked, lost or dropped while the other place was made: nobody waits for this one.
      if (!before || loading || dropped) return placed.dispose()
      sit(placed)
      parts.changed()
      await parts.released(before.address.id)
      await before.dispose()
    },
    ensure(asked) {
      dropped = false
      touchedAt = clock.monotonic()
      if (loaded) return Promise.resolve(loaded)
      if (loading) {
        const first = loadingFor
        // Whoever began the load may give it up; those who joined it still want it.
        return loading.catch((error: unknown) => {
          if (first?.aborted && !asked.signal?.aborted) return seat.ensure(asked)
          throw error
        })
      }
      loadingFor = asked.signal
      loading = load(asked)
        .catch((error: unknown) => {
          const because = error instanceof Error ? error.message : String(error)
          // Given up says nothing against the version: the next who asks loads it.
          if (asked.signal?.aborted) become('parked', because)
          else {
            failed = because
            failedAt = clock.monotonic()
            become('failed', failed)
          }
          throw error
        })
        .finally(() => {
          loading = undefined
          parts.changed()
        })
      return loading
    },
    async unload(as, because) {
      dropped = true
      await loading?.catch(() => {})
      const gone = loaded
      if (!gone) {
        if (state !== 'failed') become(as, because)
        return
      }
      loaded = undefined
      become('draining', because)
      parts.changed()
      await parts.released(gone.address.id)
      await gone.dispose()
      if (!loaded && !loading) become(as, because)
    },
    status: () => ({
      deployment,
      model: bundle.model,
      version: bundle.version,
      state: state === 'ready' && seat.role !== 'preparing' ? seat.role : state,
      reason,
      since: since.toISOString(),
      hostPid: loaded?.host.pid ?? loadingPid,
      memory: loaded?.memory ?? null,
      restarts,
    }),
  }
  return seat
}
