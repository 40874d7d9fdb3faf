import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AuditEntry } from './audit.ts'
import { canonicalOf, CHAIN_BEGINS, checkChain, type Flaw, type Vouched } from './audit-chain.ts'

const CHAIN = 'weather-project'
const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`
const AT = '2026-01-01T00:00:00.000Z'

type Facts = Omit<AuditEntry, 'previous' | 'hash'>

/** Every entry linked to the one before it, as a writer does, or a forger who knows how. */
function linked(facts: readonly Facts[], previous = CHAIN_BEGINS): AuditEntry[] {
  return facts.map((one) => {
    const entry = { ...one, previous, hash: sha256(`${previous}\n${canonicalOf(one)}`) } as AuditEntry
    previous = entry.hash
    return entry
  })
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
// Bodies with this key are refused at the door, and the contracts' parser would drop it.
const document = fc
  .jsonValue({ maxDepth: 2 })
  .filter((value) => !JSON.stringify(value).includes('__proto__')) as fc.Arbitrary<AuditEntry['before']>
const facts = fc.record({
  chain: fc.constant(CHAIN),
  at: fc.constant(AT),
  outcome: fc.constantFrom('done' as const, 'denied' as const),
  act: fc.constantFrom('deployment.swapped', 'alias.set', 'member.set'),
  actor: text,
  credential: fc.option(text),
  from: fc.option(fc.ipV4()),
  request: fc.option(fc.uuid()),
  subject: text,
  digest: fc.constant(null),
  before: document,
  after: document,
  reason: text,
  times: fc.integer({ min: 1, max: 9 }),
})
const chains = fc.array(facts, { minLength: 4, maxLength: 24 }).map((all) => {
  const numbered = all.map((one, at) => ({ ...one, sequence: at + 1 }))
  return linked(JSON.parse(JSON.stringify(numbered)) as Facts[])
})

/** Checkpoints at some of the entries, and at the last. */
const signed = (chain: readonly AuditEntry[], at: readonly number[]): Vouched[] =>
  [...new Set([...at.map((one) => (one % chain.length) + 1), chain.length])]
    .toSorted((one, other) => one - other)
    .map((sequence) => ({ sequence, head: chain[sequence - 1]!.hash, at: AT }))

function flawOf(entries: readonly unknown[], checkpoints: readonly Vouched[]): Flaw | undefined {
  const check = checkChain({ chain: CHAIN, sha256, checkpoints })
  for (const entry of entries) {
    const flaw = check.take(entry)
    if (flaw) return flaw
  }
  return check.end()
}

const setups = fc
  .tuple(chains, fc.array(fc.nat(), { maxLength: 3 }), fc.nat(), fc.nat())
  .map(([chain, signedAt, one, other]) => {
    const [first = 0, second = 1] = [one % chain.length, other % chain.length].toSorted((a, b) => a - b)
    return { chain, checkpoints: signed(chain, signedAt), first, second }
  })

test('a chain that nobody touched is whole, through JSON and back', () => {
  fc.assert(
    fc.property(setups, ({ chain, checkpoints }) => {
      expect(flawOf(JSON.parse(JSON.stringify(chain)) as unknown[], checkpoints)).toBeUndefined()
      expect(chain.map((entry) => AuditEntry.parse(entry))).toEqual(chain)
    }),
  )
})

test('whatever field of whatever entry is altered, that entry is named', () => {
  const fields = [
    'at',
    'outcome',
    'act',
    'actor',
    'subject',
    'reason',
    'times',
    'before',
    'previous',
    'hash',
    'from',
    'added',
  ]
  fc.assert(
    fc.property(setups, fc.constantFrom(...fields), ({ chain, checkpoints, first }, field) => {
      const altered = chain.map((entry, at) => (at === first ? { ...entry, [field]: { is: 'another' } } : entry))
      expect(flawOf(altered, checkpoints)).toMatchObject({ sequence: first + 1 })
    }),
  )
})

test('an entry that was removed is named, be it the last or all that followed', () => {
  fc.assert(
    fc.property(setups, fc.boolean(), ({ chain, checkpoints, first }, all) => {
      const left = chain.filter((_, at) => (all ? at < first : at !== first))
      expect(flawOf(left, checkpoints)).toMatchObject({ sequence: first + 1 })
    }),
  )
})

test('entries that changed places are found at the first of them', () => {
  fc.assert(
    fc.property(setups, ({ chain, checkpoints, first, second }) => {
      fc.pre(first !== second)
      const swapped = chain.with(first, chain[second]!).with(second, chain[first]!)
      expect(flawOf(swapped, checkpoints)).toMatchObject({ sequence: first + 1 })
    }),
  )
})

test('an entry that was put in is found, a copy or one that was made to fit', () => {
  fc.assert(
    fc.property(setups, facts, fc.boolean(), ({ chain, checkpoints, first, second }, made, copies) => {
      const previous = chain[first - 1]?.hash ?? CHAIN_BEGINS
      const fitting = linked([{ ...made, sequence: first + 1 } as Facts], previous)[0]!
      const put = copies ? chain[second]! : fitting
      fc.pre(canonicalOf(put) !== canonicalOf(chain[first]))
      expect(flawOf(chain.toSpliced(first, 0, put), checkpoints)?.sequence).toBeLessThanOrEqual(first + 1)
    }),
  )
})

test('a forger who alters, removes, puts in or moves entries and links all that follow anew is found by the next checkpoint', () => {
  const forgeries = fc.constantFrom('alter' as const, 'remove' as const, 'put in' as const, 'move' as const)
  fc.assert(
    fc.property(setups, facts, forgeries, ({ chain, checkpoints, first, second }, made, forgery) => {
      const told = chain.map((entry) => ({ ...entry, previous: undefined, hash: undefined }) as unknown as Facts)
      const forged = {
        alter: () => told.with(first, { ...told[first]!, actor: `${told[first]!.actor}?` }),
        remove: () => told.toSpliced(first, 1),
        'put in': () => told.toSpliced(first, 0, { ...made, reason: `${told[first]!.reason}!`, sequence: 0 } as Facts),
        move: () => told.with(first, told[second]!).with(second, told[first]!),
      }[forgery]()
      const entries = linked(forged.map((one, at) => ({ ...one, sequence: at + 1 })))
      fc.pre(canonicalOf(entries) !== canonicalOf(chain))
      const flaw = flawOf(entries, checkpoints)
      const changed = chain.findIndex(({ hash }, at) => entries[at]?.hash !== hash)
      fc.pre(changed !== -1)
      const from = changed + 1
      // A shorter chain is told from the end that it lacks, with the entries that nothing vouches for.
      const [, unsure = flaw!.sequence] = /of entries (\d+) to/.exec(flaw!.why) ?? []
      expect(Number(unsure)).toBeLessThanOrEqual(from)
      expect(flaw!.through).toBeGreaterThanOrEqual(from)
      // What an earlier checkpoint vouches for is never suspected.
      const before = checkpoints.filter(({ sequence }) => sequence < from).at(-1)?.sequence ?? 0
      expect(Number(unsure)).toBeGreaterThan(before)
    }),
  )
})
