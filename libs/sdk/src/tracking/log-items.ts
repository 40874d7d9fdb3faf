import { SteadError } from '@stead/contracts'
import type { CallOf, logToRun, MetricValue } from '@stead/contracts'

/** One thing that is logged to a run. */
export type LogItem =
  | {
      readonly is: 'metric'
      readonly key: string
      readonly value: MetricValue
      readonly step: number
      readonly timestamp: number
    }
  | { readonly is: 'param'; readonly key: string; readonly value: string }
  | { readonly is: 'tag'; readonly key: string; readonly value: string }

export type LogBody = CallOf<typeof logToRun>['body']

/** Whatever has a text: objects are written as JSON. */
export type Loggable = string | number | boolean | bigint | null | readonly unknown[] | object

export interface At {
  readonly step?: number
  /** Milliseconds since 1970; now where it is not said. */
  readonly timestamp?: number
}

export function metricItems(
  metrics: Readonly<Record<string, number>>,
  { step = 0, timestamp }: At,
  now: number,
): LogItem[] {
  if (!Number.isSafeInteger(step)) throw refused(`A step is a whole number, not ${String(step)}.`, 'step')
  return Object.entries(metrics).map(([key, value]) => ({
    is: 'metric',
    key,
    value: metricValue(key, value),
    step,
    timestamp: Math.round(timestamp ?? now),
  }))
}

/** JSON has no way to write the three numbers that are none. */
function metricValue(key: string, value: unknown): MetricValue {
  if (typeof value !== 'number') throw refused(`A metric is a number, not ${typeof value}.`, `metrics.${key}`)
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
}

export const textItems = (is: 'param' | 'tag', values: Readonly<Record<string, Loggable>>): LogItem[] =>
  Object.entries(values).map(([key, value]) => ({ is, key, value: textOf(value) }))

export const textsOf = (values: Readonly<Record<string, Loggable>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, textOf(value)]))

const textOf = (value: Loggable): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)

const refused = (message: string, where: string) => new SteadError('invalid_request', message, { where })

/** How many of the items, from the first on, go into one call: at most `most`, and no param with two values, of which
 *  the server has to judge the second. */
export function batchLength(items: readonly LogItem[], most: number): number {
  const params = new Map<string, string>()
  const end = Math.min(items.length, most)
  for (let place = 0; place < end; place++) {
    const item = items[place]
    if (item?.is !== 'param') continue
    if ((params.get(item.key) ?? item.value) !== item.value) return place
    params.set(item.key, item.value)
  }
  return end
}

export function bodyOf(items: readonly LogItem[]): LogBody {
  const texts = (is: 'param' | 'tag') =>
    Object.fromEntries(items.flatMap((item) => (item.is === is ? [[item.key, item.value]] : [])))
  const metrics = items.flatMap((item) => {
    if (item.is !== 'metric') return []
    const { key, value, step, timestamp } = item
    return [{ key, value, step, timestamp }]
  })
  return { metrics, params: texts('param'), tags: texts('tag') }
}
