import { beforeAll, expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { V3, infoOf } from './traces.fixture.ts'

describeOverWire('searches for traces', (wire) => {
  let experiment = ''
  const ids = Array.from({ length: 7 }, (_, at) => `tr-found-${at}`)
  const inIt = { trace_location: () => ({ mlflow_experiment: { experiment_id: experiment } }) }
  const find = async (filter: string, more: object = {}) => {
    const { body, status } = await wire.post(`${V3}/search`, { locations: [inIt.trace_location()], filter, ...more })
    return { status, body, ids: ((body.traces ?? []) as { trace_id: string }[]).map(({ trace_id }) => trace_id) }
  }
  beforeAll(async () => {
    const made = await wire.post('experiments/create', { name: 'searched' })
    experiment = String(made.body.experiment_id)
    for (const [at, id] of ids.entries())
      await wire.post(
        V3,
        infoOf(id, {
          trace_location: inIt.trace_location(),
          request_time: new Date(1_700_000_000_000 + Math.floor(at / 2) * 1000).toISOString(),
          ...(at === 3 ? { execution_duration: undefined } : { execution_duration: `${at}s` }),
          state: at % 2 ? 'OK' : 'ERROR',
          tags: at < 3 ? { 'mlflow.traceName': `n${at}` } : {},
          trace_metadata: { half: at < 4 ? 'first' : 'second' },
        }),
      )
  })

  test.each([
    ["status = 'ERROR'", [0, 2, 4, 6]],
    ["status = 'ERROR' AND metadata.half = 'first'", [0, 2]],
    ["status = 'ERROR' OR name = 'n1'", [0, 1, 2, 4, 6]],
    ["NOT (name = 'n1')", [0, 2, 3, 4, 5, 6]],
    ["name != 'n1'", [0, 2]],
    ["name IN ('n0', 'n2')", [0, 2]],
    ["name RLIKE '^n[12]$'", [1, 2]],
    ['tags.`mlflow.traceName` IS NULL', [3, 4, 5, 6]],
    ['execution_time_ms > 1500', [2, 4, 5, 6]],
    ['timestamp_ms < 1700000001000', [0, 1]],
    ["request_id LIKE '%found-5'", [5]],
    ['feedback.good IS NULL', [0, 1, 2, 3, 4, 5, 6]],
  ])('find by %s', async (filter, expected) => {
    expect((await find(filter, { order_by: ['request_id ASC'] })).ids).toEqual(expected.map((at) => ids[at]))
  })

  test.each(['attributes.nothing = 1', "status > 'a'", "name RLIKE '('", 'x', "name = 'a'; drop"])(
    'refuse %s',
    async (filter) => {
      const { status, body } = await find(filter)
      expect([status, body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE'])
    },
  )

  test.each([[[]], [['execution_time_ms DESC']], [['name ASC']], [['status DESC', 'request_id DESC']]])(
    'go through all pages in order %j, each trace once',
    async (order_by) => {
      const whole = (await find('', { order_by })).ids
      expect(whole.toSorted()).toEqual(ids)
      const paged: string[] = []
      let page_token: string | undefined
      do {
        const page = await find('', { order_by, max_results: 2, page_token })
        paged.push(...page.ids)
        page_token = page.body.next_page_token as string | undefined
      } while (page_token)
      expect(paged).toEqual(whole)
    },
  )

  test('refuse tokens and sizes that are none', async () => {
    for (const more of [{ page_token: 'x' }, { max_results: 501 }, { max_results: 0 }])
      expect((await find('', more)).status, JSON.stringify(more)).toBe(400)
    const { body } = await find('', { max_results: 1 })
    expect((await find('', { page_token: body.next_page_token, order_by: ['name'] })).status).toBe(400)
  })
})
