import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHistogram, decodeHistogram, type Histogram } from './histogram.ts'

const ERROR = 0.03
// Evenly spread over the orders of magnitude, as latencies are.
const latency = fc.double({ min: 0, max: 8, noNaN: true }).map((log) => 10 ** log)
const latencies = fc.array(latency, { minLength: 1, maxLength: 200 })

function histogramOf(values: readonly number[]): Histogram {
  const histogram = createHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}

test('a quantile is within the error bound of the exact one, from 1 µs to 100 s', () => {
  fc.assert(
    fc.property(latencies, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const exact = values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] as number
      const estimate = histogramOf(values).quantile(share) as number
      expect(Math.abs(estimate - exact) / exact).toBeLessThanOrEqual(ERROR)
    }),
    { numRuns: 500 },
  )
})

test('the bound holds at both edges of every bucket', () => {
  for (let micros = 1; micros <= 1e8; micros *= 1.0007) {
    const estimate = histogramOf([micros]).quantile(0.5) as number
    expect(Math.abs(estimate - micros) / micros).toBeLessThanOrEqual(ERROR)
  }
})

test('count, mean and max follow what was recorded', () => {
  fc.assert(
    fc.property(latencies, (values) => {
      const histogram = histogramOf(values)
      expect(histogram.count).toBe(values.length)
      expect(histogram.max).toBeCloseTo(Math.max(...values), 1)
      expect(histogram.mean).toBeCloseTo(values.reduce((sum, value) => sum + value) / values.length, 1)
      expect(histogram.quantile(1)).toBeLessThanOrEqual(histogram.max as number)
    }),
  )
})

test('merging in any order and grouping gives what recording everything in one would have', () => {
  fc.assert(
    fc.property(latencies, latencies, latencies, (a, b, c) => {
      const whole = histogramOf([...a, ...b, ...c]).encode()
      const left = histogramOf(a)
      left.merge(histogramOf(b))
      left.merge(histogramOf(c).encode())
      const bThenA = histogramOf(b)
      bThenA.merge(histogramOf(a))
      const right = histogramOf(c)
      right.merge(bThenA)
      expect(left.encode()).toEqual(whole)
      expect(right.encode()).toEqual(whole)
    }),
  )
})

test('encoding survives JSON, and the decoded histogram answers the same', () => {
  fc.assert(
    fc.property(latencies, (values) => {
      const histogram = histogramOf(values)
      const back = decodeHistogram(JSON.parse(JSON.stringify(histogram.encode())))
      expect(back.encode()).toEqual(histogram.encode())
      expect([back.count, back.mean, back.quantile(0.99)]).toEqual([
        histogram.count,
        histogram.mean,
        histogram.quantile(0.99),
      ])
    }),
  )
})

test('a second of like latencies is encoded in little text', () => {
  const histogram = histogramOf(Array.from({ length: 5000 }, (_, i) => 200 + (i % 100)))
  expect(JSON.stringify(histogram.encode()).length).toBeLessThan(250)
})

test('taking gives an interval and begins the next', () => {
  const histogram = histogramOf([10, 20])
  expect(decodeHistogram(histogram.take()).count).toBe(2)
  expect(histogram.encode()).toEqual({ sum: 0, max: 0, buckets: [] })
  histogram.record(5)
  expect([histogram.count, Math.round(histogram.quantile(0.5) ?? 0)]).toEqual([1, 5])
})

test('an empty histogram has no quantile, mean nor max', () => {
  const empty = createHistogram()
  expect([empty.count, empty.mean, empty.max, empty.quantile(0.5)]).toEqual([0, undefined, undefined, undefined])
})

test('what is out of range is counted at the edge', () => {
  const histogram = histogramOf([Number.NaN, -5, 0, Infinity, 1e12])
  expect(histogram.count).toBe(5)
  expect(histogram.quantile(0.6)).toBe(0)
  expect(histogram.quantile(1)).toBeGreaterThan(130e6)
  expect(decodeHistogram(histogram.encode()).count).toBe(5)
})

test('the count up to a latency never falls and ends at all', () => {
  fc.assert(
    fc.property(latencies, latency, latency, (values, a, b) => {
      const histogram = histogramOf(values)
      expect(histogram.countAtMost(Math.min(a, b))).toBeLessThanOrEqual(histogram.countAtMost(Math.max(a, b)))
      expect(histogram.countAtMost(1e9)).toBe(values.length)
      expect(histogram.countAtMost(a)).toBeGreaterThanOrEqual(values.filter((value) => value <= a).length)
    }),
  )
})

test.each([
  null,
  17,
  {},
  { sum: 1, max: 1, buckets: [1] },
  { sum: 1, max: 1, buckets: [900, 1] },
  { sum: 1, max: 1, buckets: [0, -1] },
  { sum: 1, max: 1, buckets: [0, 0] },
  { sum: 1, max: 1, buckets: [0.5, 1] },
  { sum: 1, max: 2 ** 33, buckets: [0, 1] },
  { sum: '1', max: 1, buckets: [0, 1] },
])('%j is not taken for a histogram', (encoded) => {
  expect(() => decodeHistogram(encoded)).toThrow(TypeError)
})
