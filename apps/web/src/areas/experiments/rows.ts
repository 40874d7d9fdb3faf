import type { RunId } from '@stead/contracts'
import type { RunList } from './run-store.ts'
import { MAIN } from './run-store.ts'

export interface Aggregate {
  readonly count: number
  readonly mean: number | null
  readonly deviation: number | null
  readonly min: number | null
  readonly max: number | null
}

export interface RunGroup {
  /** In the order of what is grouped by; null where a run has none. */
  readonly values: readonly (string | null)[]
  readonly runs: number
  readonly metrics: Readonly<Record<string, Aggregate>>
}

/** A line of the table. */
export type Row =
  | {
      readonly is: 'run'
      readonly key: string
      readonly run: RunId
      readonly depth: number
      readonly isOpen: boolean
      readonly isPinned: boolean
    }
  | { readonly is: 'pinned'; readonly key: string; readonly count: number }
  | { readonly is: 'group'; readonly key: string; readonly group: RunGroup; readonly isOpen: boolean }
  /** The rest of a list: read when it is asked for, or comes into sight. */
  | {
      readonly is: 'more'
      readonly key: string
      readonly list: string
      readonly left: number | undefined
      readonly depth: number
    }

export interface Table {
  readonly pins: readonly RunId[]
  readonly groups: readonly RunGroup[] | undefined
  /** Groups, by their keys, and runs that are unfolded. */
  readonly open: ReadonlySet<string>
  readonly list: (name: string) => RunList | undefined
  /** How many parts a run has. */
  readonly children: (run: RunId) => number
}

export const groupKey = ({ values }: RunGroup): string => `group ${JSON.stringify(values)}`
export const childrenKey = (run: string): string => `parts ${run}`

/** The lines of a table from top to bottom: what is pinned, then groups with their runs, or runs with their parts. */
export function rowsOf(table: Table): Row[] {
  const { pins, groups, open } = table
  const pinned: Row[] =
    pins.length === 0
      ? []
      : [
          { is: 'pinned', key: 'pinned', count: pins.length },
          ...pins.map(
            (run) => ({ is: 'run', key: `pin ${run}`, run, depth: 0, isOpen: false, isPinned: true }) as const,
          ),
        ]
  if (groups === undefined) return [...pinned, ...listRows(table, MAIN, [], undefined)]
  const folded = groups.flatMap((group): Row[] => {
    const key = groupKey(group)
    const isOpen = open.has(key)
    const line: Row = { is: 'group', key, group, isOpen }
    return isOpen ? [line, ...listRows(table, key, [], group.runs)] : [line]
  })
  return [...pinned, ...folded]
}

function listRows(table: Table, name: string, above: readonly RunId[], total: number | undefined): Row[] {
  const depth = above.length
  const list = table.list(name)
  if (list === undefined) return []
  const rows = list.ids.flatMap((run): Row[] => {
    const key = `${name}/${run}`
    // Runs can name each other as their parents.
    const isOpen = table.open.has(childrenKey(run)) && table.children(run) > 0 && !above.includes(run)
    const line: Row = { is: 'run', key, run, depth, isOpen, isPinned: false }
    return isOpen ? [line, ...listRows(table, childrenKey(run), [...above, run], table.children(run))] : [line]
  })
  const left = total === undefined ? undefined : Math.max(total - list.ids.length, 0)
  const isMore = list.next !== null || list.isReading || list.failure !== undefined
  return isMore ? [...rows, { is: 'more', key: `more ${name}`, list: name, left, depth }] : rows
}
