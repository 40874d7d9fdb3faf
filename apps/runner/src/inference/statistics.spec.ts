import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countExecution, countFailure, merge, NO_COUNTERS, type VersionCounters } from './statistics.ts'

const ns = fc.nat(1_000_000)
const counters: fc.Arbitrary<VersionCounters> = fc.oneof(
  ns.map(countFailure),
  fc
    .record({
      rows: fc.integer({ min: 1, max: 4 }),
      requests: fc.array(fc.record({ queueNs: ns, totalNs: ns }), { minLength: 1, maxLength: 3 }),
      inputNs: ns,
      inferNs: ns,
      outputNs: ns,
      atMs: ns,
    })
    .map(countExecution),
)

test('counters merge to the same in any order and grouping', () => {
  fc.assert(
    fc.property(counters, counters, counters, (a, b, c) => {
      expect(merge(a, b)).toEqual(merge(b, a))
      expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)))
      expect(merge(a, NO_COUNTERS)).toEqual(a)
    }),
  )
})

test('merging changes neither part, and parts survive JSON', () => {
  fc.assert(
    fc.property(counters, counters, (a, b) => {
      const [before, after] = [JSON.stringify([a, b]), merge(a, b)]
      expect(JSON.stringify([a, b])).toBe(before)
      expect(merge(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)))).toEqual(after)
    }),
  )
})
