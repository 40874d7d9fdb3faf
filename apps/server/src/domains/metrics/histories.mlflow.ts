import { MlflowError } from '../../mlflow/failures.ts'
import { missing, optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import type { MetricPoint } from '@stead/contracts'
import { runIdIn, RUN_ID } from '../runs/run-wire.ts'
import type { Histories, RunValue } from './histories.ts'

const MOST_RUNS = 100
const MOST_BULK = 25_000
const MOST_STEPS = 2_500

const invalid = (message: string) => new MlflowError('INVALID_PARAMETER_VALUE', message)

export function serveHistoriesToMlflow(mount: MlflowMount, histories: Histories): void {
  mount(
    {
      act: 'run.get',
      method: 'GET',
      path: 'metrics/get-history',
      takes: {
        ...RUN_ID,
        metric_key: required('string'),
        page_token: optional('string'),
        max_results: optional('int64'),
      },
    },
    async (input, { project }) => {
      const limit = input.max_results
      if (limit !== undefined && limit < 1)
        throw invalid(`Invalid value ${limit} for parameter 'max_results' supplied. It must be a positive integer`)
      const page = { limit, token: input.page_token }
      const { points, nextToken } = await histories.page(project, runIdIn(input), input.metric_key, page)
      const key = JSON.stringify(input.metric_key)
      const metrics = points.map((point) => `{"key":${key},${told(point)}}`)
      return `{${[listed(metrics), token(nextToken)].filter((part) => part !== '').join(',')}}`
    },
  )
  mount(
    {
      act: 'run.get',
      method: 'GET',
      path: 'metrics/get-history-bulk',
      takes: { run_id: repeated('string'), metric_key: optional('string'), max_results: optional('int64') },
    },
    async ({ run_id: runs = [], metric_key: metric, max_results: most = MOST_BULK }, { project }) => {
      if (runs.length === 0) throw invalid('GetMetricHistoryBulk request must specify at least one run_id.')
      if (runs.length > MOST_RUNS)
        throw invalid(
          `GetMetricHistoryBulk request cannot specify more than ${MOST_RUNS} run_ids. Received ${runs.length} run_ids.`,
        )
      if (metric === undefined) throw invalid('GetMetricHistoryBulk request must specify a metric_key.')
      const values = await histories.bulk(project, runs, metric, Math.min(Math.max(most, 0), MOST_BULK))
      return `{"metrics":[${written(metric, values).join(',')}]}`
    },
  )
  mount(
    {
      act: 'run.get',
      method: 'GET',
      path: 'metrics/get-history-bulk-interval',
      takes: {
        run_ids: repeated('string'),
        metric_key: required('string'),
        start_step: optional('int64'),
        end_step: optional('int64'),
        max_results: optional('int64'),
      },
    },
    async ({ run_ids: runs = [], metric_key: metric, start_step: first, end_step: last, max_results }, { project }) => {
      if (runs.length === 0) throw missing('run_ids')
      if (runs.length > MOST_RUNS)
        throw invalid(
          `GetMetricHistoryBulkInterval request must specify at most ${MOST_RUNS} run_ids. Received ${runs.length} run_ids.`,
        )
      const steps = max_results ?? MOST_STEPS
      if (steps < 1 || steps > MOST_STEPS) throw invalid(`max_results must be between 1 and ${MOST_STEPS}.`)
      const values = await histories.sampled(project, runs, metric, steps, rangeOf(first, last))
      return `{${listed(written(metric, values))}}`
    },
  )
}

function rangeOf(first: number | undefined, last: number | undefined) {
  if (first === undefined && last === undefined) return undefined
  if (first === undefined || last === undefined)
    throw invalid('If either start step or end step are specified, both must be specified.')
  if (first > last)
    throw invalid(`end_step must be greater than start_step. Found start_step=${first} and end_step=${last}.`)
  return { first, last }
}

/** Thousands of them: as texts, for they are written fastest so. */
const told = ([step, timestamp, value]: MetricPoint) =>
  `"value":${typeof value === 'number' ? value : `"${value}"`},"timestamp":${timestamp},"step":${step}`

function written(metric: string, values: readonly RunValue[]): string[] {
  const key = JSON.stringify(metric)
  return values.map(({ run, point }) => `{"key":${key},${told(point)},"run_id":${JSON.stringify(run)}}`)
}

const listed = (metrics: readonly string[]) => (metrics.length === 0 ? '' : `"metrics":[${metrics.join(',')}]`)
const token = (next: string | undefined) => (next === undefined ? '' : `"next_page_token":${JSON.stringify(next)}`)
