import type { AuditCheckpoint, AuditEntry } from './audit.ts'

/** What an entry's hash is taken over, after the hash before it and a line feed. */
export type AuditedFacts = Omit<AuditEntry, 'previous' | 'hash'>

/** What the first entry of a chain follows. */
export const CHAIN_BEGINS = `sha256:${'0'.repeat(64)}`

/** JSON with sorted keys and no spaces: the same text for the same facts, whoever writes it. */
export function canonicalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalOf).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalOf(field)}`)
  return `{${fields.join(',')}}`
}

/** The first thing that is wrong with a chain: it lies in the entries from `sequence` to `through`. */
export interface Flaw {
  readonly sequence: number
  readonly through: number
  readonly why: string
}

/** What a checkpoint says once its signature has been found good. */
export type Vouched = Pick<AuditCheckpoint, 'sequence' | 'head' | 'at'>

export interface ChainCheckParts {
  readonly chain: string
  /** `sha256:` and the hexadecimal digest of a text in UTF-8. */
  readonly sha256: (text: string) => string
  /** Of this chain, in order of their sequence. */
  readonly checkpoints: readonly Vouched[]
  /** An entry that is known to be whole, to go on from; the beginning where it is left out. */
  readonly after?: { readonly sequence: number; readonly hash: string }
}

/** Reads a chain entry by entry and keeps nothing but the last hash. After the first flaw it must not be asked again. */
export interface ChainCheck {
  readonly sequence: number
  readonly hash: string
  /** Takes what should be the next entry, as it was read. */
  take(entry: unknown): Flaw | undefined
  /** There are no more. */
  end(): Flaw | undefined
  /** The newest checkpoint that was met. */
  readonly vouched: Vouched | undefined
}

export function checkChain({ chain, sha256, checkpoints, after }: ChainCheckParts): ChainCheck {
  let last = after ?? { sequence: 0, hash: CHAIN_BEGINS }
  const begin = last.sequence
  let met = checkpoints.findIndex(({ sequence }) => sequence >= begin)
  if (met === -1) met = checkpoints.length

  const vouched = () => checkpoints[met - 1]
  const flaw = (sequence: number, why: string, through = sequence): Flaw => ({ sequence, through, why })

  function meet(): Flaw | undefined {
    for (let next = checkpoints[met]; next?.sequence === last.sequence; next = checkpoints[met]) {
      const since = Math.max(vouched()?.sequence ?? 0, begin)
      if (next.head !== last.hash)
        return flaw(
          Math.min(since + 1, last.sequence),
          `the checkpoint of ${next.at} signed other entries`,
          last.sequence,
        )
      met += 1
    }
    return undefined
  }

  return {
    get sequence() {
      return last.sequence
    },
    get hash() {
      return last.hash
    },
    get vouched() {
      return vouched()
    },
    take(read) {
      const unmet = meet()
      if (unmet) return unmet
      const expected = last.sequence + 1
      const { previous, hash, ...facts } = (
        typeof read === 'object' && read !== null ? read : {}
      ) as Partial<AuditEntry>
      const { sequence } = facts
      if (typeof sequence !== 'number' || typeof hash !== 'string')
        return flaw(expected, 'it cannot be read, or was altered')
      if (facts.chain !== chain) return flaw(expected, `an entry of the chain "${facts.chain}" stands in its place`)
      if (sequence > expected) return flaw(expected, `removed, or moved: entry ${sequence} comes next`, sequence - 1)
      if (sequence < expected) return flaw(sequence, `put in or moved: it comes after entry ${last.sequence}`)
      if (previous !== last.hash) return flaw(sequence, 'it does not follow the entry before it')
      if (sha256(`${previous}\n${canonicalOf(facts)}`) !== hash) return flaw(sequence, 'it was altered')
      last = { sequence, hash }
      return meet()
    },
    end() {
      const unmet = meet()
      if (unmet) return unmet
      const beyond = checkpoints.at(-1)
      if (!beyond || beyond.sequence <= last.sequence) return undefined
      const since = vouched()?.sequence ?? 0
      const unsure = since < last.sequence ? `, and of entries ${since + 1} to ${last.sequence} it cannot be told` : ''
      return flaw(last.sequence + 1, `cut off: the checkpoint of ${beyond.at} signed more${unsure}`, beyond.sequence)
    },
  }
}

/** The text that a checkpoint's signature is over. */
export function signedTextOf({ chain, sequence, head, at, key }: Omit<AuditCheckpoint, 'signature'>): string {
  return canonicalOf({ chain, sequence, head, at, key })
}
