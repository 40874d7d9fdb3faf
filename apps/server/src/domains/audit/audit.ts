import type { Clock } from '@stead/chassis'
import { INSTALLATION_CHAIN, type AuditEntry, type AuditPage, type Flaw } from '@stead/contracts'
import type { AuditFilter, AuditStore } from './audit.store.ts'
import type { CheckpointStore } from './checkpoints.store.ts'
import { createDenials, type Denials } from './denials.ts'
import { brokenOf, createVerification } from './verification.ts'

export interface Audit {
  readonly denied: Denials['denied']
  /** `chain` is a project's id; the installation's own if it is left out. */
  list(
    page: AuditFilter & { readonly before?: number | undefined; readonly limit: number },
    chain?: string,
  ): Promise<AuditPage>
  /** Sets a checkpoint, then gives JSON lines: the public key, every entry up to it in order, every checkpoint. */
  export(chain?: string): Promise<AsyncGenerator<string, void>>
  /** Nothing is signed nor compared while chains are put in the place of others. */
  whileReplaced<T>(replace: () => Promise<T>): Promise<T>
  /** The chains are about to be others; their checkpoints go aside. */
  replaced(chains: readonly string[]): Promise<void>
  /** Writes denials, sets checkpoints and reads the log again, each in its time, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Writes what is left, and signs how far the chains have come. */
  close(): Promise<void>
}

export interface AuditParts {
  readonly store: AuditStore
  readonly checkpoints: CheckpointStore
  readonly clock: Clock
  readonly onBroken: (chain: string, flaw: Flaw) => void
  readonly onFailure: (error: unknown) => void
}

const CHECKPOINT_MS = 600_000
/** A whole reading of the log; one more begins with the server. */
const READING_MS = 86_400_000
/** Between two pages of it. */
const PAUSE_MS = 20
/** Entries that a list may read again. */
const AT_LIST = 2_000
const PAGE = 500

export function createAudit({ store, checkpoints, clock, onBroken, onFailure }: AuditParts): Audit {
  const denials = createDenials({ append: store.append, clock, onFailure })
  const verification = createVerification({
    store,
    checkpoints,
    onBroken,
    pause: (signal) => clock.sleep(PAUSE_MS, signal).catch(() => {}),
  })
  const inTurn = oneAfterAnother()
  /** Restores under way, and the chains that they have replaced. */
  let replacing = 0
  const replacedChains = new Set<string>()
  let reading = new AbortController()

  /** Signs how far a chain has come, if it is whole up to there. What is broken is never signed. */
  async function seal(chain: string): Promise<void> {
    const { sequence, hash } = await verification.proceed(chain)
    if (verification.broken(chain) || checkpoints.newest(chain)?.sequence === sequence) return
    await checkpoints.set([{ chain, sequence, head: hash }], clock.now().toISOString())
  }

  async function sealGrown(signal?: AbortSignal): Promise<void> {
    for (const { chain, sequence, head } of await store.heads()) {
      if (signal?.aborted) return
      const newest = checkpoints.newest(chain)
      if (newest?.sequence === sequence && newest.head === head) continue
      await inTurn(async () => (replacing > 0 ? undefined : seal(chain)))
    }
  }

  async function readThrough(signal: AbortSignal): Promise<void> {
    if (replacing > 0) return
    const either = AbortSignal.any([signal, reading.signal])
    const chains = new Set([...(await store.heads()).map(({ chain }) => chain), ...checkpoints.chains()])
    for (const chain of chains) if (!either.aborted) await verification.readThrough(chain, either)
  }

  async function* linesOf(chain: string, through: number): AsyncGenerator<string, void> {
    const { publicKey, key } = checkpoints
    yield lineOf({ kind: 'key', chain, key, publicKey })
    for (let last = 0; last < through;) {
      const page = await store.after(chain, last, Math.min(PAGE, through - last))
      // What cannot be read any more is left out, and so told by the gap.
      for (const { entry, sequence } of page)
        if (entry && sequence <= through) yield lineOf({ kind: 'entry', ...entry })
      last = page.at(-1)?.sequence ?? through
    }
    for await (const checkpoint of checkpoints.of(chain)) {
      if (checkpoint.sequence <= through) yield lineOf({ kind: 'checkpoint', ...checkpoint })
    }
  }

  return {
    denied: denials.denied,
    async list(page, chain = INSTALLATION_CHAIN) {
      const { verified, broken } = await inTurn(async () => {
        if (replacing > 0) return { verified: null, broken: null }
        await verification.proceed(chain, AT_LIST)
        const newest = checkpoints.newest(chain)
        const verified = newest ? { sequence: newest.sequence, at: newest.at } : null
        return { verified, broken: brokenOf(verification.broken(chain)) }
      })
      const entries = await store.before(chain, page)
      return { entries, next: nextOf(entries, page.limit), verified, broken }
    },
    async export(chain = INSTALLATION_CHAIN) {
      await inTurn(async () => (replacing > 0 ? undefined : seal(chain)))
      const signed = verification.broken(chain) ? undefined : checkpoints.newest(chain)
      return linesOf(chain, signed?.sequence ?? (await store.head(chain)).sequence)
    },
    async whileReplaced(replace) {
      await inTurn(async () => void (replacing += 1))
      reading.abort()
      try {
        return await replace()
      } finally {
        await inTurn(async () => {
          for (const chain of replacedChains) verification.forget(chain)
          replacing -= 1
        })
        if (replacing === 0) {
          replacedChains.clear()
          reading = new AbortController()
          await sealGrown().catch(onFailure)
        }
      }
    },
    async replaced(chains) {
      for (const chain of chains) replacedChains.add(chain)
      await checkpoints.forget(chains, clock.now().toISOString())
    },
    async run(signal) {
      const repeat = async (everyMs: number, act: () => Promise<void>) => {
        while (!signal.aborted) {
          await act().catch(onFailure)
          await clock.sleep(everyMs, signal).catch(() => {})
        }
      }
      await Promise.all([
        denials.run(signal),
        repeat(CHECKPOINT_MS, () => sealGrown(signal)),
        repeat(READING_MS, () => readThrough(signal)),
      ])
    },
    async close() {
      await denials.flush()
      await sealGrown(AbortSignal.timeout(CLOSING_MS)).catch(onFailure)
    },
  }
}

const CLOSING_MS = 3_000

const lineOf = (line: object) => `${JSON.stringify(line)}\n`

const nextOf = (entries: readonly AuditEntry[], limit: number): number | null =>
  entries.length === limit ? (entries.at(-1)?.sequence ?? null) : null

function oneAfterAnother(): <T>(act: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve()
  return (act) => {
    const turn = tail.then(act)
    tail = turn.catch(() => {})
    return turn
  }
}
