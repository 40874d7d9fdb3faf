import type { MetricPoint } from '@stead/contracts'

/** Thins a series that is read in order, as it comes: of each of as many equal parts the least and the greatest value
 *  stay, and always the first and the last one. */
export interface Thinning {
  add(point: MetricPoint): void
  points(): MetricPoint[]
}

interface Part {
  first: MetricPoint
  least: MetricPoint | undefined
  greatest: MetricPoint | undefined
  leastAt: number
  greatestAt: number
}

/** At most `most` of `total` points; more may come than were announced, and then count to the last part. */
export function createThinning(total: number, most: number): Thinning {
  const parts: Part[] = []
  const count = Math.max(1, Math.floor((most - 2) / 2))
  let seen = 0
  let first: MetricPoint | undefined
  let last: MetricPoint | undefined

  return {
    add(point) {
      const at = seen++
      first ??= point
      last = point
      const index = Math.min(Math.floor((at * count) / total), count - 1)
      const part = (parts[index] ??= {
        first: point,
        least: undefined,
        greatest: undefined,
        leastAt: at,
        greatestAt: at,
      })
      const value = numberIn(point)
      if (Number.isNaN(value)) return
      if (part.least === undefined || value < numberIn(part.least)) {
        part.least = point
        part.leastAt = at
      }
      if (part.greatest === undefined || value > numberIn(part.greatest)) {
        part.greatest = point
        part.greatestAt = at
      }
    },
    points() {
      const kept = new Set<MetricPoint>()
      if (first) kept.add(first)
      for (const { first: any, least, greatest, leastAt, greatestAt } of Object.values(parts)) {
        if (!least || !greatest) kept.add(any)
        else for (const point of leastAt <= greatestAt ? [least, greatest] : [greatest, least]) kept.add(point)
      }
      if (last) {
        kept.delete(last)
        kept.add(last)
      }
      return [...kept]
    },
  }
}

const numberIn = ([, , value]: MetricPoint): number => Number(value)
