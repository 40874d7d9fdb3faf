import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { grpcCaller, grpcRows, inferUrl, rest, rows } from './load.ts'
import { startPlatform, until } from './platform.ts'
import type { Platform } from './platform.ts'

interface Received {
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly parentSpanId: string
  readonly failed: boolean
}

/** A collector that takes OTLP over HTTP as JSON. */
function startCollector() {
  const spans: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    for (const resource of JSON.parse(Buffer.concat(chunks).toString()).resourceSpans) {
      const service = resource.resource.attributes.find(({ key }: { key: string }) => key === 'service.name').value
        .stringValue as string
      for (const scope of resource.scopeSpans) {
        for (const span of scope.spans)
          spans.push({
            service,
            name: span.name,
            traceId: span.traceId,
            parentSpanId: span.parentSpanId ?? '',
            failed: span.status?.code === 2,
          })
      }
    }
    response.end('{}')
  })
  return new Promise<{ url: string; spans: Received[]; close(): void }>((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        spans,
        close: () => void server.close(),
      }),
    )
  })
}

describe('traces, where a collector is configured', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>
  let platform: Platform
  beforeAll(async () => {
    collector = await startCollector()
    platform = await startPlatform({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' },
    })
    await platform.push('adder', addConstant(1))
    await platform.deploy('sums', 'adder', 1)
  })
  afterAll(async () => {
    await platform.stop()
    collector.close()
  })

  test('a request continues the trace of its caller through runner and server, over REST and gRPC', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`
    const runner = platform.runners[0]!
    expect((await rest(inferUrl(runner.rest, 'sums'), rows([[1, 2]]), { headers: { traceparent } })).status).toBe(200)
    await rest(`${platform.url}/api/v1/status`, undefined, { headers: { traceparent } })
    await rest(inferUrl(runner.rest, 'sums'), '{"inputs":[]}', { headers: { traceparent } })
    const caller = grpcCaller(runner.grpc)
    await caller.infer(grpcRows('sums', [[1, 2]]))
    caller.close()
    const ours = await until('the spans arrive', async () => {
      const found = collector.spans.filter((span) => span.traceId === traceId)
      if (found.length < 3 || !collector.spans.some((span) => span.name === 'infer sums' && span.traceId !== traceId))
        throw new Error('not yet')
      return found
    })
    expect(ours.map(({ service, name, failed }) => ({ service, name, failed }))).toEqual(
      expect.arrayContaining([
        { service: 'stead-runner', name: 'infer sums', failed: false },
        { service: 'stead-runner', name: 'infer sums', failed: true },
        { service: 'stead-server', name: 'GET /api/v1/status', failed: false },
      ]),
    )
    expect(new Set(ours.map((span) => span.parentSpanId))).toEqual(new Set(['b7ad6b7169203331']))
  })
})
