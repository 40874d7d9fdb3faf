import { type ProjectName, SteadError } from '@stead/contracts'
import { TRACES } from '../filters/kinds.ts'
import { parseFilter } from '../filters/parse.ts'
import type { Projects } from '../projects/projects.ts'
import { type Correlation, correlationOf } from './correlation.ts'
import type {
  Aggregation,
  Overlap,
  Statistics,
  StatisticsClause,
  StatisticsGroup,
  StatisticsOf,
  TraceStatisticsStore,
} from './trace-statistics.store.ts'

/** As callers ask: each filter is one comparison, such as `trace.status = 'OK'`. */
export type StatisticsAsked = Omit<Statistics, 'clauses'> & { readonly filters: readonly string[] }

/** Figures over many traces. */
export interface TraceStatistics {
  /** Fails with `invalid_request` for what a metric does not have. */
  groups(project: ProjectName, asked: StatisticsAsked): Promise<StatisticsGroup[]>
  /** How often two filters hold together, within the traces of a third. */
  correlation(
    project: ProjectName,
    experiments: readonly number[],
    filters: { readonly first: string; readonly second: string; readonly within: string | undefined },
  ): Promise<Overlap & Correlation>
}

interface Metric {
  readonly by: readonly Aggregation['by'][]
  readonly dimensions: readonly string[]
}

const COUNTED: Metric['by'] = ['count']
const SPREAD: Metric['by'] = ['avg', 'min', 'max', 'percentile']
const SUMMED: Metric['by'] = ['sum', ...SPREAD]
const tokens: Metric = { by: SUMMED, dimensions: ['trace_name'] }
const cost: Metric = { by: SUMMED, dimensions: ['span_model_name', 'span_model_provider'] }

/** What can be asked of each metric. */
const METRICS: Readonly<Record<StatisticsOf, Readonly<Record<string, Metric>>>> = {
  traces: {
    trace_count: { by: COUNTED, dimensions: ['trace_name', 'trace_status'] },
    session_count: { by: COUNTED, dimensions: [] },
    latency: { by: SPREAD, dimensions: ['trace_name'] },
    input_tokens: tokens,
    output_tokens: tokens,
    total_tokens: tokens,
    cache_read_input_tokens: tokens,
    cache_creation_input_tokens: tokens,
  },
  spans: {
    span_count: {
      by: COUNTED,
      dimensions: ['span_name', 'span_type', 'span_status', 'span_model_name', 'span_model_provider'],
    },
    latency: { by: SPREAD, dimensions: ['span_name', 'span_status'] },
    input_cost: cost,
    output_cost: cost,
    total_cost: cost,
  },
  assessments: {
    assessment_count: { by: COUNTED, dimensions: ['assessment_name', 'assessment_value'] },
    assessment_value: { by: SPREAD, dimensions: ['assessment_name'] },
  },
}

const MOST_EXPERIMENTS = 1000
const MOST_FILTERS = 20
const MOST_AGGREGATIONS = 20

export function createTraceStatistics({
  store,
  projects,
}: {
  readonly store: TraceStatisticsStore
  readonly projects: Pick<Projects, 'idOf'>
}): TraceStatistics {
  return {
    async groups(project, { filters, ...asked }) {
      refuseUnfit(asked)
      refuseMany('filters', filters, MOST_FILTERS)
      const clauses = filters.map((filter) => clauseIn(filter, asked.of))
      return store.groups(await projects.idOf(project), { ...asked, clauses })
    },
    async correlation(project, experiments, { first, second, within }) {
      refuseMany('experiment_ids', experiments, MOST_EXPERIMENTS)
      const overlap = await store.overlap(await projects.idOf(project), experiments, {
        first: parseFilter(TRACES, first),
        second: parseFilter(TRACES, second),
        within: parseFilter(TRACES, within),
      })
      return { ...overlap, ...correlationOf(overlap) }
    },
  }
}

const refused = (message: string, where: string) => new SteadError('invalid_request', message, { where })

function refuseMany(name: string, list: readonly unknown[], most: number): void {
  if (list.length > most)
    throw refused(`${name}: at most ${most} are taken at once, and these are ${list.length}`, name)
}

function refuseUnfit(asked: Omit<StatisticsAsked, 'filters'>): void {
  const metrics = METRICS[asked.of]
  const metric = Object.hasOwn(metrics, asked.metric) ? metrics[asked.metric] : undefined
  if (metric === undefined)
    throw refused(`metric_name must be one of ${listed(Object.keys(metrics))}, got '${asked.metric}'`, 'metric_name')
  refuseMany('experiment_ids', asked.experiments, MOST_EXPERIMENTS)
  refuseMany('aggregations', asked.aggregations, MOST_AGGREGATIONS)
  const wrong = asked.aggregations.map(({ by }) => by).filter((by) => !metric.by.includes(by))
  if (wrong.length > 0)
    throw refused(
      `Found invalid aggregation_type(s): ${listed(upper(wrong))}. Supported aggregation types: ${listed(upper(metric.by))}`,
      'aggregations',
    )
  const unknown = asked.dimensions.filter((dimension) => !metric.dimensions.includes(dimension))
  if (unknown.length > 0)
    throw refused(
      `Found invalid dimension(s): ${listed(unknown)}. Supported dimensions: ${listed(metric.dimensions)}`,
      'dimensions',
    )
  if (new Set(asked.dimensions).size < asked.dimensions.length)
    throw refused('dimensions: each can be given once', 'dimensions')
  if (asked.bucket !== undefined && (asked.from === undefined || asked.until === undefined))
    throw refused('start_time_ms and end_time_ms are required if time_interval_seconds is set', 'time_interval_seconds')
}

const upper = (words: readonly string[]) => words.map((word) => word.toUpperCase())
const listed = (names: readonly string[]) =>
  `[${names
    .toSorted()
    .map((name) => `'${name}'`)
    .join(', ')}]`

const FILTER =
  /^\s*`?(?<noun>\w+)`?\.`?(?<entity>\w+)`?(?:\.(?<key>.+?))?\s*=\s*(?:'(?<single>[^']*)'|"(?<double>[^"]*)")\s*$/s

/** One comparison with a text, of MLflow's filters of metrics, which are not those of its searches. */
function clauseIn(filter: string, of: StatisticsOf): StatisticsClause {
  const { noun, entity, key, single, double } = FILTER.exec(filter.slice(0, 10_000))?.groups ?? {}
  const value = single ?? double
  const known = `${noun}.${entity}`
  if (value === undefined || !FIELDS.has(known))
    throw refused(
      `Invalid filter: '${filter.slice(0, 200)}'. Expected one of ${listed([...FIELDS])} = 'value'`,
      'filters',
    )
  if (KEYED.has(known)) {
    if (key === undefined)
      throw refused(`Filtering by ${entity} requires a key, e.g. '${known}.<key> = <value>'`, 'filters')
    return { of: entity as 'tag' | 'metadata', key: key.replace(/^[`'"](.*)[`'"]$/s, '$1'), value }
  }
  if (key !== undefined)
    throw refused(`Filtering by ${entity} does not require a key, use '${known}' instead`, 'filters')
  if (known === 'trace.status') return { of: 'status', value }
  if (`${noun}s` !== of)
    throw refused(`Filtering by ${noun} is only supported for ${upper([`${noun}s`])[0]} view type`, 'filters')
  return { of: known as StatisticsClause['of'], value }
}

const KEYED: ReadonlySet<string> = new Set(['trace.tag', 'trace.metadata'])
const FIELDS: ReadonlySet<string> = new Set([
  'trace.status',
  ...KEYED,
  'span.name',
  'span.status',
  'span.type',
  'assessment.name',
  'assessment.type',
])
