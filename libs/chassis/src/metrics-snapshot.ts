/** One child of a family. For a histogram `value` is the sum, and `counts` has one per bound and one beyond,
 *  not cumulative. */
export interface SeriesSnapshot {
  readonly labels: readonly string[]
  readonly value: number
  readonly counts?: readonly number[]
}

export interface FamilySnapshot {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly merge: 'sum' | 'max' | 'min'
  readonly labels: readonly string[]
  readonly bounds?: readonly number[]
  readonly series: readonly SeriesSnapshot[]
}

export type MetricsSnapshot = readonly FamilySnapshot[]

/** What several threads counted, as if one had: same series are combined, others stand beside each other. Throws a
 *  TypeError if two threads mean different things by one name. */
export function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): MetricsSnapshot {
  const merged = new Map<string, FamilySnapshot>()
  for (const family of snapshots.flat()) {
    const known = merged.get(family.name)
    merged.set(family.name, known ? mergeFamilies(known, family) : family)
  }
  return [...merged.values()]
}

function mergeFamilies(a: FamilySnapshot, b: FamilySnapshot): FamilySnapshot {
  if (meaningOf(a) !== meaningOf(b)) throw new TypeError(`Two threads mean different metrics by ${a.name}.`)
  const series = new Map<string, SeriesSnapshot>()
  for (const one of [...a.series, ...b.series]) {
    const key = JSON.stringify(one.labels)
    const known = series.get(key)
    series.set(key, known ? combine(known, one, a.merge) : one)
  }
  return { ...a, series: [...series.values()] }
}

function meaningOf({ type, merge, labels, bounds }: FamilySnapshot): string {
  return JSON.stringify([type, merge, labels, bounds ?? []])
}

function combine(a: SeriesSnapshot, b: SeriesSnapshot, how: FamilySnapshot['merge']): SeriesSnapshot {
  const value = how === 'sum' ? a.value + b.value : Math[how](a.value, b.value)
  if (!a.counts || !b.counts) return { labels: a.labels, value }
  const other = b.counts
  return { labels: a.labels, value, counts: a.counts.map((count, i) => count + (other[i] ?? 0)) }
}
