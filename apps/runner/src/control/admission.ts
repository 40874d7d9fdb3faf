import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock, Log } from '@stead/chassis'
import { Admission, Instant } from '@stead/contracts'
import type { Admittance } from '../admission/admittance.ts'
import { growRates } from '../admission/rates.ts'

/** What the server last said of who may call, kept for the time without it. There are hashes in it and no secrets. */
interface Kept {
  readonly admission: Admission
  readonly heardAt: Instant
}

/** Who may call this runner, with the server and for a while without it. */
export interface Admitting {
  readonly current: Admittance
  take(admission: Admission): void
  /** The server knows this runner still. */
  heard(): void
  /** The server asks who this runner is, and does not know it. */
  refused(): void
  close(): Promise<void>
}

export interface AdmittingParts {
  readonly path: string
  /** Others than this machine's user can reach the runner. */
  readonly isExposed: boolean
  /** It has a token to join with, so there is a server that will say who may call. */
  readonly joins: boolean
  /** How long keys count after the server was last heard of. */
  readonly keptMs: number
  /** Shared with the front ends. */
  readonly rates: SharedArrayBuffer
  readonly clock: Clock
  readonly log: Log
  readonly changed: (admittance: Admittance) => void
}

/** How often it is noted that the server was heard of: a runner that dies honours keys that much shorter. */
const NOTED_EVERY_MS = 30_000

/** `changed` hears of every other admittance than the one it begins with. */
export async function openAdmitting(parts: AdmittingParts): Promise<Admitting> {
  const { path, clock, log, keptMs } = parts
  const before = await readKept(path, log)
  // It may have been closed while nobody ran: a runner that can ask does not take the old word for it.
  let admission = before?.admission.open && parts.joins ? undefined : before?.admission
  // A wall clock that was set back makes nothing older than it is, and nothing younger than now.
  let heardAt =
    clock.monotonic() - (before ? Math.max(0, clock.now().getTime() - Date.parse(before.heardAt)) : Infinity)
  let notedAt = -Infinity
  let writing: Promise<void> = Promise.resolve()
  let toWrite: Kept | undefined
  let expiry: NodeJS.Timeout | undefined
  const slots = new Map<string, number>()
  let current = decide()
  awaitExpiry()

  function decide(): Admittance {
    if (admission === undefined) return parts.joins || parts.isExposed ? UNHEARD : { is: 'open' }
    if (admission.open) return parts.isExposed ? EXPOSED : { is: 'open' }
    if (clock.monotonic() - heardAt >= keptMs) return tooLong(keptMs)
    const { keys, server, monitors } = admission
    return { is: 'closed', keys: keys.map((key) => ({ ...key, slot: slotFor(key) })), server, monitors }
  }

  /** A slot is never another consumer's: front ends may still count in it. */
  function slotFor({ consumer, limits }: Admission['keys'][number]): number | null {
    if (limits.rate === null) return null
    const slot = slots.get(consumer) ?? slots.size
    if (!growRates(parts.rates, slot + 1)) return null
    slots.set(consumer, slot)
    return slot
  }

  function change(): void {
    current = decide()
    parts.changed(current)
  }

  function awaitExpiry(): void {
    clearTimeout(expiry)
    if (current.is !== 'closed') return
    const left = keptMs - (clock.monotonic() - heardAt)
    // A timer cannot wait longer than this; then it looks again.
    expiry = setTimeout(
      () => {
        if (clock.monotonic() - heardAt < keptMs) return awaitExpiry()
        change()
        log.warn('the server has been out of reach for too long; keys are not honoured any more')
      },
      Math.min(2 ** 31 - 1, Math.max(0, left) + 1),
    )
    expiry.unref()
  }

  function note(): void {
    if (admission === undefined) return
    notedAt = clock.monotonic()
    // Many changes at once are one write of the last of them.
    const isWaiting = toWrite !== undefined
    toWrite = { admission, heardAt: new Date(clock.now().getTime() - (notedAt - heardAt)).toISOString() }
    if (isWaiting) return
    writing = writing
      .then(() => {
        const kept = toWrite!
        toWrite = undefined
        return writeKept(path, kept)
      })
      .catch((error: unknown) =>
        log.error({ err: error }, 'who may call could not be kept for a time without a server'),
      )
  }

  function take(next: Admission): void {
    admission = next
    heardAt = clock.monotonic()
    change()
    awaitExpiry()
    note()
    if (current === EXPOSED) log.error(EXPOSED.because)
  }

  return {
    get current() {
      return current
    },
    take,
    heard() {
      // After too long a silence only what the server says anew counts: keys may have been revoked meanwhile.
      if (current.is !== 'closed') return
      heardAt = clock.monotonic()
      if (heardAt - notedAt >= Math.min(NOTED_EVERY_MS, keptMs / 4)) note()
    },
    refused() {
      // What it heard of keys counts on for its time; what was open to everybody is not any more.
      if (admission?.open === false) return
      if (admission === undefined && current.is === 'refusing') return
      take(NOBODY)
    },
    async close() {
      clearTimeout(expiry)
      if (current.is === 'closed') note()
      await writing
    },
  }
}

const NOBODY: Admission = { open: false, keys: [], server: null, monitors: [] }

const UNHEARD = {
  is: 'refusing',
  kind: 'not_ready',
  because: 'this runner has not yet heard from its server who may call',
} as const satisfies Admittance

const EXPOSED = {
  is: 'refusing',
  kind: 'not_ready',
  because:
    'this runner can be reached from other machines, but its installation is open to everybody: make an owner of the installation first, or let the runner listen on 127.0.0.1',
} as const satisfies Admittance

const tooLong = (keptMs: number): Admittance => ({
  is: 'refusing',
  kind: 'detached_too_long',
  because: `this runner has not heard of its server for more than ${Math.round(keptMs / 1000)} s, and does not honour keys any longer (STEAD_DETACHED_KEYS)`,
})

async function readKept(path: string, log: Log): Promise<Kept | undefined> {
  try {
    const { admission, heardAt } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    return { admission: Admission.parse(admission), heardAt: Instant.parse(heardAt) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ err: error }, 'who might call before the restart cannot be read')
    return undefined
  }
}

/** A crash leaves the old file or the new one. */
async function writeKept(path: string, kept: Kept): Promise<void> {
  const fresh = await open(`${path}.new`, 'w', 0o600)
  try {
    await fresh.writeFile(JSON.stringify(kept))
    await fresh.sync()
  } finally {
    await fresh.close()
  }
  await rename(`${path}.new`, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
