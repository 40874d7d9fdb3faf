/** One place in what an entry tells of the state before and after. Absent where it was not there. */
export interface DifferentPart {
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Every place that differs, in order, and how many stayed. */
export function differenceOf(before: unknown, after: unknown): { parts: readonly DifferentPart[]; same: number } {
  const was = flat(before)
  const is = flat(after)
  const paths = [...new Set([...was.keys(), ...is.keys()])]
  const parts = paths
    .filter((path) => was.get(path) !== is.get(path))
    .map((path) => ({ path, before: was.get(path), after: is.get(path) }))
  return { parts, same: paths.length - parts.length }
}

/** Leaves by their place: `routes.0.version` is `8`. */
function flat(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (value === null || value === undefined) {
    if (path !== '' && value === null) found.set(path, 'null')
  } else if (typeof value !== 'object') found.set(path, typeof value === 'string' ? value : JSON.stringify(value))
  else {
    const entries = Object.entries(value)
    if (entries.length === 0 && path !== '') found.set(path, Array.isArray(value) ? '[]' : '{}')
    for (const [key, part] of entries) flat(part, path === '' ? key : `${path}.${key}`, found)
  }
  return found
}
