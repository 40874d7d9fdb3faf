import type { Overlap } from './trace-statistics.store.ts'

/** Normalized pointwise mutual information (Bouma 2009) of two filters, from −1 (never together) to 1 (always together);
 *  undefined where a filter holds for nothing. `smoothed` adds half an observation to each cell (Jeffreys' prior), for
 *  small numbers. */
export interface Correlation {
  readonly plain: number | undefined
  readonly smoothed: number | undefined
}

export function correlationOf({ total, first, second, both }: Overlap): Correlation {
  if (first === 0 || second === 0) return { plain: undefined, smoothed: undefined }
  const cells = { both, first: first - both, second: second - both, neither: total - first - second + both }
  return { plain: both === 0 ? -1 : information(cells, 0), smoothed: information(cells, 0.5) }
}

type Cells = Readonly<Record<'both' | 'first' | 'second' | 'neither', number>>

function information({ both, first, second, neither }: Cells, added: number): number {
  if (first + second + neither === 0) return 1
  const all = both + first + second + neither + 4 * added
  const share = (both + added) / all
  const expected = ((both + first + 2 * added) / all) * ((both + second + 2 * added) / all)
  return Math.min(1, Math.max(-1, Math.log(share / expected) / -Math.log(share)))
}
