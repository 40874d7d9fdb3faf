import { fakeClock } from '@stead/chassis'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ADDRESS_PACE, createThrottle, FORGOTTEN_MS, MOST_REMEMBERED, NAME_PACE, type Pace } from './throttle.ts'

const MOST_STEPS = 120

/** Attempts that a pace lets through within a time, by whoever never waits longer than they must. */
function mostWithin(ms: number, { free, firstMs, mostMs }: Pace): number {
  let attempts = free
  for (let at = 0, wait = firstMs; at + wait <= ms; at += wait, wait = Math.min(mostMs, wait * 2)) attempts += 1
  return attempts
}

describe('guessing', () => {
  test('some attempts are free, and each after them waits twice as long as the one before, up to a bound', async () => {
    const clock = fakeClock()
    const throttle = createThrottle(clock)
    for (let attempt = 0; attempt < NAME_PACE.free; attempt++) expect(throttle.begin('ada', `${attempt}`)).toBe(0)
    const waits: number[] = []
    for (let attempt = 0; attempt < 9; attempt++) {
      const wait = throttle.begin('ada', `later ${attempt}`)
      waits.push(wait)
      await clock.advance(wait)
      expect(throttle.begin('ada', `later ${attempt}`)).toBe(0)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000))
  })

  test('whatever the guesses and the times between them, a name and an address get no more than their pace', async () => {
    const step = fc.record({
      name: fc.constantFrom('ada', 'bo', 'cy'),
      address: fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1'),
      // Never quiet for so long that all would be forgotten.
      pauseMs: fc.oneof(fc.constant(0), fc.nat(2_000), fc.nat(FORGOTTEN_MS / MOST_STEPS)),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: MOST_STEPS }), async (steps) => {
        const clock = fakeClock()
        const throttle = createThrottle(clock)
        const admitted = new Map<string, number>()
        for (const { name, address, pauseMs } of steps) {
          await clock.advance(pauseMs)
          const wait = throttle.begin(name, address)
          expect(wait).toBeLessThanOrEqual(Math.max(NAME_PACE.mostMs, ADDRESS_PACE.mostMs))
          if (wait > 0) continue
          for (const key of [name, address]) admitted.set(key, (admitted.get(key) ?? 0) + 1)
        }
        for (const [key, count] of admitted)
          expect(count).toBeLessThanOrEqual(mostWithin(clock.monotonic(), key.includes('0') ? ADDRESS_PACE : NAME_PACE))
      }),
      { numRuns: 60 },
    )
  })

  test('whoever waits as long as they are told is let in, whatever happened before', async () => {
    const step = fc.record({ name: fc.constantFrom('ada', 'bo'), isRight: fc.boolean(), pauseMs: fc.nat(90_000) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = fakeClock()
        const throttle = createThrottle(clock)
        for (const { name, isRight, pauseMs } of steps) {
          await clock.advance(pauseMs)
          if (throttle.begin(name, '10.0.0.1') === 0 && isRight) throttle.succeed(name, '10.0.0.1')
        }
        const wait = throttle.begin('ada', '10.0.0.1')
        await clock.advance(wait)
        if (wait > 0) expect(throttle.begin('ada', '10.0.0.1')).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  test('many attempts at once are no way around it', () => {
    const throttle = createThrottle(fakeClock())
    const begun = Array.from({ length: 100 }, () => throttle.begin('ada', '10.0.0.1'))
    expect(begun.filter((wait) => wait === 0)).toHaveLength(NAME_PACE.free)
  })

  test('one’s own right password frees the name, but buys no guesses at the names of others', async () => {
    const clock = fakeClock()
    const throttle = createThrottle(clock)
    let guesses = 0
    for (let round = 0; round < 200; round++) {
      if (throttle.begin('mine', '10.0.0.1') === 0) throttle.succeed('mine', '10.0.0.1')
      if (throttle.begin(`somebody ${round}`, '10.0.0.1') === 0) guesses += 1
    }
    expect(guesses).toBeLessThanOrEqual(ADDRESS_PACE.free)
  })

  test('a network of IPv6 is one address, however many it has', () => {
    const throttle = createThrottle(fakeClock())
    const waits = Array.from({ length: 50 }, (_, host) => throttle.begin(`name ${host}`, `2001:db8:1:2::${host + 1}`))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(ADDRESS_PACE.free)
    expect(throttle.begin('name', '2001:db8:1:3::1')).toBe(0)
  })

  test('names that are made up cost no memory beyond a bound, and do not make the addresses forgotten', () => {
    const throttle = createThrottle(fakeClock())
    for (let attempt = 0; attempt < MOST_REMEMBERED * 2; attempt++)
      throttle.begin(`made up ${attempt}`, `10.${attempt >> 16}.${(attempt >> 8) & 255}.${attempt & 255}`)
    for (let attempt = 0; attempt < 100; attempt++) throttle.begin(`other ${attempt}`, '192.168.0.1')
    expect(throttle.waitOf('192.168.0.1')).toBeGreaterThan(0)
  })

  test('after a quiet time everything is forgotten', async () => {
    const clock = fakeClock()
    const throttle = createThrottle(clock)
    for (let attempt = 0; attempt < NAME_PACE.free; attempt++) throttle.begin('ada', '10.0.0.1')
    await clock.advance(FORGOTTEN_MS)
    for (let attempt = 0; attempt < NAME_PACE.free; attempt++) expect(throttle.begin('ada', '10.0.0.1')).toBe(0)
  })
})
