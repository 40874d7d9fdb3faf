import type { ExperimentId, ProjectName, RunId, WatchedRuns } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useChangedRuns } from '../../live/live.tsx'
import { readings } from '../../live/stale.ts'
import { askedFor, fieldOf, quoted, sorts } from './columns.ts'
import { both } from './filter-text.ts'
import type { Look } from './look.ts'
import { createRunStore, MAIN } from './run-store.ts'
import type { Asked, RunStore } from './run-store.ts'
import { childrenKey, groupKey, rowsOf } from './rows.ts'
import type { Row, RunGroup } from './rows.ts'
import { ALL_KEYS, countQuery, groupsQuery, partsOf, runSource, TOP_LEVEL } from './runs.queries.ts'

const PAGE = 200
const GROUP_PAGE = 10
const PARTS_PAGE = 50
/** What is read with the first page, before it is known what is in sight. */
const FIRST_COLUMNS = 20
/** Reading the keys of all runs takes long where there are many. */
const KEYS_AGAIN_MS = 60_000

export const orderOf = (look: Look): string[] =>
  look.sort.filter(({ by }) => sorts(by)).map(({ by, down }) => `${fieldOf(by)} ${down ? 'DESC' : 'ASC'}`)

/** What the table's own list is asked for. */
export const askedOf = (look: Look): Asked => ({ filter: look.filter, state: look.state, orderBy: orderOf(look) })

/** The store of an experiment's runs, and what of it is on the screen. */
export function useRunStore(project: ProjectName, experiment: ExperimentId): RunStore {
  return useMemo(() => createRunStore(runSource(project, experiment)), [project, experiment])
}

/** Draws again whatever is different in the store. */
export const useVersion = (store: RunStore): number => useSyncExternalStore(store.subscribe, store.version)

interface Wanted {
  readonly project: ProjectName
  readonly experiment: ExperimentId
  readonly store: RunStore
  readonly look: Look
  readonly columns: readonly string[]
  /** Parts of runs are not listed beside them. */
  readonly isFolded: boolean
  /** There are such parts. */
  readonly isNested: boolean
}

/** How many match, and in which groups; whenever that is read again, so are the runs. */
export function useCounts({ project, experiment, store, look, columns }: Wanted) {
  const { filter, state, group } = look
  const count = useQuery(countQuery(project, experiment, filter, state))
  const metrics = useMemo(
    () => columns.flatMap((id) => (id.startsWith('metrics.') ? [id.slice('metrics.'.length)] : [])).toSorted(),
    [columns],
  )
  const by = group.map(fieldOf)
  const isGrouped = group.length > 0
  const groups = useQuery({
    ...groupsQuery(project, experiment, { filter, state, by, metrics }),
    enabled: isGrouped,
  })
  const readAt = useRef({ at: 0, of: '' })
  const of = `${state} ${filter}`
  useEffect(() => {
    if (count.dataUpdatedAt === 0 || count.isPlaceholderData) return
    // The first count of a filter comes with its first page.
    if (readAt.current.of === of && readAt.current.at !== count.dataUpdatedAt) void store.refresh()
    readAt.current = { at: count.dataUpdatedAt, of }
  }, [store, of, count.dataUpdatedAt, count.isPlaceholderData])
  return { count, groups: isGrouped ? groups : undefined }
}

/** The lines of the table, read as the look wants them. */
export function useRows(wanted: Wanted, groups: readonly RunGroup[] | undefined, pins: readonly RunId[]) {
  const { store, look, columns, isFolded, isNested } = wanted
  const version = useVersion(store)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const toggle = useCallback((key: string) => {
    setOpen((before) => {
      const after = new Set(before)
      if (!after.delete(key)) after.add(key)
      return after
    })
  }, [])
  const isGrouped = look.group.length > 0
  useEffect(() => {
    const asked = askedOf(look)
    if (store.list(MAIN) === undefined)
      store.want(
        [],
        columns.slice(0, FIRST_COLUMNS).flatMap((id) => askedFor(id) ?? []),
      )
    if (isGrouped) store.close(MAIN)
    else store.open(MAIN, isFolded ? { ...asked, filter: TOP_LEVEL } : asked, PAGE)
    for (const group of groups ?? []) {
      const key = groupKey(group)
      const filter = both(look.filter, group.values.map((value, at) => isValue(look.group[at]!, value)).join(' AND '))
      if (isGrouped && open.has(key)) store.open(key, { ...asked, filter }, GROUP_PAGE)
      else store.close(key)
    }
    for (const key of open)
      if (key.startsWith(childrenKey(''))) {
        if (isNested) store.open(key, { ...asked, filter: partsOf(key.slice(childrenKey('').length)) }, PARTS_PAGE)
        else store.close(key)
      }
  }, [store, look, columns, isFolded, isNested, isGrouped, groups, open])
  useEffect(() => {
    if (pins.length > 0) void store.name(pins)
  }, [store, pins])
  const shape = store.shape()
  const rows = useMemo<Row[]>(() => {
    void shape
    const known = pins.filter((run) => store.info(run) !== undefined)
    return rowsOf({
      pins: known,
      groups: isGrouped ? (groups ?? []) : undefined,
      open,
      list: store.list,
      children: (run) => (isNested ? (store.children(run) ?? 0) : 0),
    })
  }, [store, shape, pins, groups, isGrouped, open, isNested])
  return { rows, toggle, version }
}

const isValue = (column: string, value: string | null) =>
  value === null ? `${fieldOf(column)} IS NULL` : `${fieldOf(column)} = ${quoted(value)}`

/** Follows the runs as they change: those that are here at once, new ones when the beginning is in sight. */
export function useLiveRuns(project: ProjectName, experiment: ExperimentId, store: RunStore, isTop: () => boolean) {
  const queries = useQueryClient()
  const [fresh, setFresh] = useState<ReadonlySet<RunId>>(new Set())
  const readAgain = useCallback(() => {
    setFresh(new Set())
    void queries.invalidateQueries({
      queryKey: readings.runs(project, experiment),
      predicate: ({ queryKey }) => !queryKey.includes(ALL_KEYS),
    })
  }, [queries, project, experiment])
  const keysAt = useRef(0)
  const busy = useRef(false)
  const waiting = useRef(new Set<RunId>())
  const hear = useCallback(
    async ({ runs }: WatchedRuns) => {
      // None are named where all may be other ones.
      if (runs.length === 0) return readAgain()
      for (const run of runs) waiting.current.add(run)
      if (busy.current) return
      busy.current = true
      while (waiting.current.size > 0) {
        const now = [...waiting.current]
        waiting.current.clear()
        const found = await store.changed(now).catch(() => [])
        if (found.length > 0 && isTop()) readAgain()
        else if (found.length > 0) setFresh((before) => new Set([...before, ...found]))
      }
      busy.current = false
      if (Date.now() - keysAt.current < KEYS_AGAIN_MS) return
      keysAt.current = Date.now()
      void queries.invalidateQueries({ queryKey: [...readings.runs(project, experiment), ALL_KEYS] })
    },
    [store, isTop, readAgain, queries, project, experiment],
  )
  const listener = useCallback((changed: WatchedRuns) => void hear(changed), [hear])
  useChangedRuns(project, experiment, listener)
  return { fresh: fresh.size, readAgain }
}
