import { addAssessment, TraceId } from '@stead/contracts'
import { beforeAll, expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { DEFAULT } from '../../scratch-server.fixture.ts'
import { encodeSpans } from './otlp.fixture.ts'
import { childOf, infoOf, newId, sendSpans, spanOf, V3 } from './traces.fixture.ts'

const HOUR = 3_600_000
const START = 1_700_000_000_000

interface Point {
  readonly dimensions?: Record<string, string>
  readonly values: Record<string, number>
}

describeOverWire('figures over traces', (wire) => {
  let experiment = ''
  const ids: string[] = []
  const ask = (body: object) =>
    wire.post(`${V3}/metrics`, { experiment_ids: [experiment], view_type: 'TRACES', ...body })
  const points = async (body: object) => {
    const { status, body: told } = await ask(body)
    expect(status, JSON.stringify(told)).toBe(200)
    return (told.data_points ?? []) as Point[]
  }
  const count = [{ aggregation_type: 'COUNT' }]

  beforeAll(async () => {
    experiment = String((await wire.post('experiments/create', { name: 'figures' })).body.experiment_id)
    for (const [at, seconds] of [1, 2, 3, 4].entries()) {
      const id = newId()
      ids.push(`tr-${id}`)
      const at0 = START + at * HOUR
      const begun = { startTimeUnixNano: `${at0}000000`, endTimeUnixNano: `${at0 + seconds * 1000}000000` }
      const cost = {
        key: 'mlflow.llm.cost',
        value: { stringValue: `{"total_cost": ${seconds / 4}, "input_cost": "x"}` },
      }
      const child = childOf(id, { ...begun, status: { code: at === 0 ? 2 : 1 }, attributes: [cost] })
      await sendSpans(wire, encodeSpans([spanOf(id, begun), child]), { experiment })
      await wire.post(V3, {
        trace: {
          trace_info: {
            ...infoOf(`tr-${id}`).trace.trace_info,
            trace_location: { mlflow_experiment: { experiment_id: experiment } },
            request_time: new Date(at0).toISOString(),
            execution_duration: `${seconds}s`,
            state: at === 0 ? 'ERROR' : 'OK',
            trace_metadata: {
              'mlflow.trace.session': `s-${at % 2}`,
              'mlflow.trace.tokenUsage': at === 3 ? 'nothing' : `{"total_tokens": ${seconds * 10}}`,
            },
          },
        },
      })
    }
    const params = (at: number) => ({ project: DEFAULT, trace: TraceId.parse(ids[at]) })
    for (const [at, value] of [
      [0, false],
      [1, true],
      [2, 'yes'],
      [3, 0.5],
    ] as const)
      await wire.server.client.call(addAssessment, {
        params: params(at),
        body: { kind: 'feedback', name: 'good', value },
      })
  })

  test('are counted by what they have, and summed up in buckets of time', async () => {
    expect(await points({ metric_name: 'trace_count', aggregations: count })).toEqual([
      { metric_name: 'trace_count', dimensions: {}, values: { COUNT: 4 } },
    ])
    const states = await points({ metric_name: 'trace_count', aggregations: count, dimensions: ['trace_status'] })
    expect(states.map(({ dimensions, values }) => [dimensions?.trace_status, values.COUNT])).toEqual([
      ['ERROR', 1],
      ['OK', 3],
    ])
    expect((await points({ metric_name: 'session_count', aggregations: count }))[0]?.values).toEqual({ COUNT: 2 })
    const times = { time_interval_seconds: 7200, start_time_ms: START, end_time_ms: START + 3 * HOUR }
    const buckets = await points({ metric_name: 'latency', aggregations: [{ aggregation_type: 'MAX' }], ...times })
    expect(buckets.map(({ dimensions, values }) => [dimensions?.time_bucket, values.MAX])).toEqual([
      ['2023-11-14T22:00:00+00:00', 2000],
      ['2023-11-15T00:00:00+00:00', 4000],
    ])
  })

  test('of durations and tokens are spread as numpy has it, and lack what nobody counted', async () => {
    const half = { aggregation_type: 'PERCENTILE', percentile_value: 50 }
    const most = { aggregation_type: 'PERCENTILE', percentile_value: 99.5 }
    const spread = [{ aggregation_type: 'AVG' }, { aggregation_type: 'MIN' }, half, most]
    const [latency] = await points({ metric_name: 'latency', aggregations: spread, dimensions: ['trace_name'] })
    expect(latency?.dimensions).toEqual({ trace_name: 'answer' })
    expect(latency?.values).toEqual({ AVG: 2500, MIN: 1000, 'P50.0': 2500, 'P99.5': expect.closeTo(3985, 6) as number })
    const sums = [{ aggregation_type: 'SUM' }]
    expect((await points({ metric_name: 'total_tokens', aggregations: sums }))[0]?.values).toEqual({ SUM: 60 })
    expect(await points({ metric_name: 'input_tokens', aggregations: sums })).toEqual([])
  })

  test('count spans and judgements as well', async () => {
    const spans = { view_type: 'SPANS', dimensions: ['span_name', 'span_status'], metric_name: 'span_count' }
    const told = await points({ ...spans, aggregations: count, filters: ["span.name = 'search'"] })
    expect(told.map(({ dimensions, values }) => [dimensions?.span_status, values.COUNT])).toEqual([
      ['ERROR', 1],
      ['OK', 3],
    ])
    const cost = { view_type: 'SPANS', metric_name: 'total_cost', aggregations: [{ aggregation_type: 'SUM' }] }
    expect((await points(cost))[0]?.values).toEqual({ SUM: 2.5 })
    expect(await points({ ...cost, metric_name: 'input_cost' })).toEqual([])
    const took = { view_type: 'SPANS', metric_name: 'latency', aggregations: [{ aggregation_type: 'MAX' }] }
    expect((await points(took))[0]?.values).toEqual({ MAX: 4000 })
    const judged = { view_type: 'ASSESSMENTS', metric_name: 'assessment_value', dimensions: ['assessment_name'] }
    const [mean] = await points({ ...judged, aggregations: [{ aggregation_type: 'AVG' }] })
    expect(mean).toMatchObject({ dimensions: { assessment_name: 'good' }, values: { AVG: 0.625 } })
    const values = { view_type: 'ASSESSMENTS', metric_name: 'assessment_count', dimensions: ['assessment_value'] }
    const by = await points({ ...values, aggregations: count, filters: ["assessment.type = 'feedback'"] })
    expect(new Set(by.map(({ dimensions }) => dimensions?.assessment_value))).toEqual(
      new Set(['"yes"', '0.5', 'false', 'true']),
    )
  })

  test('are those of the traces that are meant', async () => {
    const of = async (...filters: string[]) =>
      (await points({ metric_name: 'trace_count', aggregations: count, filters }))[0]?.values.COUNT
    expect(await of("trace.status = 'OK'")).toBe(3)
    expect(await of("trace.metadata.`mlflow.trace.session` = 's-1'", "trace.status = 'OK'")).toBe(2)
    expect(await of(`trace.tag.mlflow.traceName = "answer"`)).toBe(4)
    expect(await of("trace.tag.none = 'x'")).toBe(0)
    const { body } = await wire.post('runs/create', { experiment_id: experiment })
    const { run_id } = (body.run as { info: { run_id: string } }).info
    await wire.post('traces/link-to-run', { trace_ids: [ids[0]], run_id })
    expect(await of(`trace.metadata.mlflow.sourceRun = '${run_id}'`)).toBe(1)
    const times = { start_time_ms: START + HOUR, end_time_ms: START + 2 * HOUR }
    expect((await points({ metric_name: 'trace_count', aggregations: count, ...times }))[0]?.values.COUNT).toBe(2)
  })

  test.each([
    ['no metric', { aggregations: count }, "Missing value for required parameter 'metric_name'"],
    ['a metric that is none', { metric_name: 'size', aggregations: count }, 'metric_name must be one of'],
    ['a view that is none', { view_type: 'RUNS', metric_name: 'x', aggregations: count }, 'view_type'],
    ['nothing to aggregate', { metric_name: 'trace_count', aggregations: [] }, 'aggregations'],
    ['a sum of traces', { metric_name: 'trace_count', aggregations: [{ aggregation_type: 'SUM' }] }, "['SUM']"],
    [
      'a percentile of nothing',
      { metric_name: 'latency', aggregations: [{ aggregation_type: 'PERCENTILE' }] },
      'aggregations',
    ],
    [
      'a dimension of spans',
      { metric_name: 'trace_count', aggregations: count, dimensions: ['span_name'] },
      "['span_name']",
    ],
    [
      'a bucket of endless time',
      { metric_name: 'trace_count', aggregations: count, time_interval_seconds: 60 },
      'start_time_ms',
    ],
    [
      'a filter by what spans have',
      { metric_name: 'trace_count', aggregations: count, filters: ["span.name = 'x'"] },
      'SPANS',
    ],
    [
      'a filter that is none',
      { metric_name: 'trace_count', aggregations: count, filters: ['trace.status LIKE 1'] },
      'Invalid filter',
    ],
    ['no number of results', { metric_name: 'trace_count', aggregations: count, max_results: 0 }, 'max_results'],
  ])('are refused with %s', async (_what, body, says) => {
    const answer = await ask(body)
    expect([answer.status, answer.body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE'])
    expect(answer.body.message).toContain(says)
  })

  test('tell how often two filters hold together', async () => {
    const correlate = (more: object) =>
      wire.post(`${V3}/calculate-filter-correlation`, { experiment_ids: [experiment], ...more })
    const filters = { filter_string1: "trace.status = 'ERROR'", filter_string2: "span.status = 'ERROR'" }
    const { body } = await correlate(filters)
    expect(body).toMatchObject({ npmi: 1, filter1_count: 1, filter2_count: 1, joint_count: 1, total_count: 4 })
    const within = await correlate({ ...filters, base_filter: "trace.status = 'OK'" })
    expect(within.body).toEqual({ filter1_count: 0, filter2_count: 0, joint_count: 0, total_count: 3 })
    expect((await correlate({ ...filters, filter_string2: 'nothing' })).status).toBe(400)
    expect((await correlate({ ...filters, filter_string2: "name RLIKE '('" })).status).toBe(400)
  })
})
