import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { compileFilter, listOf, type Sql, type Test } from '../filters/compile.sql.ts'
import { holds } from './trace-filter.sql.ts'
import { refusePattern } from './trace-page.sql.ts'
import type {
  Aggregation,
  Statistics,
  StatisticsClause,
  StatisticsGroup,
  StatisticsOf,
  TraceStatisticsStore,
} from './trace-statistics.store.ts'

/** Figures of traces, of rows of `traces as t`, `spans as s` and `assessments as a`. */
export function sqlTraceStatisticsStore(kysely: Kysely<Tables>): TraceStatisticsStore {
  return {
    groups: (projectId, statistics) => groups(kysely, projectId, statistics),
    async overlap(projectId, experiments, { within, first, second }) {
      const [one, other] = [compileFilter(first, holds), compileFilter(second, holds)]
      const query = sql<{ total: number; first: number; second: number; both: number }>`select
          count(*)::int as total, (count(*) filter (where ${one}))::int as first,
          (count(*) filter (where ${other}))::int as second, (count(*) filter (where ${one} and ${other}))::int as both
        from traces as t where ${ofExperiments(projectId, experiments)} and ${compileFilter(within, holds)}`
      const { rows } = await query.execute(kysely).catch(refusePattern)
      return rows[0]!
    },
  }
}

async function groups(kysely: Kysely<Tables>, projectId: string, asked: Statistics): Promise<StatisticsGroup[]> {
  const { of, metric, aggregations, dimensions, clauses, bucket, from, until, limit } = asked
  const keys = [
    ...(bucket === undefined ? [] : [bucketOf(of, bucket)]),
    ...dimensions.map((dimension) => DIMENSIONS[dimension]!),
  ]
  const names = keys.map((_, at) => sql.ref(`key${at}`))
  const columns = sql.join([
    ...keys.map((key, at) => sql`${key} as ${names[at]!}`),
    sql`${VALUES[of][metric]!} as value`,
  ])
  const tests = [
    ofExperiments(projectId, asked.experiments),
    ...(from === undefined ? [] : [sql`t.started_at >= ${from}::bigint`]),
    ...(until === undefined ? [] : [sql`t.started_at <= ${until}::bigint`]),
    ...clauses.map(clauseHolds),
  ]
  const told = sql.join([
    ...names,
    ...aggregations.map((aggregation, at) => sql`${aggregated(aggregation, metric)} as ${sql.ref(`value${at}`)}`),
  ])
  const isWhole = sql.join(
    [sql`value`, ...names].map((name) => sql`${name} is not null`),
    sql` and `,
  )
  const grouped = sql.join(names)
  const { rows } = await sql<Record<string, unknown>>`select ${told}
    from (select ${columns} from ${ROWS[of]} where ${sql.join(tests, sql` and `)}) as counted
    where ${isWhole}
    ${names.length === 0 ? sql`` : sql`group by ${grouped} order by ${grouped}`} limit ${limit}`.execute(kysely)
  return rows.map((row) => {
    const told = names.map((_, at) => String(row[`key${at}`]))
    return {
      bucket: bucket === undefined ? undefined : Number(told[0]),
      dimensions: bucket === undefined ? told : told.slice(1),
      values: aggregations.map((_, at) => numberIn(row[`value${at}`])),
    }
  })
}

const numberIn = (value: unknown) => (value === null || value === undefined ? null : Number(value))

const ROWS: Readonly<Record<StatisticsOf, Sql>> = {
  traces: sql`traces as t`,
  spans: sql`traces as t join spans as s on s.trace = t.id`,
  assessments: sql`traces as t join assessments as a on a.trace = t.id and a.valid`,
}

const ofExperiments = (projectId: string, experiments: readonly number[]): Test =>
  sql<boolean>`t.project_id = ${projectId} and t.experiment_id = any (array(select id from experiments
    where project_id = ${projectId} and number = any (${listOf('bigint', experiments)})))`

/** The beginning of the stretch of time that a row lies in, in milliseconds. */
function bucketOf(of: StatisticsOf, size: number): Sql {
  const at = of === 'spans' ? sql`s.started_ns / 1000000` : sql`t.started_at`
  return sql`floor((${at})::numeric / ${size}::bigint) * ${size}::bigint`
}

const entry = (table: 'trace_tags' | 'trace_metadata', key: string): Sql =>
  sql`(select kept.value from ${sql.table(table)} as kept where kept.trace = t.id and kept.key = ${key})`

/** A number by its name out of a text of JSON, which came from a client and may be anything. */
const numberOf = (json: Sql, name: string): Sql =>
  sql`substring(${json} from ${`"${name}"\\s*:\\s*(-?[0-9]{1,17}(?:\\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?)\\s*[,}]`})::double precision`

const tokens = (kind: string) => numberOf(entry('trace_metadata', 'mlflow.trace.tokenUsage'), kind)
const cost = (kind: string) => numberOf(sql`(s.attributes->>'mlflow.llm.cost')`, kind)

const VALUES: Readonly<Record<StatisticsOf, Readonly<Record<string, Sql>>>> = {
  traces: {
    trace_count: sql`t.id`,
    session_count: entry('trace_metadata', 'mlflow.trace.session'),
    latency: sql`t.duration::double precision`,
    input_tokens: tokens('input_tokens'),
    output_tokens: tokens('output_tokens'),
    total_tokens: tokens('total_tokens'),
    cache_read_input_tokens: tokens('cache_read_input_tokens'),
    cache_creation_input_tokens: tokens('cache_creation_input_tokens'),
  },
  spans: {
    span_count: sql`s.span_id`,
    latency: sql`floor((nullif(s.document->>'endTimeUnixNano', '0')::numeric - s.started_ns) / 1000000)::double precision`,
    input_cost: cost('input_cost'),
    output_cost: cost('output_cost'),
    total_cost: cost('total_cost'),
  },
  assessments: {
    assessment_count: sql`a.id`,
    assessment_value: sql`case when a.number is not null then a.number
      when a.value in ('true', 'yes') then 1 when a.value in ('false', 'no') then 0 end`,
  },
}

const DIMENSIONS: Readonly<Record<string, Sql>> = {
  trace_name: entry('trace_tags', 'mlflow.traceName'),
  trace_status: sql`t.state`,
  span_name: sql`s.name`,
  span_type: sql`s.type`,
  span_status: sql`s.status`,
  span_model_name: sql`(s.attributes->>'mlflow.llm.model')`,
  span_model_provider: sql`(s.attributes->>'mlflow.llm.provider')`,
  assessment_name: sql`a.name`,
  assessment_value: sql`(nullif(a.document->'value', 'null'))::text`,
}

function clauseHolds({ of, key = '', value }: StatisticsClause): Test {
  switch (of) {
    case 'status':
      return sql<boolean>`t.state = ${value}`
    case 'tag':
      return sql<boolean>`${entry('trace_tags', key)} = ${value}`
    case 'metadata':
      return key === 'mlflow.sourceRun' ? ofRun(value) : sql<boolean>`${entry('trace_metadata', key)} = ${value}`
    case 'span.name':
      return sql<boolean>`s.name = ${value}`
    case 'span.type':
      return sql<boolean>`s.type = ${value}`
    case 'span.status':
      return sql<boolean>`s.status = ${value}`
    case 'assessment.name':
      return sql<boolean>`a.name = ${value}`
    case 'assessment.type':
      return sql<boolean>`a.kind = ${value}`
  }
}

/** A trace belongs to the run that it was made in, and to those that it was linked to. */
const ofRun = (run: string): Test =>
  sql<boolean>`(${entry('trace_metadata', 'mlflow.sourceRun')} = ${run}
    or exists (select from trace_links as l where l.trace = t.id and l.kind = 'run' and l.target = ${run}))`

function aggregated(aggregation: Aggregation, metric: string): Sql {
  switch (aggregation.by) {
    case 'count':
      return metric === 'session_count' ? sql`count(distinct value)` : sql`count(value)`
    case 'sum':
      return sql`sum(value)`
    case 'avg':
      return sql`avg(value)`
    case 'min':
      return sql`min(value)`
    case 'max':
      return sql`max(value)`
    case 'percentile':
      return sql`percentile_cont(${aggregation.at}::double precision) within group (order by value)`
  }
}
