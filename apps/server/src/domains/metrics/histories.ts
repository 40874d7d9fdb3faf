import { SteadError } from '@stead/contracts'
import type { MetricPoint, ProjectName } from '@stead/contracts'
import { noRun } from '../runs/judging.ts'
import type { HistoryStore, PointPlace, Series, SeriesTotal, StepRange } from './histories.store.ts'
import { createThinning } from './thinning.ts'

export interface HistoryRequest {
  readonly runs: readonly string[]
  readonly metrics: readonly string[]
  /** The most values of a series. */
  readonly points: number
  readonly afterStep?: number | undefined
}
export interface HistorySeries {
  readonly run: string
  readonly metric: string
  readonly points: readonly MetricPoint[]
  /** Before thinning. */
  readonly total: number
}

/** How metrics went. */
export interface Histories {
  /** By step, thinned; a metric that a run does not have is left out. Fails with `run_not_found`. */
  read(project: ProjectName, request: HistoryRequest): Promise<HistorySeries[]>
  /** By timestamp. Of a run that is not there, nothing. */
  page(
    project: ProjectName,
    run: string,
    metric: string,
    page: { limit: number | undefined; token: string | undefined },
  ): Promise<{ points: readonly MetricPoint[]; nextToken: string | undefined }>
  /** Of several runs, each by timestamp, up to so many values in all. */
  bulk(project: ProjectName, runs: readonly string[], metric: string, limit: number): Promise<RunValue[]>
  /** At steps that are evenly chosen among those that the runs have, by step. */
  sampled(
    project: ProjectName,
    runs: readonly string[],
    metric: string,
    steps: number,
    range: StepRange | undefined,
  ): Promise<RunValue[]>
}
export interface RunValue {
  readonly run: string
  readonly point: MetricPoint
}

/** Values read by one statement. */
const AT_ONCE = 25_000
/** Values told at once, whoever asks. */
const MOST_POINTS = 1_000_000
const RUNS_AT_ONCE = 20
const MOST_SAMPLED = 2_500

export function createHistories(store: HistoryStore, projectId: (project: ProjectName) => Promise<string>): Histories {
  async function rowsOf(project: ProjectName, runs: readonly string[]): Promise<Map<string, number>> {
    return store.rows(await projectId(project), runs)
  }

  async function thinned(series: SeriesTotal, most: number, afterStep: number | undefined): Promise<MetricPoint[]> {
    const thinning = createThinning(series.total, most)
    let after: PointPlace | undefined
    do {
      const { points, next } = await store.byStep(series, after, afterStep, AT_ONCE)
      for (const point of points) thinning.add(point)
      after = next
    } while (after)
    return thinning.points()
  }

  async function totalsOf(rows: readonly number[], keys: readonly string[], afterStep: number | undefined) {
    const totals: SeriesTotal[] = []
    for (let at = 0; at < rows.length; at += RUNS_AT_ONCE)
      totals.push(...(await store.totals(rows.slice(at, at + RUNS_AT_ONCE), keys, afterStep)))
    return totals
  }

  return {
    async read(project, { runs, metrics, points, afterStep }) {
      const rows = await rowsOf(project, runs)
      const absent = runs.find((run) => !rows.has(run))
      if (absent !== undefined) throw noRun(absent)
      const totals = await totalsOf([...rows.values()], [...new Set(metrics)], afterStep)
      const most = Math.max(10, Math.min(points, Math.floor(MOST_POINTS / Math.max(1, totals.length))))
      const found = new Map<string, readonly MetricPoint[]>()
      for (const group of grouped(totals.filter(({ total }) => total <= most)))
        for (const { run, key, points: all } of await store.whole(group, afterStep)) found.set(`${run} ${key}`, all)
      for (const series of totals.filter(({ total }) => total > most))
        found.set(`${series.run} ${series.key}`, await thinned(series, most, afterStep))
      const totalOf = new Map(totals.map(({ run, key, total }) => [`${run} ${key}`, total]))
      return [...new Set(runs)].flatMap((run) =>
        [...new Set(metrics)].flatMap((metric) => {
          const name = `${rows.get(run)} ${metric}`
          const told = found.get(name)
          return told ? [{ run, metric, points: told, total: Math.max(totalOf.get(name) ?? 0, told.length) }] : []
        }),
      )
    },
    async page(project, run, metric, { limit = MOST_POINTS, token }) {
      const row = (await rowsOf(project, [run])).get(run)
      let after = readPlace(token)
      if (row === undefined) return { points: [], nextToken: undefined }
      const points: MetricPoint[] = []
      do {
        const wanted = Math.min(AT_ONCE, limit - points.length)
        const page = await store.byTime({ run: row, key: metric }, after, wanted)
        points.push(...page.points)
        after = page.next
      } while (after && points.length < limit)
      return { points, nextToken: after && writePlace(after) }
    },
    async bulk(project, runs, metric, limit) {
      const rows = await rowsOf(project, runs)
      const values: RunValue[] = []
      for (const [run, row] of [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
        if (values.length >= limit) break
        const { points } = await store.byTime({ run: row, key: metric }, undefined, limit - values.length)
        for (const point of points) values.push({ run, point })
      }
      return values
    },
    async sampled(project, runs, metric, steps, range) {
      const rows = await rowsOf(project, runs)
      const runOf = new Map([...rows].map(([run, row]) => [row, run]))
      const found = await store.sampled([...rows.values()], metric, steps, MOST_SAMPLED, range)
      return found.map(({ run, point }) => ({ run: runOf.get(run)!, point }))
    },
  }
}

/** Series that one statement reads together. */
function grouped(all: readonly SeriesTotal[]): Series[][] {
  const groups: Series[][] = []
  let room = 0
  for (const series of all) {
    if (room < series.total) {
      groups.push([])
      room = AT_ONCE
    }
    groups.at(-1)?.push(series)
    room -= series.total
  }
  return groups
}

const writePlace = ({ timestamp, step, value }: PointPlace): string =>
  Buffer.from(JSON.stringify([timestamp, step, value])).toString('base64url')

function readPlace(token: string | undefined): PointPlace | undefined {
  if (token === undefined || token === '') return undefined
  try {
    const [timestamp, step, value, ...more] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[]
    if (Number.isSafeInteger(timestamp) && Number.isSafeInteger(step) && isNumeral(value) && more.length === 0)
      return { timestamp: timestamp as number, step: step as number, value }
  } catch {
    // It is refused like one of which the parts are no place.
  }
  throw new SteadError('invalid_request', 'Invalid page token, it is none of this metric', { where: 'page_token' })
}

const isNumeral = (value: unknown): value is string =>
  typeof value === 'string' && (value === 'NaN' || (value.length < 40 && value !== '' && !Number.isNaN(Number(value))))
