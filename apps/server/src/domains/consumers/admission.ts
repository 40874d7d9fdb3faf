import type { Clock } from '@stead/chassis'
import { Digest } from '@stead/contracts'
import type { AdmittedKey, Admission, Limits } from '@stead/contracts'
import type { Desired } from '../runners/desired.ts'
import type { ConsumerStore, KeptConsumer } from './consumers.store.ts'
import { DAY_MS, dayOf, monthOf, type KeyOwner, type Usage, type Used } from './usage.ts'

/** Who may call runners, and telling them whenever that is another. */
export interface Admissions {
  /** Reads consumers, keys and monitors anew and tells runners what has changed, before it resolves. A failure is told
   *  to `onFailure`, and it is tried again with the next turn. */
  refresh(): Promise<void>
  /** Whose a key is, or was while this server runs. */
  ownerOf(key: string): KeyOwner | undefined
  /** Tells of what time has changed: quotas that ran out or began anew, keys that expired. */
  turn(): Promise<void>
}

export interface AdmissionParts {
  readonly store: Pick<ConsumerStore, 'list' | 'monitors'>
  readonly usage: Pick<Usage, 'used'>
  readonly desired: Pick<Desired, 'admit'>
  /** Whether everybody who reaches the installation may do everything. */
  readonly isOpen: () => boolean
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

interface Roll {
  readonly consumers: readonly KeptConsumer[]
  readonly monitors: Awaited<ReturnType<ConsumerStore['monitors']>>
}

export function createAdmissions({ store, usage, desired, isOpen, clock, onFailure }: AdmissionParts): Admissions {
  let roll: Roll = { consumers: [], monitors: [] }
  // Late reports of a key that was revoked are still counted.
  const owners = new Map<string, KeyOwner>()
  let told = ''
  let isStale = true
  let reading: Promise<void> = Promise.resolve()

  function tell(): void {
    const admission = admissionOf(roll, isOpen(), usage.used, clock.now())
    const text = JSON.stringify(admission)
    if (text === told) return
    told = text
    desired.admit(admission)
  }

  async function read(): Promise<void> {
    try {
      const [consumers, monitors] = [await store.list(), await store.monitors()]
      roll = { consumers, monitors }
      for (const { id, projectId, keys } of consumers)
        for (const key of keys) owners.set(key.id, { consumerId: id, projectId })
      isStale = false
    } catch (error) {
      isStale = true
      onFailure(error)
    }
    // Until it has been read once, nobody knows who may call.
    if (!isStale || told !== '') tell()
  }

  const refresh = () => (reading = reading.then(read))
  return {
    refresh,
    ownerOf: (key) => owners.get(key),
    async turn() {
      if (isStale) await refresh()
      else tell()
    },
  }
}

function admissionOf({ consumers, monitors }: Roll, open: boolean, used: (id: string) => Used, now: Date): Admission {
  const isCurrent = ({ expiresAt }: { expiresAt: string | null }) =>
    expiresAt === null || Date.parse(expiresAt) > now.getTime()
  return {
    open,
    keys: consumers.flatMap(({ id, project, limits, keys }) => {
      const exhausted = exhaustedUntil(limits, used(id), now)?.toISOString() ?? null
      return keys.filter(isCurrent).map((key): AdmittedKey => ({
        id: key.id,
        hash: Digest.parse(`sha256:${key.hash}`),
        project,
        consumer: id,
        deployments: key.deployments,
        expiresAt: key.expiresAt,
        limits: { rate: limits.rate, burst: limits.burst },
        exhaustedUntil: exhausted,
      }))
    }),
    // Each runner is told a secret of its own.
    server: null,
    monitors: monitors.filter(isCurrent).map(({ hash }) => Digest.parse(`sha256:${hash}`)),
  }
}

/** The end of the longest period whose quota is used up. */
export function exhaustedUntil({ perDay, perMonth }: Limits, { today, thisMonth }: Used, now: Date): Date | undefined {
  if (perMonth !== null && thisMonth >= perMonth) return monthOf(now, 1)
  if (perDay !== null && today >= perDay) return new Date(dayOf(now).getTime() + DAY_MS)
  return undefined
}
