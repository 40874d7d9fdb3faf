const SYSTEM = 'system/'

/** What a client logs of the machine rather than of the model. */
export const isSystem = (key: string): boolean => key.startsWith(SYSTEM)

export interface MetricGroup {
  /** What stands before the first slash; empty for those that have none in common with others. */
  readonly prefix: string
  readonly keys: readonly string[]
}

const natural = new Intl.Collator('en', { numeric: true })

const prefixOf = (key: string) => key.slice(0, Math.max(key.indexOf('/'), 0))

/** Metrics by what stands before their first slash; those without one, or alone with theirs, come first. */
export function groupsOf(keys: readonly string[]): MetricGroup[] {
  const sizes = Map.groupBy(keys, prefixOf)
  const groups = Map.groupBy(keys.toSorted(natural.compare), (key) => {
    const prefix = prefixOf(key)
    return sizes.get(prefix)!.length > 1 ? prefix : ''
  })
  return [...groups]
    .map(([prefix, own]) => ({ prefix, keys: own }))
    .toSorted((a, b) => Number(a.prefix !== '') - Number(b.prefix !== '') || natural.compare(a.prefix, b.prefix))
}

/** Those whose name has every word of the search in it. */
export function matching(keys: readonly string[], search: string): readonly string[] {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean)
  return wanted.length === 0 ? keys : keys.filter((key) => wanted.every((word) => key.toLowerCase().includes(word)))
}
