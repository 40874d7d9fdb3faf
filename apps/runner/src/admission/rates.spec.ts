import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRateBuffer, createRates, growRates, rateLimit } from './rates.ts'

const SECOND = 1_000_000_000n

/** A limit with a clock that the test moves. */
function startLimit() {
  let at = 0n
  const rates = createRates(createRateBuffer(), () => at)
  return { take: rates.take, pass: (ns: bigint) => void (at += ns), now: () => at }
}

describe('a rate', () => {
  test('takes a burst at once, then what the rate gives, and says how long to wait', () => {
    const { take, pass } = startLimit()
    const limit = rateLimit(10, 3)
    expect([take(0, limit), take(0, limit), take(0, limit)]).toEqual([0n, 0n, 0n])
    expect(take(0, limit)).toBe(SECOND / 10n)
    pass(SECOND / 10n - 1n)
    expect(take(0, limit)).toBe(1n)
    pass(1n)
    expect(take(0, limit)).toBe(0n)
    expect(take(1, limit)).toBe(0n)
  })

  test('without a burst takes a second of it at once, and never less than one request', () => {
    for (const [perSecond, atOnce] of [
      [5, 5],
      [0.01, 1],
      [2.5, 2],
    ] as const) {
      const { take } = startLimit()
      const limit = rateLimit(perSecond, null)
      for (let taken = 0; taken < atOnce; taken++) expect(take(0, limit)).toBe(0n)
      expect(take(0, limit)).toBeGreaterThan(0n)
    }
  })

  test('that was slower does not hold up the one that follows it', () => {
    const { take, pass } = startLimit()
    for (let taken = 0; taken < 10; taken++) take(0, rateLimit(0.001, 10))
    const faster = rateLimit(100, 1)
    expect(take(0, faster)).toBeLessThanOrEqual(SECOND / 100n)
    pass(SECOND / 100n)
    expect(take(0, faster)).toBe(0n)
  })

  test('whenever requests come, in no span are there more than the burst and the rate times the span', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 5_000, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 400_000_000 }), { minLength: 1, maxLength: 120 }),
        (perSecond, burst, gaps) => {
          const { take, pass, now } = startLimit()
          const limit = rateLimit(perSecond, burst)
          const admitted: bigint[] = []
          for (const gap of gaps) {
            pass(BigInt(gap))
            if (take(0, limit) === 0n) admitted.push(now())
          }
          for (let from = 0; from < admitted.length; from++)
            for (let to = from; to < admitted.length; to++) {
              const spanS = Number(admitted[to]! - admitted[from]!) / 1e9
              expect(to - from + 1).toBeLessThanOrEqual(burst + perSecond * spanS + 1e-6)
            }
        },
      ),
    )
  })

  test('is one rate for all threads that share it, also after it was given more room', async () => {
    const buffer = createRateBuffer()
    const slot = 5_000
    expect(growRates(buffer, slot + 1)).toBe(true)
    expect(growRates(buffer, 2 ** 21)).toBe(false)
    const burst = 10_000
    const source = `
      import { parentPort, workerData } from 'node:worker_threads'
      const { createRates, rateLimit } = await import(workerData.module)
      const { take } = createRates(workerData.buffer, () => 0n)
      let taken = 0
      for (let asked = 0; asked < ${burst}; asked++) if (take(${slot}, rateLimit(1, ${burst})) === 0n) taken++
      parentPort.postMessage(taken)`
    const module = new URL('./rates.ts', import.meta.url).href
    const counts = await Promise.all(
      Array.from(
        { length: 3 },
        () =>
          new Promise<number>((resolve, reject) => {
            const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), {
              workerData: { buffer, module },
            })
            worker.once('message', resolve)
            worker.once('error', reject)
          }),
      ),
    )
    expect(counts.reduce((sum, taken) => sum + taken, 0)).toBe(burst)
  })
})
