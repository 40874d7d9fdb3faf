/** A histogram's content as JSON: sparse, and additive. `sum` and `max` are in ticks of 1/32 µs. */
export interface EncodedHistogram {
  readonly sum: number
  readonly max: number
  /** Pairs: how many empty buckets come before this one, and its count. */
  readonly buckets: readonly number[]
}

/** Latencies from 1 µs to 100 s. A quantile is within 1.6 % of the exact one; beyond 134 s all is one bucket. */
export interface Histogram {
  readonly count: number
  /** Microseconds; undefined while nothing is recorded. */
  readonly mean: number | undefined
  readonly max: number | undefined
  record(micros: number): void
  /** The smallest latency that at least this share (0 to 1) of all does not exceed, in µs; undefined while empty. */
  quantile(share: number): number | undefined
  /** How many latencies were at most this many µs, to within a bucket. */
  countAtMost(micros: number): number
  merge(other: Histogram | EncodedHistogram): void
  encode(): EncodedHistogram
  /** Encodes and forgets: what is recorded next belongs to the next interval. */
  take(): EncodedHistogram
  reset(): void
}

// Ticks below 32 have a bucket each; from there every power of two is cut into 32, as HdrHistogram does
// (hdrhistogram.org). A tick of 1/32 µs makes 1 µs the first value that is cut finely.
const TICKS_PER_MICRO = 32
const CUTS = 32
const CUTS_LOG2 = 5
const LARGEST_TICK = 2 ** 32 - 1
const BUCKETS = bucketOf(LARGEST_TICK) + 1
const SUM = BUCKETS
const MAX = BUCKETS + 1

export function createHistogram(): Histogram {
  // Doubles count exactly to 2^53; 32 bits would overflow in a merged history. Sums of whole ticks stay exact as
  // well, so that merging in any order gives the same. Sum and largest lie behind the buckets: a variable of this
  // closure would be boxed anew by every recording.
  const state = new Float64Array(BUCKETS + 2)

  const at = (index: number) => state[index] as number
  const countTo = (end: number) => {
    let seen = 0
    for (let i = 0; i < end; i++) seen += at(i)
    return seen
  }

  function encode(): EncodedHistogram {
    const buckets: number[] = []
    for (let i = 0, gap = 0; i < BUCKETS; i++, gap++) {
      if (at(i) === 0) continue
      buckets.push(gap, at(i))
      gap = -1
    }
    return { sum: at(SUM), max: at(MAX), buckets }
  }

  function merge(other: Histogram | EncodedHistogram) {
    const { sum, max, buckets } = 'buckets' in other ? other : other.encode()
    for (let i = 0, bucket = -1; i < buckets.length; i += 2) {
      bucket += (buckets[i] as number) + 1
      state[bucket] = at(bucket) + (buckets[i + 1] as number)
    }
    state[SUM] = at(SUM) + sum
    state[MAX] = Math.max(at(MAX), max)
  }

  function quantile(share: number): number | undefined {
    const count = countTo(BUCKETS)
    if (count === 0) return undefined
    const rank = Math.min(count, Math.max(1, Math.ceil(share * count)))
    let bucket = 0
    for (let seen = at(0); seen < rank; seen += at(bucket)) bucket += 1
    return Math.min(middleOf(bucket), at(MAX)) / TICKS_PER_MICRO
  }

  return {
    get count() {
      return countTo(BUCKETS)
    },
    get mean() {
      const count = countTo(BUCKETS)
      return count === 0 ? undefined : at(SUM) / count / TICKS_PER_MICRO
    },
    get max() {
      return countTo(BUCKETS) === 0 ? undefined : at(MAX) / TICKS_PER_MICRO
    },
    record(micros) {
      const ticks = ticksOf(micros)
      const bucket = bucketOf(ticks)
      state[bucket] = at(bucket) + 1
      state[SUM] = at(SUM) + ticks
      if (ticks > at(MAX)) state[MAX] = ticks
    },
    quantile,
    countAtMost: (micros) => countTo(bucketOf(ticksOf(micros)) + 1),
    merge,
    encode,
    take() {
      const taken = encode()
      state.fill(0)
      return taken
    },
    reset: () => void state.fill(0),
  }
}

/** Reads what another process encoded; throws a TypeError if it is not a histogram. */
export function decodeHistogram(encoded: unknown): Histogram {
  if (!isEncoded(encoded)) throw new TypeError('not an encoded histogram')
  const histogram = createHistogram()
  histogram.merge(encoded)
  return histogram
}

function isEncoded(value: unknown): value is EncodedHistogram {
  if (typeof value !== 'object' || value === null) return false
  const { sum, max, buckets }: { sum?: unknown; max?: unknown; buckets?: unknown } = value
  if (!isCount(sum) || !isCount(max) || max > LARGEST_TICK) return false
  if (!Array.isArray(buckets) || buckets.length % 2 !== 0 || !buckets.every(isCount)) return false
  let next = 0
  for (let i = 0; i < buckets.length; i += 2) {
    next += (buckets[i] as number) + 1
    if (next > BUCKETS || buckets[i + 1] === 0) return false
  }
  return true
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function ticksOf(micros: number): number {
  if (!(micros > 0)) return 0
  const ticks = micros * TICKS_PER_MICRO
  return ticks >= LARGEST_TICK ? LARGEST_TICK : ticks >>> 0
}

function bucketOf(ticks: number): number {
  if (ticks < CUTS) return ticks
  const shift = 31 - CUTS_LOG2 - Math.clz32(ticks)
  return (shift << CUTS_LOG2) + (ticks >>> shift)
}

/** The middle of a bucket, from which its edges are at most 1/64 away. */
function middleOf(bucket: number): number {
  if (bucket < CUTS) return bucket
  const shift = (bucket >>> CUTS_LOG2) - 1
  const lowest = (bucket - (shift << CUTS_LOG2)) * 2 ** shift
  return lowest + 2 ** shift / 2
}
