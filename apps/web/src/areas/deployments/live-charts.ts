import type { RouteTable } from '@stead/contracts'
import { live as words } from '../../strings/live.ts'
import { say } from '../../strings/message.ts'
import type { Chart, Series } from '../../ui/chart/chart.ts'
import { figure } from '../../ui/numbers.ts'
import { isCallers } from './live-failures.ts'
import { ids } from './live-picture.ts'
import { colourOf } from './version.tsx'

const TALL = 132
const MIDDLE = 116
const LOW = 76

/** What is drawn of a deployment: versions in their colours, all else in ink. */
export function chartsOf(
  versions: readonly number[],
  codes: readonly number[],
  { config, routes }: Pick<RouteTable, 'config' | 'routes'>,
): Chart[] {
  const { maxQueue, maxRows } = config.batching
  return [
    {
      id: 'requests',
      name: words.requests,
      unit: words.requestsUnit,
      height: TALL,
      format: figure,
      series: versions.map((version): Series => ({
        id: ids.version(version),
        label: `v${version}`,
        colour: colourOf(version),
        area: 0.08,
      })),
    },
    {
      id: 'latency',
      name: words.latency,
      unit: routes.filter(({ weight }) => weight > 0).length > 1 ? words.latencyUnitOfSeveral : words.latencyUnit,
      height: MIDDLE,
      format: figure,
      series: [
        { id: ids.p50, label: words.quantiles.p50, colour: 'var(--text-3)', area: 0.18 },
        { id: ids.p95, label: words.quantiles.p95, colour: 'var(--text-2)', dash: [4, 3] },
        { id: ids.p99, label: words.quantiles.p99, colour: 'var(--text)', width: 1.75 },
      ],
    },
    {
      id: 'errors',
      name: words.errors,
      unit: words.errorsUnit,
      height: LOW,
      format: figure,
      series: codes.map((code, index) => codeSeries(code, index)),
    },
    {
      id: 'queue',
      name: words.queue,
      unit: words.queueUnit,
      height: LOW,
      format: figure,
      series: [{ id: ids.queue, label: words.queueSeries, colour: 'var(--text-2)', area: 0.1 }],
      bound: { at: maxQueue, label: say(words.queueBound, { bound: maxQueue }) },
    },
    {
      id: 'batch',
      name: words.batch,
      unit: words.batchUnit,
      height: LOW,
      format: figure,
      series: [{ id: ids.batch, label: words.batchSeries, colour: 'var(--text-2)', area: 0.1 }],
      bound: { at: maxRows, label: say(words.batchBound, { bound: maxRows }) },
    },
  ]
}

/** Callers' mistakes in grey ink, overload in amber, ours in red; those of one colour by their dashes. */
function codeSeries(code: number, index: number): Series {
  const colour = isCallers(code) ? 'var(--text-3)' : code === 503 || code === 504 ? 'var(--paused)' : 'var(--failed)'
  const label = words.codes[code as keyof typeof words.codes] ?? String(code)
  const isFirst = code === 400 || code === 500 || code === 503
  return { id: ids.code(code), label, colour, ...(isFirst ? { area: 0.16 } : { dash: [2 + (index % 3), 2] }) }
}
