import type { RunId, RunInfo, RunRow } from '@stead/contracts'
import { createCellMemory } from './cells.ts'
import type { Cells } from './cells.ts'
import { both } from './filter-text.ts'
import type { Lifecycle } from './look.ts'

/** Which runs, and in which order. */
export interface Asked {
  readonly filter: string
  readonly state: Lifecycle
  readonly orderBy: readonly string[]
}

export interface RunSource {
  search(
    asked: Asked & { readonly columns: readonly string[]; readonly limit: number; readonly after?: string },
  ): Promise<{ readonly runs: readonly RunRow[]; readonly next: string | null }>
  /** How many parts each of these runs has, where it has any. */
  children(runs: readonly RunId[]): Promise<ReadonlyMap<string, number>>
}

/** One list of runs as far as it was read: the table's own, the runs of a group, the parts of a run. */
export interface RunList {
  readonly asked: Asked
  readonly ids: readonly RunId[]
  readonly next: string | null
  /** Nothing of what is asked was read yet; the runs, if any, are those of before. */
  readonly isOld: boolean
  readonly isReading: boolean
  readonly failure: unknown
}

/** The runs of a table, read piece by piece as they come into sight. */
export interface RunStore {
  subscribe(listener: () => void): () => void
  /** Another number whenever something is different. */
  version(): number
  /** Another number whenever lists are different, and not only what is told of their runs. */
  shape(): number
  list(name: string): RunList | undefined
  info(run: RunId): RunInfo | undefined
  cells(run: RunId): Cells | undefined
  /** Whether the column was read of the run. */
  knows(run: RunId, column: string): boolean
  /** Whether a param or tag holds nothing but numbers, as far as it was read. */
  isNumber(column: string): boolean
  /** Undefined while it is not known. */
  children(run: RunId): number | undefined
  /** Makes a list be of what is asked; one that is so already stays. */
  open(name: string, asked: Asked, limit: number): void
  close(name: string): void
  more(name: string): void
  /** Reads all lists again from their beginnings, and what is in sight of their columns. */
  refresh(): Promise<void>
  /** Says what is in sight: what is missing of it is read. */
  want(runs: readonly RunId[], columns: readonly string[]): void
  /** Reads what is missing of these, whether they are in sight or not. */
  read(runs: readonly RunId[], columns: readonly string[]): void
  wantChildren(runs: readonly RunId[]): void
  /** Reads what is not known of these runs, which no list may hold. */
  name(runs: readonly RunId[]): Promise<void>
  /** These have changed: those that are here are read again. Resolves with the others that belong to the first list. */
  changed(runs: readonly RunId[]): Promise<readonly RunId[]>
}

export const MAIN = ''
/** The server takes as many at once. */
const MOST_AT_ONCE = 1_000
const MOST_AGAIN = 10_000
const MOST_WANTED = 200
const MOST_COLUMNS = 500
const EMPTY: Omit<RunList, 'asked'> = { ids: [], next: null, isOld: true, isReading: false, failure: undefined }

export const inList = (runs: readonly string[]): string =>
  `attributes.run_id IN (${runs.map((run) => `'${run.replaceAll("'", "''")}'`).join(', ')})`

export function createRunStore(source: RunSource): RunStore {
  const lists = new Map<string, RunList & { readonly limit: number; readonly turn: number }>()
  const infos = new Map<RunId, RunInfo>()
  const children = new Map<RunId, number>()
  const asking = new Set<string>()
  const cells = createCellMemory()
  const listeners = new Set<() => void>()
  let version = 0
  let shape = 0
  let turns = 0
  let wanted: { runs: readonly RunId[]; columns: readonly string[] } = { runs: [], columns: [] }

  function tell(isShape = true): void {
    version++
    if (isShape) shape++
    for (const listener of listeners) listener()
  }

  function take(rows: readonly RunRow[], columns: readonly string[]): void {
    for (const { metrics: _, params: __, tags: ___, ...info } of rows) infos.set(info.id, info)
    cells.take(rows, columns)
  }

  function put(name: string, part: Partial<RunList>): void {
    const list = lists.get(name)
    if (list) lists.set(name, { ...list, ...part })
    tell()
  }

  /** Reads on from where the list is, or `again` from its beginning until it is as long as it was. */
  async function read(name: string, again: boolean): Promise<void> {
    const list = lists.get(name)
    if (list === undefined) return
    const turn = ++turns
    lists.set(name, { ...list, turn, isReading: true, failure: undefined })
    tell()
    const isOurs = () => lists.get(name)?.turn === turn
    const columns = wanted.columns
    const until = again && !list.isOld ? Math.min(list.ids.length, MOST_AGAIN) : 1
    let ids: readonly RunId[] = again ? [] : list.ids
    let after = again ? null : list.next
    try {
      do {
        const limit =
          again && !list.isOld ? Math.min(Math.max(until - ids.length, list.limit), MOST_AT_ONCE) : list.limit
        const page = await source.search({ ...list.asked, columns, limit, ...(after === null ? {} : { after }) })
        if (!isOurs()) return
        take(page.runs, columns)
        // A run that moved in the order while one read on is not listed twice.
        const known = new Set(ids)
        ids = [...ids, ...page.runs.flatMap(({ id }) => (known.has(id) ? [] : [id]))]
        after = page.next
      } while (after !== null && ids.length < until)
      put(name, { ids, next: after, isOld: false, isReading: false })
    } catch (failure) {
      if (isOurs()) put(name, { isReading: false, failure })
    }
  }

  async function fill(runs: readonly RunId[], columns: readonly string[]): Promise<void> {
    const missing = runs.filter((run) =>
      columns.some((column) => !cells.knows(run, column) && !asking.has(`${run} ${column}`)),
    )
    if (missing.length === 0) return
    const lacking = columns.filter((column) => missing.some((run) => !cells.knows(run, column)))
    const names = missing.flatMap((run) => lacking.map((column) => `${run} ${column}`))
    for (const name of names) asking.add(name)
    try {
      const { runs: rows } = await source.search({
        filter: inList(missing),
        state: 'all',
        orderBy: [],
        columns: lacking,
        limit: missing.length,
      })
      take(rows, lacking)
    } catch {
      // The cells stay empty; they are asked for again when something comes into sight.
    }
    for (const name of names) asking.delete(name)
    tell(false)
  }

  function readCells(runs: readonly RunId[], columns: readonly string[]): void {
    for (let at = 0; at < runs.length; at += MOST_WANTED)
      for (let column = 0; column < columns.length; column += MOST_COLUMNS)
        void fill(runs.slice(at, at + MOST_WANTED), columns.slice(column, column + MOST_COLUMNS))
  }

  function want(runs: readonly RunId[], columns: readonly string[]): void {
    wanted = { runs, columns }
    readCells(runs, columns)
  }

  async function refresh(): Promise<void> {
    cells.age()
    children.clear()
    await Promise.all([...lists.keys()].map((name) => read(name, true)))
    want(wanted.runs, wanted.columns)
  }

  async function reread(runs: readonly RunId[]): Promise<void> {
    const columns = cells.columnsOf(runs)
    for (let at = 0; at < runs.length; at += MOST_WANTED) {
      const some = runs.slice(at, at + MOST_WANTED)
      const answer = await source.search({
        filter: inList(some),
        state: 'all',
        orderBy: [],
        columns,
        limit: some.length,
      })
      take(answer.runs, columns)
    }
    tell()
  }

  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    version: () => version,
    shape: () => shape,
    list: (name) => lists.get(name),
    info: (run) => infos.get(run),
    cells: (run) => cells.of(run),
    knows: (run, column) => cells.knows(run, column),
    isNumber: (column) => cells.isNumber(column),
    children: (run) => children.get(run),
    open(name, asked, limit) {
      const before = lists.get(name)
      if (before && isSame(before.asked, asked)) return
      lists.set(name, { ...EMPTY, ids: before?.ids ?? [], asked, limit, turn: 0 })
      void read(name, true)
    },
    close(name) {
      if (lists.delete(name)) tell()
    },
    more(name) {
      const list = lists.get(name)
      if (list && !list.isReading && (list.next !== null || list.failure !== undefined)) void read(name, list.isOld)
    },
    refresh,
    want,
    read: readCells,
    wantChildren(runs) {
      const unknown = runs.filter((run) => !children.has(run) && !asking.has(`${run}/`))
      if (unknown.length === 0) return
      for (const run of unknown) asking.add(`${run}/`)
      void source
        .children(unknown)
        .then((counts) => {
          for (const run of unknown) children.set(run, counts.get(run) ?? 0)
        })
        .catch(() => {})
        .finally(() => {
          for (const run of unknown) asking.delete(`${run}/`)
          tell()
        })
    },
    async name(runs) {
      const unknown = runs.filter((run) => !infos.has(run)).slice(0, MOST_WANTED)
      if (unknown.length > 0) await reread(unknown).catch(() => {})
    },
    async changed(runs) {
      const here = runs.filter((run) => infos.has(run))
      const others = runs.filter((run) => !infos.has(run))
      if (here.length > 0) await reread(here)
      const main = lists.get(MAIN)
      if (others.length === 0 || main === undefined) return others
      const some = others.slice(0, MOST_WANTED)
      const found = await source.search({
        ...main.asked,
        filter: both(main.asked.filter, inList(some)),
        orderBy: [],
        columns: [],
        limit: some.length,
      })
      return found.runs.map(({ id }) => id)
    },
  }
}

const isSame = (one: Asked, other: Asked) =>
  one.filter === other.filter && one.state === other.state && one.orderBy.join('\n') === other.orderBy.join('\n')
