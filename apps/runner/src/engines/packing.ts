import type { Clock, Log } from '@stead/chassis'
import type { Garage } from './garage.ts'
import type { Seat } from './seat.ts'

/** Moves small, quiet engines into common hosts, and one that becomes busy out of it again. */
export interface Packer {
  /** One look at all engines; what it moves has moved when the promise resolves. */
  look(): Promise<void>
  stop(): void
}

export interface PackerParts {
  seats(): readonly Seat[]
  readonly garage: Garage
  readonly clock: Clock
  readonly log: Log
}

export const PACKING = {
  /** Between two looks; an engine is judged by its requests in between. */
  everyMs: 15_000,
  mostPerHost: 12,
  /** A host of its own costs little beside a model that takes more than this. */
  smallBytes: 48 * 1024 * 1024,
  /** Requests a second: up to here an engine is quiet, from there on it is busy and gets a host of its own. */
  quietRate: 20,
  busyRate: 100,
} as const

export function startPacker({ seats, garage, clock, log }: PackerParts): Packer {
  let lookedAt = clock.monotonic()
  let looking = false

  async function look(): Promise<void> {
    const seconds = Math.max(0.001, (clock.monotonic() - lookedAt) / 1000)
    lookedAt = clock.monotonic()
    const rated = seats().map((seat) => ({ seat, rate: seat.takeRequests() / seconds }))
    for (const { seat, rate } of rated) if (rate >= PACKING.busyRate && seat.loaded?.isPacked) await moveOut(seat)
    for (const group of groupsToPack(rated)) await moveTogether(group)
  }

  async function moveOut(seat: Seat): Promise<void> {
    const stage = <T>(_: string, act: () => Promise<T>) => act()
    const placed = await garage.load(seat.order, {
      stage,
      signal: new AbortController().signal,
      evict: false,
      self: seat.key,
      hosted: () => {},
    })
    await seat.relocate(placed)
  }

  async function moveTogether(group: readonly Seat[]): Promise<void> {
    const placed = await garage.loadTogether(group.map((seat) => seat.order))
    await Promise.all(group.map((seat, index) => seat.relocate(placed[index]!)))
    log.debug({ engines: group.length }, 'small engines share a host now')
  }

  const timer = setInterval(() => {
    if (looking) return
    looking = true
    look()
      .catch((error: unknown) => log.warn({ err: error }, 'engines could not be packed; they stay where they are'))
      .finally(() => (looking = false))
  }, PACKING.everyMs)
  timer.unref()

  return { look, stop: () => clearInterval(timer) }
}

/** Small, quiet engines that have a host each, by project: those of different projects never share one. */
export function groupsToPack(rated: readonly { seat: Seat; rate: number }[]): Seat[][] {
  const byProject = new Map<string, Seat[]>()
  for (const { seat, rate } of rated) {
    if (!isPackable(seat, rate)) continue
    const { project } = seat.order
    byProject.set(project, [...(byProject.get(project) ?? []), seat])
  }
  const groups: Seat[][] = []
  for (const alone of byProject.values()) {
    for (let at = 0; at < alone.length; at += PACKING.mostPerHost)
      groups.push(alone.slice(at, at + PACKING.mostPerHost))
  }
  return groups.filter((group) => group.length > 1)
}

function isPackable({ role, isIdle, loaded, order }: Seat, rate: number): boolean {
  if (role === 'preparing' || !isIdle || !loaded || loaded.isPacked) return false
  return (
    order.bundle.runtime === 'onnx' &&
    order.config.isolation === 'shared' &&
    loaded.memory <= PACKING.smallBytes &&
    rate <= PACKING.quietRate
  )
}
