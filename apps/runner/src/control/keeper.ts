import type { Clock, Log } from '@stead/chassis'
import type {
  DesiredDeployment,
  EngineStatus,
  Preparation,
  RouteTable,
  RunnerReport,
  VersionBundle,
} from '@stead/contracts'
import { createSeat, seatKey } from '../engines/seat.ts'
import type { Seat } from '../engines/seat.ts'
import type { Garage } from '../engines/garage.ts'
import type { FrontEnds } from '../front-ends.ts'
import type { ServedDeployment, ServedVersion } from '../routing/served.ts'
import type { ReachFailpoint } from './failpoints.ts'
import type { Journal } from './journal.ts'
import { prepareVersions } from './preparation.ts'

/** A journal record: the state of a deployment that was committed, or its end. */
export type KeptState = { deployment: DesiredDeployment } | { removed: string }

export interface KeeperParts {
  readonly garage: Garage
  readonly frontEnds: Pick<FrontEnds, 'publish' | 'forget' | 'released'>
  readonly journal: Pick<Journal<KeptState>, 'append' | 'ensureRoom'>
  readonly report: (report: RunnerReport) => void
  readonly statusChanged: () => void
  readonly failpoint: ReachFailpoint
  readonly clock: Clock
  readonly log: Log
  readonly standbyMs: number
  readonly drainMs: number
}

/** Brings one deployment of this runner to the state it should be in, and keeps it there. */
export interface Keeper {
  readonly desired: DesiredDeployment
  /** Takes the newest desired state; a committed table is in force on every front end when the promise resolves. */
  accept(desired: DesiredDeployment): Promise<void>
  /** Serves the journal's table as before the restart. */
  restore(): Promise<void>
  /** A request waits for this version. */
  wanted(key: string): void
  touched(version: number, requests: number): void
  /** Loads what the table names, as far as there is room. */
  loadAll(): Promise<void>
  remove(): Promise<void>
  seats(): readonly Seat[]
  statuses(): EngineStatus[]
}

/** Between attempts to take a committed table that could not be taken. */
const RETRY_MS = 1_000

export function createKeeper(first: DesiredDeployment, parts: KeeperParts): Keeper {
  const { frontEnds, journal, report, failpoint, clock, log } = parts
  const seats = new Map<string, Seat>()
  const standby = new Map<string, NodeJS.Timeout>()
  let desired = first
  let applied: DesiredDeployment | undefined
  let preparing: { id: string; abort: AbortController; keys: Set<string> } | undefined
  let removed = false
  // Tables are applied and published one after the other.
  let tail: Promise<void> = Promise.resolve()
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    const turn = tail.then(act)
    tail = turn.catch((error: unknown) =>
      log.error({ err: error, deployment: desired.name }, 'a table could not be applied'),
    )
    return turn
  }

  function seatOf(bundle: VersionBundle, config: RouteTable['config']): Seat {
    const key = seatKey(desired.id, bundle, config)
    const known = seats.get(key)
    if (known) return known
    const seat = createSeat(
      key,
      { project: desired.project, deployment: desired.name, bundle, config },
      {
        garage: parts.garage,
        clock,
        log,
        changed: () => {
          parts.statusChanged()
          void republish()
        },
        told: parts.statusChanged,
        released: (engine) => frontEnds.released(engine, parts.drainMs),
      },
    )
    seats.set(key, seat)
    return seat
  }

  function tableSeats(state: DesiredDeployment | undefined): Map<string, Seat> {
    const found = new Map<string, Seat>()
    for (const { version } of state?.table ? [...state.table.routes, ...state.table.shadows] : []) {
      const bundle = state!.versions.find((one) => one.version === version && one.model === state!.table!.model)
      if (!bundle) continue
      const seat = seatOf(bundle, state!.table!.config)
      found.set(seat.key, seat)
    }
    return found
  }

  function served(state: DesiredDeployment, table: RouteTable): ServedDeployment {
    const inTable = tableSeats(state)
    const numbers = new Set([...inTable.values()].map((seat) => seat.bundle.version))
    const entries = [...inTable.values()].map((seat) => entryOf(seat, true))
    for (const [key, seat] of seats) {
      if (inTable.has(key)) continue
      const stands = standby.has(key) && seat.bundle.model === table.model && !numbers.has(seat.bundle.version)
      if (stands || seat.loaded) entries.push(entryOf(seat, stands))
      if (stands) numbers.add(seat.bundle.version)
    }
    return {
      id: state.id,
      project: state.project,
      name: state.name,
      table,
      versions: entries,
      recording: desired.recording,
    }
  }

  async function republish(): Promise<void> {
    await inTurn(async () => {
      if (applied?.table && !removed) await frontEnds.publish(served(applied, applied.table))
    }).catch(() => {})
  }

  /** One commit: on the disk first, then in force, then acknowledged. */
  async function apply(next: DesiredDeployment, table: RouteTable): Promise<void> {
    const start = clock.monotonic()
    if (applied?.table?.generation === table.generation && applied.id === next.id)
      return acknowledge(next, table, start)
    failpoint('commit-received')
    await journal.append({ deployment: { ...next, preparation: null, recording: null } })
    failpoint('journal-written')
    const before = tableSeats(applied)
    applied = next
    const now = tableSeats(next)
    for (const [key, seat] of now) {
      seat.role = 'serving'
      endStandby(key)
    }
    for (const [key, seat] of before) if (!now.has(key)) standBy(key, seat)
    await frontEnds.publish(served(next, table))
    failpoint('front-ends-flipped')
    acknowledge(next, table, start)
    failpoint('acknowledged')
    parts.statusChanged()
    void (table.parked === null ? keeper.loadAll() : parkAll(table.parked))
  }

  /** What could not be written, to a full disk say, is committed all the same: it is taken as soon as it can be. */
  function tryAgain(next: DesiredDeployment): void {
    const again = () => (removed || desired !== next ? undefined : keeper.accept(next))
    setTimeout(() => void again(), RETRY_MS).unref()
  }

  function acknowledge(next: DesiredDeployment, table: RouteTable, start: number): void {
    report({
      kind: 'acknowledged',
      deployment: next.name,
      id: next.id,
      generation: table.generation,
      ms: clock.monotonic() - start,
    })
  }

  function standBy(key: string, seat: Seat): void {
    endStandby(key)
    seat.role = 'standby'
    const timer = setTimeout(() => {
      standby.delete(key)
      void tidy()
    }, parts.standbyMs)
    timer.unref()
    standby.set(key, timer)
  }

  function endStandby(key: string): void {
    clearTimeout(standby.get(key))
    standby.delete(key)
  }

  /** Stops what nothing needs any more: neither the table, nor a preparation, nor the way back. */
  async function tidy(): Promise<void> {
    const needed = tableSeats(applied)
    const gone = [...seats].filter(([key]) => !needed.has(key) && !standby.has(key) && !preparing?.keys.has(key))
    for (const [key, seat] of gone) {
      await seat.unload('stopped', 'no longer needed')
      if (!tableSeats(applied).has(key) && !standby.has(key) && !preparing?.keys.has(key)) seats.delete(key)
    }
    if (gone.length > 0) {
      parts.statusChanged()
      await republish()
    }
  }

  async function parkAll(parked: NonNullable<RouteTable['parked']>): Promise<void> {
    await Promise.all(
      [...seats.values()]
        .filter((seat) => !preparing?.keys.has(seat.key))
        .map((seat) =>
          seat.unload('parked', parked === 'load' ? 'parked until it is woken' : 'parked until the next request'),
        ),
    )
    parts.statusChanged()
  }

  function prepare(asked: Preparation): void {
    failpoint('preparation-received')
    const bundles = asked.versions.flatMap(
      (version) => desired.versions.find((one) => one.version === version && one.model === asked.model) ?? [],
    )
    const wantedSeats = bundles.map((bundle) => seatOf(bundle, asked.config))
    const mine = { id: asked.id, abort: new AbortController(), keys: new Set(wantedSeats.map((seat) => seat.key)) }
    preparing = mine
    void prepareVersions(asked, wantedSeats, {
      report,
      failpoint,
      clock,
      deployment: desired.name,
      signal: mine.abort.signal,
      ensureRoom: journal.ensureRoom,
      connect: republish,
    })
  }

  const keeper: Keeper = {
    get desired() {
      return desired
    },
    async accept(next) {
      desired = next
      if (preparing && next.preparation?.id !== preparing.id) {
        preparing.abort.abort(new Error('the change was given up'))
        preparing = undefined
      }
      if (next.preparation && !preparing) prepare(next.preparation)
      const { table } = next
      const recordingChanged = applied !== undefined && applied.recording?.id !== next.recording?.id
      if (table) await inTurn(() => apply(next, table)).catch(() => tryAgain(next))
      if (recordingChanged) await republish()
      if (!next.preparation) await tidy()
    },
    async restore() {
      applied = desired
      for (const seat of tableSeats(desired).values()) seat.role = 'serving'
      if (desired.table) await frontEnds.publish(served(desired, desired.table))
    },
    wanted(key) {
      if (applied?.table?.parked === 'load') return
      const seat = seats.get(key)
      if (seat?.isWorthTrying) void seat.ensure({ evict: true }).catch(() => {})
    },
    touched(version, requests) {
      for (const seat of seats.values()) if (seat.bundle.version === version && seat.loaded) seat.touch(requests)
    },
    async loadAll() {
      if (applied?.table?.parked !== null) return
      await Promise.all([...tableSeats(applied).values()].map((seat) => seat.ensure({ evict: false }).catch(() => {})))
    },
    async remove() {
      removed = true
      preparing?.abort.abort(new Error('the deployment was deleted'))
      for (const key of standby.keys()) endStandby(key)
      await journal.append({ removed: desired.name })
      await frontEnds.forget(desired.name)
      await Promise.all([...seats.values()].map((seat) => seat.unload('stopped', 'the deployment was deleted')))
    },
    seats: () => [...seats.values()],
    statuses: () => [...seats.values()].map((seat) => seat.status()),
  }
  return keeper
}

function entryOf(seat: Seat, callable: boolean): ServedVersion {
  const { version, runtime, signature } = seat.bundle
  return {
    key: seat.key,
    version,
    runtime,
    signature,
    engine: seat.loaded?.address ?? null,
    failed: seat.loaded ? null : (seat.failed ?? null),
    callable,
  }
}
