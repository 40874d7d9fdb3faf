import type { MlflowWire } from '../../mlflow/wire.fixture.ts'
import { expect } from 'vitest'
import { OtlpSpan } from './otlp.ts'

export const V3 = '/api/3.0/mlflow/traces'
let counted = 0
export const newId = () => (counted += 1).toString(16).padStart(32, 'a')

export const spanOf = (traceId: string, more: object = {}): OtlpSpan =>
  OtlpSpan.parse({
    traceId,
    spanId: '00000000000000a1',
    name: 'answer',
    startTimeUnixNano: '1700000000000000123',
    endTimeUnixNano: '1700000002500000000',
    status: { code: 1 },
    attributes: [
      { key: 'mlflow.spanType', value: { stringValue: 'CHAIN' } },
      { key: 'mlflow.spanInputs', value: { kvlistValue: { values: [{ key: 'q', value: { stringValue: 'why?' } }] } } },
      { key: 'mlflow.spanOutputs', value: { intValue: '42' } },
    ],
    ...more,
  })
export const childOf = (traceId: string, more: object = {}) =>
  spanOf(traceId, { spanId: '00000000000000b2', parentSpanId: '00000000000000a1', name: 'search', ...more })

export interface Sending {
  readonly type?: string
  readonly encoding?: string
  readonly experiment?: string
  readonly headers?: Record<string, string>
}

export async function sendSpans({ server }: MlflowWire, body: Uint8Array | string, sending: Sending = {}) {
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: {
      'content-type': sending.type ?? 'application/x-protobuf',
      'x-mlflow-experiment-id': sending.experiment ?? '0',
      ...(sending.encoding ? { 'content-encoding': sending.encoding } : {}),
      ...sending.headers,
    },
    body: typeof body === 'string' ? body : Buffer.from(body),
  })
  return { status: answer.status, text: await answer.text() }
}

export const infoOf = (id: string, more: object = {}) => ({
  trace: {
    trace_info: {
      trace_id: id,
      trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: '0' } },
      request_time: '2023-11-14T22:13:20Z',
      execution_duration: '2.5s',
      state: 'OK',
      ...more,
    },
  },
})

export async function search(wire: MlflowWire, filter: string, more: object = {}) {
  const locations = [{ mlflow_experiment: { experiment_id: '0' } }]
  const { status, body } = await wire.post(`${V3}/search`, { locations, filter, ...more })
  expect(status, JSON.stringify(body)).toBe(200)
  return ((body.traces ?? []) as { trace_id: string }[]).map(({ trace_id }) => trace_id)
}
