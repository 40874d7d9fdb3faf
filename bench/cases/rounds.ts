import type { Counted } from '../load.ts'
import { shown, shownSpread } from '../report.ts'
import { median, spread } from '../statistics.ts'

/** Measures every entrant once per round, one after the other, so that what else the machine does falls on all alike. */
export async function interleaved<Name extends string>(
  rounds: number,
  entrants: readonly (readonly [Name, () => Promise<Counted>])[],
): Promise<Map<Name, Counted[]>> {
  const found = new Map<Name, Counted[]>(entrants.map(([name]) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    // Another one begins each time: whoever follows a heavy entrant pays for its garbage.
    for (let at = 0; at < entrants.length; at++) {
      const [name, measure] = entrants[(round + at) % entrants.length]!
      found.get(name)!.push(await measure())
    }
  }
  return found
}

export const medianOf = (counted: readonly Counted[], figure: 'cpuMicros' | 'p50' | 'p99' | 'perSecond' | 'max') =>
  median(counted.map((one) => one[figure]))

export const COLUMNS = ['', 'CPU µs/request', 'requests/s', 'p50 ms', 'p99 ms'] as const

export function rowOf(name: string, counted: readonly Counted[]): string[] {
  const of = (figure: 'cpuMicros' | 'p50' | 'p99') => shownSpread(spread(counted.map((one) => one[figure])))
  return [name, of('cpuMicros'), shown(medianOf(counted, 'perSecond')), of('p50'), of('p99')]
}
