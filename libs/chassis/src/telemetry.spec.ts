import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { NO_TELEMETRY, startTelemetry } from './telemetry.ts'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'

interface Attribute {
  key: string
  value: Record<string, unknown>
}
interface ReceivedSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  status: { code?: number; message?: string }
  attributes: Attribute[]
  events: { name: string }[]
}
interface Batch {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: ReceivedSpan[] }[] }[]
}

const closing: (() => void)[] = []
afterEach(() => closing.splice(0).forEach((close) => close()))

async function startCollector(status = () => 200) {
  const batches: { path: string; batch: Batch }[] = []
  const server = createServer(async (request, response) => {
    batches.push({ path: request.url ?? '', batch: (await json(request)) as Batch })
    response.writeHead(status(), { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const spans = () =>
    batches.flatMap(({ batch }) => batch.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans)))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, batches, spans }
}

function listen() {
  const said: string[] = []
  const say = (...words: [string] | [object, string]) => void said.push(words.at(-1) as string)
  return { said, log: { info: say, warn: say } }
}

const plain = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test('spans reach the collector at the latest when telemetry stops, continuing the trace of their parent', async () => {
  const collector = await startCollector()
  const telemetry = await startTelemetry({
    serviceName: 'runner',
    serviceVersion: '1.2.3',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`, OTEL_RESOURCE_ATTRIBUTES: 'zone=a%20b,odd' },
    log: listen().log,
  })
  expect(telemetry.enabled).toBe(true)
  const outer = telemetry.span('predict', { parent: PARENT, kind: 'server' }, { deployment: 'forecast', rows: 3 })
  const inner = telemetry.span('infer', { parent: outer.traceparent })
  inner.fail(new Error('no memory'))
  inner.end()
  outer.set({ generation: 7, warm: true })
  outer.end()
  await telemetry.stop()

  expect(collector.batches.map(({ path }) => path)).toEqual(['/v1/traces'])
  const resource = plain(collector.batches[0]?.batch.resourceSpans[0]?.resource.attributes ?? [])
  expect(resource).toMatchObject({ 'service.name': 'runner', 'service.version': '1.2.3', zone: 'a b' })
  const [infer, predict] = collector.spans()
  expect(predict).toMatchObject({ name: 'predict', parentSpanId: 'b7ad6b7169203331', kind: 2 })
  expect(predict?.traceId).toBe('0af7651916cd43dd8448eb211c80319c')
  expect(plain(predict?.attributes ?? [])).toEqual({ deployment: 'forecast', rows: 3, generation: 7, warm: true })
  expect(infer).toMatchObject({ name: 'infer', parentSpanId: predict?.spanId, traceId: predict?.traceId })
  expect(infer).toMatchObject({ status: { code: 2, message: 'no memory' }, events: [{ name: 'exception' }] })
  expect(outer.traceparent).toBe(`00-${predict?.traceId}-${predict?.spanId}-01`)
})

test('no secret is sent with a span, neither in its attributes nor in its error', async () => {
  const collector = await startCollector()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
  const telemetry = await startTelemetry({ serviceName: 'server', env, log: listen().log })
  const span = telemetry.span('GET /', {}, { url: '/?token=hunter2', kept: 'kept' })
  span.set({ header: 'Bearer hunter2-hunter2', rows: 3 })
  span.fail(new TypeError('cannot reach https://me:hunter2@host'))
  span.end()
  await telemetry.stop()
  const sent = JSON.stringify(collector.batches)
  expect(sent).toContain('TypeError')
  expect(sent).toContain('kept')
  expect(sent).not.toContain('hunter2')
})

test('the endpoint for traces is taken as it is, and goes before the general one', async () => {
  const collector = await startCollector()
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/in`,
    OTEL_SERVICE_NAME: 'mine',
  }
  const telemetry = await startTelemetry({ serviceName: 'runner', env, log: listen().log })
  telemetry.span('one').end()
  telemetry.span('two', { parent: 'garbage' }).end()
  await telemetry.stop()
  expect(collector.batches.map(({ path }) => path)).toEqual(['/in'])
  expect(collector.spans().map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
    ['one', undefined],
    ['two', undefined],
  ])
  const resource = plain(collector.batches[0]?.batch.resourceSpans[0]?.resource.attributes ?? [])
  expect(resource['service.name']).toBe('mine')
})

test('a parent that is not sampled makes a span that is not sent but still passes its trace on', async () => {
  const collector = await startCollector()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
  const telemetry = await startTelemetry({ serviceName: 'runner', env, log: listen().log })
  const span = telemetry.span('unseen', { parent: PARENT.replace(/01$/, '00') })
  span.end()
  telemetry.span('seen').end()
  await telemetry.stop()
  expect(parseTraceparent(span.traceparent)).toMatchObject({ traceId: PARENT.slice(3, 35), traceFlags: 0 })
  expect(collector.spans().map(({ name }) => name)).toEqual(['seen'])
})

test('a collector that refuses is told of, and stopping does not throw', async () => {
  const collector = await startCollector(() => 400)
  const { said, log } = listen()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
  const telemetry = await startTelemetry({ serviceName: 'runner', env, log })
  telemetry.span('lost').end()
  await telemetry.stop()
  expect(said).toContain('traces are lost: the collector does not take them')
})

test.each([
  {},
  { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'not a url' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_TRACES_EXPORTER: 'none' },
])('with %j there is no telemetry, but a parent is handed on', async (env) => {
  const telemetry = await startTelemetry({ serviceName: 'runner', env, log: listen().log })
  expect(telemetry).toBe(NO_TELEMETRY)
  const span = telemetry.span('x', { parent: PARENT }, { a: 1 })
  span.set({ b: 2 })
  span.fail(new Error('no'))
  span.end()
  expect([span.traceparent, telemetry.span('y').traceparent]).toEqual([PARENT, undefined])
  await telemetry.stop()
})

test.each([
  ['no collector', '', 'none'],
  ['a collector', 'http://127.0.0.1:9', 'some'],
])('with %s, of the SDK is loaded: %s', (_, endpoint, expected) => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = new Set()
    registerHooks({ resolve(name, context, next) { loaded.add(name.split('/')[0]); return next(name, context) } })
    const { startTelemetry } = await import(${JSON.stringify(new URL('./telemetry.ts', import.meta.url).href)})
    const log = { info() {}, warn() {} }
    const telemetry = await startTelemetry({ serviceName: 's', env: { OTEL_EXPORTER_OTLP_ENDPOINT: process.argv[1] }, log })
    telemetry.span('x').traceparent
    process.stdout.write(loaded.has('@opentelemetry') ? 'some' : 'none', () => process.exit(0))`
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script, endpoint], { encoding: 'utf8' })
  expect(child.stdout).toBe(expected)
})

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length })

test('a traceparent survives being read and written', () => {
  const ids = fc.tuple(hex(32), hex(16), hex(2)).filter(([trace, span]) => /[^0]/.test(trace) && /[^0]/.test(span))
  fc.assert(
    fc.property(ids, ([trace, span, flags]) => {
      const header = `00-${trace}-${span}-${flags}`
      const context = parseTraceparent(header)
      expect(context && formatTraceparent(context)).toBe(header)
    }),
  )
})

test('a later version may carry more, version 00 may not', () => {
  expect(parseTraceparent(`01${PARENT.slice(2)}-more`)).toMatchObject({ spanId: 'b7ad6b7169203331' })
  expect(parseTraceparent(`${PARENT}-more`)).toBeUndefined()
})

test.each([
  undefined,
  '',
  'garbage',
  PARENT.toUpperCase(),
  PARENT.slice(0, -1),
  PARENT.replace(/^00/, 'ff'),
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
])('%j is no traceparent', (header) => {
  expect(parseTraceparent(header)).toBeUndefined()
})
