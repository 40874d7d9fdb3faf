/** The candidate a person most likely meant: one that begins like it, or that few slips of the finger lead to. */
export function nearest(given: string, candidates: readonly string[]): string | undefined {
  const wanted = given.toLowerCase()
  const ranked = candidates
    .map((candidate) => ({ candidate, slips: slipsBetween(wanted, candidate.toLowerCase()) }))
    .toSorted((a, b) => a.slips - b.slips)
  const best = ranked[0]
  if (best && best.slips <= Math.max(1, Math.floor(Math.min(wanted.length, best.candidate.length) / 3)))
    return best.candidate
  return wanted.length < 2 ? undefined : candidates.find((candidate) => candidate.toLowerCase().startsWith(wanted))
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function slipsBetween(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, j) => j)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= to.length; j++) {
      const replaced = at(i - 1, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const swapped =
        i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1] ? at(i - 2, j - 2) + 1 : Infinity
      row.push(Math.min(replaced, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1))
    }
  }
  return at(from.length, to.length)
}
