import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { describeOverWire } from '../../mlflow/wire.fixture.ts'
import { encodeSpans } from './otlp.fixture.ts'
import { childOf, newId, sendSpans, spanOf, V3 } from './traces.fixture.ts'

describeOverWire('spans by OpenTelemetry', (wire) => {
  const wholeOf = async (id: string) => (await wire.get(`${V3}/get`, { trace_id: id })).body.trace as Whole
  interface Whole {
    trace_info: {
      state: string
      execution_duration: string
      tags: Record<string, string>
      trace_metadata: object
    } & object
    spans: { name: string; trace_id: string; attributes: unknown[]; start_time_unix_nano: string }[]
  }

  test('begin a trace, which tells what its root told', async () => {
    const id = newId()
    expect(await sendSpans(wire, encodeSpans([childOf(id), spanOf(id)]))).toEqual({ status: 200, text: '' })
    const { trace_info, spans } = await wholeOf(`tr-${id}`)
    expect(trace_info).toMatchObject({
      state: 'OK',
      request_time: '2023-11-14T22:13:20.000Z',
      execution_duration: '2.500s',
      request_preview: '{"q":"why?"}',
      response_preview: '42',
      tags: { 'mlflow.traceName': 'answer', 'mlflow.trace.spansLocation': 'TRACKING_STORE' },
    })
    expect(spans.map(({ name }) => name)).toEqual(['answer', 'search'])
    expect(spans[0]).toMatchObject({
      trace_id: Buffer.from(id, 'hex').toString('base64'),
      start_time_unix_nano: '1700000000000000123',
      attributes: expect.arrayContaining([{ key: 'mlflow.spanOutputs', value: { int_value: '42' } }]),
    })
  })

  test('are the same in JSON, packed or not, and sent twice they are there once', async () => {
    const id = newId()
    const json = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [spanOf(id)] }] }] })
    expect(await sendSpans(wire, json, { type: 'application/json; charset=utf-8' })).toEqual({
      status: 200,
      text: '{}',
    })
    const packed = gzipSync(encodeSpans([spanOf(id)]))
    expect((await sendSpans(wire, packed, { encoding: 'gzip' })).status).toBe(200)
    expect((await wholeOf(`tr-${id}`)).spans).toHaveLength(1)
  })

  test('may come in any order and from several at once', async () => {
    const id = newId()
    const spans = [spanOf(id), ...Array.from({ length: 8 }, (_, at) => childOf(id, { spanId: `00000000000000c${at}` }))]
    await Promise.all(spans.toReversed().map((span) => sendSpans(wire, encodeSpans([span]))))
    const { trace_info, spans: told } = await wholeOf(`tr-${id}`)
    expect([told.length, trace_info.state]).toEqual([9, 'OK'])
  })

  test('that failed at the root make a trace that failed, and tokens are summed once', async () => {
    const id = newId()
    const usage = { key: 'mlflow.chat.tokenUsage', value: { stringValue: '{"input_tokens": 3, "total_tokens": 5}' } }
    const failed = spanOf(id, { status: { code: 2, message: 'no' }, attributes: [usage] })
    for (const spans of [[failed, childOf(id, { attributes: [usage] })], [failed]])
      await sendSpans(wire, encodeSpans(spans))
    const { trace_info } = await wholeOf(`tr-${id}`)
    expect(trace_info.state).toBe('ERROR')
    expect(trace_info.trace_metadata).toMatchObject({
      'mlflow.trace.tokenUsage': '{"input_tokens": 6, "total_tokens": 10}',
    })
  })

  test.each([
    ['of another type', 'x', { type: 'text/plain' }, 400],
    ['that are no protobuf', Buffer.from([0xff, 0xff]), {}, 400],
    ['that are no JSON', '{', { type: 'application/json' }, 400],
    ['without a trace', encodeSpans([{ ...spanOf('a'.repeat(32)), traceId: '0'.repeat(32) }]), {}, 400],
    ['of no experiment', encodeSpans([spanOf('a'.repeat(32))]), { experiment: '77' }, 404],
    ['of an experiment that is no number', encodeSpans([spanOf('a'.repeat(32))]), { experiment: 'x' }, 400],
    ['packed by what nobody knows', 'x', { encoding: 'br' }, 400],
    ['that are not packed as they say', 'x', { encoding: 'gzip' }, 400],
    ['that unpack to more than a body may have', gzipSync(Buffer.alloc(20_000_000)), { encoding: 'gzip' }, 413],
  ] as const)('%s are refused', async (_what, body, sending, status) => {
    const answer = await sendSpans(wire, body, sending)
    expect([answer.status, Object.keys(JSON.parse(answer.text) as object)]).toEqual([status, ['error_code', 'message']])
  })
})
