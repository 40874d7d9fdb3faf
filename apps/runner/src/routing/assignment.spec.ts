import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assign, draw } from './assignment.ts'

const arms = fc.uniqueArray(
  fc.record({ version: fc.integer({ min: 1, max: 50 }), weight: fc.double({ min: 0.01, max: 1000, noNaN: true }) }),
  { selector: (arm) => arm.version, minLength: 2, maxLength: 6 },
)

describe('assignment by key', () => {
  test('90 to 10 over 100,000 keys lies within three standard deviations', () => {
    const split = [
      { version: 1, weight: 90 },
      { version: 2, weight: 10 },
    ]
    let second = 0
    for (let key = 0; key < 100_000; key++) if (assign(split, 'forecast', `user-${key}`).version === 2) second += 1
    expect(Math.abs(second - 10_000)).toBeLessThan(3 * Math.sqrt(100_000 * 0.1 * 0.9))
  })

  test('is fixed for all time: these keys go this way in every process and release', () => {
    const split = [
      { version: 1, weight: 50 },
      { version: 2, weight: 30 },
      { version: 3, weight: 20 },
    ]
    expect(
      Array.from({ length: 24 }, (_, key) => assign(split, 'forecast', String(key)).version).join(''),
    ).toMatchInlineSnapshot(`"113112111231312113331221"`)
  })

  test('raising an arm moves keys only into it', () => {
    fc.assert(
      fc.property(arms, fc.string(), fc.double({ min: 1, max: 20, noNaN: true }), (before, key, factor) => {
        const [raised, ...others] = before
        if (!raised) return
        const after = [{ ...raised, weight: raised.weight * factor }, ...others]
        const now = assign(after, 'salt', key).version
        expect([assign(before, 'salt', key).version, raised.version]).toContain(now)
      }),
    )
  })

  test('does not depend on the order of the arms, and never takes one without weight', () => {
    fc.assert(
      fc.property(arms, fc.string(), (all, key) => {
        const withEmpty = [...all, { version: 99, weight: 0 }]
        const chosen = assign(withEmpty, 'salt', key).version
        expect(assign(withEmpty.toReversed(), 'salt', key).version).toBe(chosen)
        expect(chosen).not.toBe(99)
      }),
    )
  })

  test('different deployments split the same keys independently', () => {
    const split = [
      { version: 1, weight: 1 },
      { version: 2, weight: 1 },
    ]
    let same = 0
    for (let key = 0; key < 4_000; key++)
      if (assign(split, 'a', String(key)) === assign(split, 'b', String(key))) same += 1
    expect(Math.abs(same - 2_000)).toBeLessThan(3 * Math.sqrt(4_000 * 0.25))
  })
})

describe('a draw by weight', () => {
  test('covers the arms in proportion, boundaries included', () => {
    const split = [
      { version: 1, weight: 0 },
      { version: 2, weight: 3 },
      { version: 3, weight: 1 },
    ]
    expect(draw(split, () => 0).version).toBe(2)
    expect(draw(split, () => 0.7499).version).toBe(2)
    expect(draw(split, () => 0.75).version).toBe(3)
    expect(draw(split, () => 1 - Number.EPSILON).version).toBe(3)
  })
})
