// performance.now() reads CLOCK_MONOTONIC without the allocation of process.hrtime(); only its origin differs.
const originNs = Number(process.hrtime.bigint()) - performance.now() * 1e6

/** Nanoseconds of CLOCK_MONOTONIC, which every process of the machine shares. Exact to well under a microsecond. */
export function monotonicNs(): number {
  return Math.round(originNs + performance.now() * 1e6)
}
