import type { MetricPoint } from '@stead/contracts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { numbers, texts } from '../../database/arrays.ts'
import type { Tables } from '../../database/tables.ts'
import type {
  HistoryStore,
  PointPage,
  PointPlace,
  RunPoint,
  Series,
  SeriesPoints,
  SeriesTotal,
} from './histories.store.ts'

type Db = Kysely<Tables>

/** Values leave the database as one JSON text for each statement: that is read several times faster than rows. */
const point = sql`json_build_array(step, timestamp, value)`
const BY_STEP = ['step', 'timestamp', 'value'] as const
const BY_TIME = ['timestamp', 'step', 'value'] as const

export function sqlHistoryStore(kysely: Db): HistoryStore {
  return {
    async rows(projectId, runIds) {
      const { rows } = await sql<{ id: number; run_id: string }>`
        select id, run_id from runs
        where project_id = ${projectId} and run_id = any(${texts([...new Set(runIds)])}::text[])`.execute(kysely)
      return new Map(rows.map(({ id, run_id }) => [run_id, id]))
    },
    async totals(runs, keys, afterStep) {
      const { rows } = await sql<SeriesTotal>`
        select run, key, count(*) as total from metrics
        where run = any(${numbers(runs)}::bigint[]) and key = any(${texts(keys)}::text[]) and ${later(afterStep)}
        group by run, key`.execute(kysely)
      return rows
    },
    async whole(series, afterStep) {
      const { rows } = await sql<SeriesPoints>`
        select metrics.run, metrics.key, json_agg(${point} order by step, timestamp, value) as points
        from unnest(${numbers(series.map(({ run }) => run))}::bigint[], ${texts(series.map(({ key }) => key))}::text[])
          as wanted (run, key)
        join metrics on metrics.run = wanted.run and metrics.key = wanted.key
        where ${later(afterStep)} group by metrics.run, metrics.key`.execute(kysely)
      return rows
    },
    byStep: (series, after, from, limit) => page(kysely, series, { order: BY_STEP, after, from, limit }),
    byTime: (series, after, limit) => page(kysely, series, { order: BY_TIME, after, limit }),
    async sampled(runs, key, steps, most, range) {
      const within = range ? sql`step between ${range.first}::bigint and ${range.last}::bigint` : sql`step >= 0`
      const wanted = sql`run = any(${numbers(runs)}::bigint[]) and key = ${key} and ${within}`
      // Every n-th of the steps that there are, counted from 0, for as many as are wanted.
      const { rows } = await sql<RunPoint>`
        with steps as (
          select step, row_number() over (order by step) - 1 as n, count(*) over () as total
          from (select distinct step from metrics where ${wanted}) as there
        ), chosen as (
          select step from steps where total <= ${steps} or n = total - 1
            or floor(ceil(n * ${steps}::numeric / total) * total / ${steps}::numeric) = n
          union
          select unnest(array[min(step), max(step)]) from metrics where ${wanted} group by run
        ), found as (
          select run, step, timestamp, value, row_number() over (partition by run order by step, timestamp) as place
          from metrics where ${wanted} and step in (select step from chosen)
        )
        select run, ${point} as point from found where place <= ${most} order by step, run, place`.execute(kysely)
      return rows
    },
  }
}

const later = (afterStep: number | undefined): RawBuilder<unknown> =>
  afterStep === undefined ? sql`true` : sql`step > ${afterStep}::bigint`

interface PageWanted {
  readonly order: typeof BY_STEP | typeof BY_TIME
  readonly after: PointPlace | undefined
  readonly from?: number | undefined
  readonly limit: number
}

async function page(kysely: Db, { run, key }: Series, { order, after, from, limit }: PageWanted): Promise<PointPage> {
  const columns = sql.join(order.map((column) => sql.ref(column)))
  const beyond = after ? sql`(${columns}) > (${sql.join(order.map((column) => placed(after, column)))})` : sql`true`
  const { rows } = await sql<{ points: MetricPoint[] | null }>`
    select json_agg(${point} order by ${columns}) as points from (
      select step, timestamp, value from metrics where run = ${run} and key = ${key} and ${beyond} and ${later(from)}
      order by ${columns} limit ${limit + 1}
    ) as page`.execute(kysely)
  const found = rows[0]?.points ?? []
  const points = found.slice(0, limit)
  const last = points.at(-1)
  return { points, next: found.length > limit && last ? placeOf(last) : undefined }
}

const placeOf = ([step, timestamp, value]: MetricPoint): PointPlace => ({ step, timestamp, value: String(value) })

const placed = (place: PointPlace, column: keyof PointPlace) =>
  column === 'value' ? sql`${place.value}::double precision` : sql`${place[column]}::bigint`
