import type { LatestMetric, RunId, RunRow } from '@stead/contracts'

/** What is known of a run beside its info. */
export interface Cells {
  readonly metrics: Readonly<Record<string, LatestMetric>>
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
}

/** The values of runs under columns, as far as they were read: a table of 100 000 runs and 2 000 columns is never read
 *  whole. A column is named as the server is asked for it, `metrics.loss`. */
export interface CellMemory {
  of(run: RunId): Cells | undefined
  knows(run: RunId, column: string): boolean
  /** Takes over what was read of these columns. */
  take(rows: readonly RunRow[], columns: readonly string[]): void
  /** What there is stays on the screen, but has to be read again. */
  age(runs?: readonly RunId[]): void
  /** Whether a param or tag holds nothing but numbers, as far as it was read. */
  isNumber(column: string): boolean
  /** The columns that were read of any of these runs. */
  columnsOf(runs: readonly RunId[]): string[]
}

const NOTHING: Cells = { metrics: {}, params: {}, tags: {} }

/** Keeps the runs that were read last, `most` of them at least. */
export function createCellMemory(most = 5_000): CellMemory {
  const kept = new Map<RunId, { cells: Cells; known: Set<string>; seen: Set<string> }>()

  const numbers = new Set<string>()
  const words = new Set<string>()

  function judge(cells: Cells, column: string): void {
    const text = column.startsWith('metrics.') || words.has(column) ? undefined : textIn(cells, column)
    if (text === undefined) return
    const isNumber = text.trim() !== '' && !Number.isNaN(Number(text))
    ;(isNumber ? numbers : words).add(column)
  }

  function forgetOldest(): void {
    if (kept.size <= most * 2) return
    for (const run of kept.keys()) {
      if (kept.size <= most) return
      kept.delete(run)
    }
  }

  return {
    of: (run) => kept.get(run)?.cells,
    knows: (run, column) => kept.get(run)?.known.has(column) ?? false,
    take(rows, columns) {
      for (const row of rows) {
        const before = kept.get(row.id)
        const cells = merged(before?.cells ?? NOTHING, row, columns)
        const known = before?.known ?? new Set()
        const seen = before?.seen ?? new Set()
        for (const column of columns) {
          known.add(column)
          seen.add(column)
          judge(cells, column)
        }
        // Last in the order of reading.
        kept.delete(row.id)
        kept.set(row.id, { cells, known, seen })
      }
      forgetOldest()
    },
    age(runs = [...kept.keys()]) {
      for (const run of runs) kept.get(run)?.known.clear()
    },
    isNumber: (column) => numbers.has(column) && !words.has(column),
    columnsOf: (runs) => [...new Set(runs.flatMap((run) => [...(kept.get(run)?.seen ?? [])]))],
  }
}

/** What is not among the columns stays; what is among them and not in the row is gone. */
function merged(before: Cells, row: RunRow, columns: readonly string[]): Cells {
  const metrics = { ...before.metrics }
  const params = { ...before.params }
  const tags = { ...before.tags }
  for (const column of columns) {
    const dot = column.indexOf('.')
    const key = column.slice(dot + 1)
    if (column.startsWith('metrics.')) put(metrics, key, row.metrics)
    else if (column.startsWith('params.')) put(params, key, row.params)
    else put(tags, key, row.tags)
  }
  return { metrics, params, tags }
}

/** `__proto__` is a key like others. */
function put<V>(into: Record<string, V>, key: string, from: Readonly<Record<string, V>>): void {
  if (Object.hasOwn(from, key))
    Object.defineProperty(into, key, { value: from[key], enumerable: true, configurable: true, writable: true })
  else delete into[key]
}

/** The value of a run under a column, as text; undefined where it has none. */
export function textIn(cells: Cells | undefined, column: string): string | undefined {
  const dot = column.indexOf('.')
  const key = column.slice(dot + 1)
  const own = <V>(record: Readonly<Record<string, V>> | undefined): V | undefined =>
    record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
  if (column.startsWith('metrics.')) {
    const value = own(cells?.metrics)?.value
    return value === undefined ? undefined : String(value)
  }
  return column.startsWith('params.') ? own(cells?.params) : own(cells?.tags)
}
