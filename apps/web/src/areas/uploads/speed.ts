/** Bytes per second over the last seconds, from how far something was at which time. */
export interface Speedometer {
  /** `at` in ms. Returns the speed, or undefined until two readings are far enough apart. */
  read(done: number, at: number): number | undefined
  reset(): void
}

const WINDOW_MS = 8_000
const SHORTEST_MS = 500

export function createSpeedometer(): Speedometer {
  let readings: { readonly done: number; readonly at: number }[] = []
  return {
    read(done, at) {
      readings = [...readings.filter((one) => at - one.at < WINDOW_MS), { done, at }]
      const first = readings[0]!
      return at - first.at < SHORTEST_MS ? undefined : ((done - first.done) / (at - first.at)) * 1000
    },
    reset() {
      readings = []
    },
  }
}
