import { z } from 'zod'
import { missing, optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import type { Aggregation, StatisticsGroup } from './trace-statistics.store.ts'
import type { TraceStatistics } from './trace-statistics.ts'
import { experimentNumber, readAs } from './traces.wire.ts'

const MOST_GROUPS = 1000
/** Seconds: a bucket of more than a century is none. */
const LONGEST_BUCKET = 1e10

const View = z
  .enum(['TRACES', 'SPANS', 'ASSESSMENTS'])
  .transform((view) => view.toLowerCase() as Lowercase<typeof view>)
const Moment = z.number().min(-8.64e15).max(8.64e15).optional()
const Aggregations = z.array(
  z
    .object({
      aggregation_type: z.enum(['COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'PERCENTILE']),
      percentile_value: z.number().min(0).max(100).optional(),
    })
    .refine(({ aggregation_type: by, percentile_value: at }) => (by === 'PERCENTILE') === (at !== undefined)),
)

/** Figures over many traces, as MLflow's own console asks for them. */
export function serveTraceStatisticsToMlflow(mount: MlflowMount, statistics: TraceStatistics): void {
  const takes = {
    experiment_ids: repeated('string'),
    view_type: required('any'),
    metric_name: required('string'),
    aggregations: required('any'),
    dimensions: repeated('string'),
    filters: repeated('string'),
    time_interval_seconds: optional('int64'),
    start_time_ms: optional('int64'),
    end_time_ms: optional('int64'),
    max_results: optional('int64'),
    page_token: optional('string'),
  }
  const versions = ['3.0'] as const
  mount(
    { act: 'trace.search', method: 'POST', path: 'traces/metrics', versions, takes },
    async (input, { project }) => {
      if (input.experiment_ids === undefined) throw missing('experiment_ids')
      const aggregations = readAs(Aggregations, input.aggregations, 'aggregations')
      if (aggregations.length === 0) throw missing('aggregations')
      const { metric_name: metric, dimensions = [], filters = [] } = input
      const seconds = readAs(
        z.number().min(0).max(LONGEST_BUCKET).optional(),
        input.time_interval_seconds,
        'time_interval_seconds',
      )
      const groups = await statistics.groups(project, {
        experiments: input.experiment_ids.map(experimentNumber),
        of: readAs(View, input.view_type, 'view_type'),
        metric,
        aggregations: aggregations.map(aggregationIn),
        dimensions,
        filters,
        bucket: seconds ? seconds * 1000 : undefined,
        from: readAs(Moment, input.start_time_ms, 'start_time_ms'),
        until: readAs(Moment, input.end_time_ms, 'end_time_ms'),
        limit: readAs(z.number().min(1).max(MOST_GROUPS), input.max_results ?? MOST_GROUPS, 'max_results'),
      })
      const names = aggregations.map(nameOf)
      const points = groups.flatMap((group) => pointOut(metric, dimensions, names, group) ?? [])
      return points.length === 0 ? {} : { data_points: points }
    },
  )
  serveCorrelation(mount, statistics)
}

type Given = z.infer<typeof Aggregations>[number]

const aggregationIn = ({ aggregation_type: type, percentile_value: at = 0 }: Given): Aggregation =>
  type === 'PERCENTILE'
    ? { by: 'percentile', at: at / 100 }
    : { by: type.toLowerCase() as Exclude<Aggregation['by'], 'percentile'> }

/** `AVG`, `P99.0`: a percentile as Python writes a number. */
const nameOf = ({ aggregation_type: type, percentile_value: at = 0 }: Given): string =>
  type === 'PERCENTILE' ? `P${Number.isInteger(at) ? at.toFixed(1) : at}` : type

function pointOut(
  metric: string,
  dimensions: readonly string[],
  names: readonly string[],
  { bucket, dimensions: told, values }: StatisticsGroup,
): object | undefined {
  const known = names.flatMap((name, at) => (typeof values[at] === 'number' ? [[name, values[at]] as const] : []))
  if (known.length === 0) return undefined
  return {
    metric_name: metric,
    dimensions: {
      ...(bucket === undefined ? {} : { time_bucket: instantInPython(bucket) }),
      ...Object.fromEntries(dimensions.map((dimension, at) => [dimension, told[at] ?? ''])),
    },
    values: Object.fromEntries(known),
  }
}

/** `2023-11-14T22:00:00+00:00`, as its isoformat writes it; clients may have told times that no calendar has. */
function instantInPython(millis: number): string {
  const date = new Date(millis)
  if (Number.isNaN(date.getTime())) return String(millis)
  return date.toISOString().replace('.000Z', '+00:00').replace('Z', '000+00:00')
}

function serveCorrelation(mount: MlflowMount, statistics: TraceStatistics): void {
  const takes = {
    experiment_ids: repeated('string'),
    filter_string1: required('string'),
    filter_string2: required('string'),
    base_filter: optional('string'),
  }
  mount(
    { act: 'trace.search', method: 'POST', path: 'traces/calculate-filter-correlation', versions: ['3.0'], takes },
    async (input, { project }) => {
      if (input.experiment_ids === undefined) throw missing('experiment_ids')
      const experiments = input.experiment_ids.map(experimentNumber)
      const { filter_string1: first, filter_string2: second, base_filter: within } = input
      const told = await statistics.correlation(project, experiments, { first, second, within })
      return {
        ...(told.plain === undefined ? {} : { npmi: told.plain }),
        ...(told.smoothed === undefined ? {} : { npmi_smoothed: told.smoothed }),
        filter1_count: told.first,
        filter2_count: told.second,
        joint_count: told.both,
        total_count: told.total,
      }
    },
  )
}
