import { runs as words } from '../../strings/runs.ts'
import { columnOf, sorts } from './columns.ts'
import type { ColumnGroup, KnownKeys } from './columns.ts'

/** A column as it stands on the screen. */
export interface ShownColumn {
  readonly id: string
  readonly key: string
  readonly group: ColumnGroup
  readonly title: string
  readonly width: number
  readonly isNumber: boolean
  readonly sorts: boolean
}

const HEADINGS: Readonly<Record<string, string>> = words.headings
const LETTER = 7
const WIDTHS: Readonly<Record<string, number>> = {
  run_id: 250,
  status: 110,
  start_time: 120,
  end_time: 120,
  duration: 96,
}

/** The heading of a column in words. */
export function titleOf(id: string): string {
  return Object.hasOwn(HEADINGS, id) ? HEADINGS[id]! : columnOf(id).key
}

interface Rooms {
  /** Params and tags that hold nothing but numbers, as far as is known. */
  readonly numbers?: readonly string[]
  /** The least width of metrics, where more than a figure stands in a cell. */
  readonly roomy?: number
  /** Metrics of which even more is told. */
  readonly roomiest?: readonly string[]
}
const MOST_ROOM = 200

export function shownColumns(
  ids: readonly string[],
  known: KnownKeys,
  { numbers = [], roomy = 0, roomiest = [] }: Rooms = {},
): ShownColumn[] {
  const held = new Set(numbers)
  const metrics = new Set(known.metrics.map(({ key }) => key))
  return ids.map((id) => {
    const { group, key } = columnOf(id)
    const named = titleOf(id)
    // A param and a metric of one name are told apart by their groups.
    const title = group !== 'system' && group !== 'metrics' && metrics.has(key) ? id : named
    const isNumber = id.startsWith('metrics.') || id === 'duration' || held.has(id)
    const least = group !== 'metrics' ? 88 : roomiest.includes(id) ? MOST_ROOM : Math.max(roomy, 88)
    const room = Math.min(Math.max(title.length * LETTER + 40, least), 220)
    return {
      id,
      key,
      group,
      title,
      isNumber,
      sorts: sorts(id),
      width: WIDTHS[id] ?? (group === 'metrics' || held.has(id) ? room : Math.max(room, 110)),
    }
  })
}
