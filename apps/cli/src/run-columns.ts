import type { LatestMetric, MetricValue, RunRow } from '@stead/contracts'
import { UsageError } from './failures.ts'
import { duration, plain } from './text.ts'

/** A column of the runs table: an attribute, or `metrics.auc`, `params.rate`, `tags.team`. */
export interface RunColumn {
  readonly title: string
  readonly of: (run: RunRow, now: number) => string
}

const ATTRIBUTES = {
  id: (run: RunRow) => run.id,
  experiment: (run: RunRow) => `${run.experiment}`,
  name: (run: RunRow) => run.name,
  status: (run: RunRow) => run.status,
  user: (run: RunRow) => run.user,
  started: (run: RunRow) => instant(run.startedAt),
  ended: (run: RunRow) => (run.endedAt === null ? '' : instant(run.endedAt)),
  duration: (run: RunRow, now: number) => duration((run.endedAt ?? now) - run.startedAt),
  lifecycle: (run: RunRow) => run.lifecycle,
  parent: (run: RunRow) => run.parent ?? '',
} as const

const instant = (ms: number) => new Date(ms).toISOString()

export const metricText = (value: MetricValue): string => String(value)

/** A number as people read it; machines get all of its digits. */
export const shortMetric = (value: MetricValue): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(6))) : value

const GROUPS = {
  metrics: 'metrics',
  metric: 'metrics',
  params: 'params',
  param: 'params',
  tags: 'tags',
  tag: 'tags',
} as const

/** Throws a UsageError for what is no column. `isExact` keeps all digits. */
export function columnNamed(name: string, isExact: boolean): RunColumn {
  const [, word = '', key] = /^(\w+)\.(.+)$/s.exec(name) ?? []
  if (Object.hasOwn(GROUPS, word) && key !== undefined)
    return { title: name, of: (run) => textIn(run[GROUPS[word as keyof typeof GROUPS]], key, isExact) }
  const attribute = name.replace(/^attributes?\./, '')
  if (Object.hasOwn(ATTRIBUTES, attribute))
    return {
      title: isExact ? attribute : attribute.toUpperCase(),
      of: ATTRIBUTES[attribute as keyof typeof ATTRIBUTES],
    }
  throw new UsageError(
    `"${name}" is no column`,
    `Columns are metrics.NAME, params.NAME, tags.NAME, and: ${Object.keys(ATTRIBUTES).join(', ')}`,
  )
}

function textIn(held: Readonly<Record<string, string | LatestMetric>>, key: string, isExact: boolean): string {
  const value = Object.hasOwn(held, key) ? held[key] : undefined
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  return isExact ? metricText(value.value) : shortMetric(value.value)
}

/** What a person sees who asks for no columns: the metrics and params that most of the runs have. */
export function usualColumns(runs: readonly RunRow[]): string[] {
  const most = (of: (run: RunRow) => object, count: number) => {
    const times = new Map<string, number>()
    for (const run of runs) for (const key of Object.keys(of(run))) times.set(key, (times.get(key) ?? 0) + 1)
    const isOfMachine = (key: string) => key.startsWith('system/')
    return [...times]
      .filter(([key]) => !isOfMachine(key))
      .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .slice(0, count)
      .map(([key]) => key)
  }
  return [
    'id',
    'name',
    'status',
    'started',
    'duration',
    ...most(({ metrics }) => metrics, 4).map((key) => `metrics.${key}`),
    ...most(({ params }) => params, 3).map((key) => `params.${key}`),
  ]
}

/** All that the runs have, for a file of them. */
export function allColumns(runs: readonly RunRow[]): string[] {
  const keys = (of: (run: RunRow) => object) => [...new Set(runs.flatMap((run) => Object.keys(of(run))))].toSorted()
  return [
    ...Object.keys(ATTRIBUTES),
    ...keys(({ metrics }) => metrics).map((key) => `metrics.${key}`),
    ...keys(({ params }) => params).map((key) => `params.${key}`),
    ...keys(({ tags }) => tags).map((key) => `tags.${key}`),
  ]
}

/** A line of comma-separated values (RFC 4180). */
export const csvLine = (cells: readonly string[]): string =>
  cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')

/** Long texts would push the columns after them out of sight. */
export const shortCell = (text: string): string => {
  const told = plain(text)
  return told.length > 40 ? `${told.slice(0, 39)}…` : told
}
