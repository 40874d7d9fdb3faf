import { type RunRow, SteadError } from '@stead/contracts'
import type { Field } from '../filters/filter.ts'
import { RUNS } from '../filters/kinds.ts'
import { parseField, parseOrder } from '../filters/order.ts'
import { readToken, writeToken } from '../filters/page-token.ts'
import { parseFilter } from '../filters/parse.ts'
import { readRow } from './run-row.ts'
import type { RunColumns, RunDocument, RunGroups, RunKeys, RunSearchStore, ValueCount } from './run-search.store.ts'

export interface RunsAsked {
  readonly experiments: readonly number[]
  readonly filter?: string | undefined
  /** Default `'active'`. */
  readonly lifecycle?: 'active' | 'deleted' | 'all' | undefined
}

export interface RunQuery extends RunsAsked {
  /** `metrics.loss DESC`, … */
  readonly orderBy?: readonly string[] | undefined
  /** Default 1 000. */
  readonly limit?: number | undefined
  readonly token?: string | undefined
  /** `'none'` tells nothing but the info; a list is as `['metrics.loss', 'params.lr', 'tags.stage']`. Default `'all'`. */
  readonly columns?: 'none' | 'all' | readonly string[] | undefined
}

export interface RunGroupQuery extends RunsAsked {
  /** `['params.lr', 'status', 'tags.stage']` */
  readonly by: readonly string[]
  /** Keys of metrics. */
  readonly metrics?: readonly string[] | undefined
  readonly limit?: number | undefined
}

export interface RunTexts {
  /** JSON texts of Runs as on MLflow's wire, to be passed through as they are. */
  readonly texts: readonly string[]
  /** Undefined on the last page. */
  readonly nextToken: string | undefined
}

export interface FoundRuns {
  readonly runs: readonly RunRow[]
  readonly nextToken: string | undefined
}

/** Failures: `invalid_request` for a filter, order, column or token that is not well formed. */
export interface RunSearch {
  searchRuns(projectId: string, query: RunQuery): Promise<FoundRuns>
  searchRunTexts(projectId: string, query: RunQuery): Promise<RunTexts>
  countRuns(projectId: string, asked: RunsAsked): Promise<number>
  groupRuns(projectId: string, query: RunGroupQuery): Promise<RunGroups>
  runColumns(projectId: string, experiments: readonly number[]): Promise<RunKeys>
  /** The most frequent values of a param, tag or attribute. */
  columnValues(projectId: string, experiment: number, column: string, search: string): Promise<ValueCount[]>
}

const PAGE = 1_000
const MOST_COLUMNS = 2_000
const MOST_GROUPS = 1_000
const MOST_VALUES = 50

export function createRunSearch(store: RunSearchStore): RunSearch {
  const read = async (
    projectId: string,
    query: RunQuery,
  ): Promise<{ documents: RunDocument[]; nextToken: string | undefined }> => {
    const order = parseOrder(RUNS, query.orderBy)
    const columns = readColumns(query.columns ?? 'all')
    const after = readToken(query.token, order)
    const page = await store.page(projectId, { ...readAsked(query), order, after, limit: query.limit ?? PAGE })
    return {
      documents: await store.documents(page.rows, columns),
      nextToken: page.next && writeToken(page.next, order),
    }
  }
  return {
    async searchRuns(projectId, query) {
      const { documents, nextToken } = await read(projectId, query)
      return { runs: documents.map(readRow), nextToken }
    },
    async searchRunTexts(projectId, query) {
      const { documents, nextToken } = await read(projectId, query)
      return { texts: documents.map(({ text }) => text), nextToken }
    },
    countRuns: (projectId, asked) => store.count(projectId, readAsked(asked)),
    groupRuns(projectId, query) {
      const by = query.by.map((text) => parseField(RUNS, text, 'by'))
      for (const { of } of by) if (of === 'metric' || of === 'dataset') throw invalidColumn(of, 'by')
      const { metrics = [], limit = MOST_GROUPS } = query
      return store.groups(projectId, { ...readAsked(query), by, metrics: [...new Set(metrics)], limit })
    },
    runColumns: (projectId, experiments) => store.keys(projectId, experiments, MOST_COLUMNS),
    columnValues(projectId, experiment, column, search) {
      const field = parseField(RUNS, column, 'column')
      if (field.of === 'dataset') throw invalidColumn(field.of, 'column')
      return store.values(projectId, experiment, field, search, MOST_VALUES)
    },
  }
}

const readAsked = ({ experiments, filter, lifecycle = 'active' }: RunsAsked) => ({
  experiments,
  lifecycle,
  filter: parseFilter(RUNS, filter),
})

function readColumns(columns: 'none' | 'all' | readonly string[]): RunColumns {
  if (typeof columns === 'string') return columns
  const fields = columns.map((column) => columnField(column))
  const keys = (of: Field['of']) => [...new Set(fields.flatMap((field) => (field.of === of ? [field.key] : [])))]
  return { metrics: keys('metric'), params: keys('param'), tags: keys('tag') }
}

/** Everything after the first dot is the key, whatever it holds: columns are chosen from a list, not typed. */
function columnField(column: string): Field {
  const dot = column.indexOf('.')
  const word = column.slice(0, Math.max(dot, 0))
  for (const noun of ['metric', 'param', 'tag'] as const)
    if (RUNS[noun].words.includes(word)) return { of: noun, key: column.slice(dot + 1) }
  throw new SteadError(
    'invalid_request',
    `The column "${column.slice(0, 100)}" is neither metrics.…, params.… nor tags.….`,
    {
      where: 'columns',
    },
  )
}

const invalidColumn = (of: string, where: string) =>
  new SteadError('invalid_request', `Here a param, tag or attribute is asked for, and not a ${of}.`, { where })
