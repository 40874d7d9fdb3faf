import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeSnapshots, type MetricsSnapshot } from './metrics-snapshot.ts'
import { renderSnapshot } from './metrics-text.ts'
import { createMetrics } from './metrics.ts'

test('a page shows help, type and every series', () => {
  const metrics = createMetrics()
  const requests = metrics.counter({ name: 'requests_total', help: 'Requests.', labels: ['code', 'method'] })
  requests.with({ code: '200', method: 'GET' }).add()
  requests.with({ method: 'GET', code: '200' }).add(2)
  requests.with({ code: '500', method: 'PUT' }).add(0.5)
  metrics.gauge({ name: 'open', help: 'Open sockets.' }).set(-Infinity)
  const seconds = metrics.histogram({ name: 'seconds', help: 'Time.', labels: ['op'], bounds: [0.1, 1] })
  for (const value of [0.1, 0.5, 7]) seconds.with({ op: 'a' }).observe(value)
  expect(metrics.render()).toBe(`# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200",method="GET"} 3
requests_total{code="500",method="PUT"} 0.5
# HELP open Open sockets.
# TYPE open gauge
open -Inf
# HELP seconds Time.
# TYPE seconds histogram
seconds_bucket{op="a",le="0.1"} 1
seconds_bucket{op="a",le="1"} 2
seconds_bucket{op="a",le="+Inf"} 3
seconds_sum{op="a"} 7.6
seconds_count{op="a"} 3
`)
})

/** The grammar of the format, read independently of how it is written. */
function parseSample(line: string): { labels: Record<string, string>; value: string } {
  const labels: Record<string, string> = {}
  const start = line.indexOf('{')
  let at = start + 1
  while (start >= 0 && line[at] !== '}') {
    const equals = line.indexOf('="', at)
    const name = line.slice(at, equals)
    let value = ''
    for (at = equals + 2; line[at] !== '"'; at++) {
      if (line[at] !== '\\') value += line[at]
      else value += { n: '\n', '"': '"', '\\': '\\' }[line[++at] as 'n' | '"' | '\\']
    }
    labels[name] = value
    at += line[at + 1] === ',' ? 2 : 1
  }
  return { labels, value: line.slice(line.lastIndexOf(' ') + 1) }
}

const awkward = fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', '{', '}', ',', '=', ' ', 'é', '🙂') })

test('label values and help survive escaping, whatever they hold', () => {
  fc.assert(
    fc.property(awkward, awkward, awkward, (a, b, help) => {
      const metrics = createMetrics()
      metrics
        .gauge({ name: 'g', help, labels: ['a', 'b'] })
        .with({ a, b })
        .set(1.5)
      const [helpLine = '', typeLine, sampleLine = '', rest] = metrics.render().split('\n')
      expect(typeLine).toBe('# TYPE g gauge')
      expect(parseSample(sampleLine)).toEqual({ labels: { a, b }, value: '1.5' })
      const unescaped = helpLine.slice('# HELP g '.length).replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c))
      expect(unescaped).toBe(help)
      expect(rest).toBe('')
    }),
  )
})

type Event = readonly ['count' | 'peak' | 'low' | 'spread', string, number]
const event: fc.Arbitrary<Event> = fc.tuple(
  fc.constantFrom('count', 'peak', 'low', 'spread'),
  fc.constantFrom('a', 'b', '"'),
  // Whole numbers, for which addition is exact in any order.
  fc.nat(1000),
)

function registryAfter(events: readonly Event[]) {
  const metrics = createMetrics()
  const labels = ['l'] as const
  const count = metrics.counter({ name: 'count', help: '', labels })
  const peak = metrics.gauge({ name: 'peak', help: '', labels, merge: 'max' })
  const low = metrics.gauge({ name: 'low', help: '', labels, merge: 'min' })
  const spread = metrics.histogram({ name: 'spread', help: '', labels, bounds: [10, 100] })
  for (const [what, l, n] of events) {
    if (what === 'count') count.with({ l }).add(n)
    if (what === 'peak') peak.with({ l }).set(n)
    if (what === 'low') low.with({ l }).set(n)
    if (what === 'spread') spread.with({ l }).observe(n)
  }
  return metrics
}

function linesOf(snapshot: MetricsSnapshot): string[] {
  return renderSnapshot(snapshot).split('\n').toSorted()
}

test('merging is associative and commutative', () => {
  const thread = fc.array(event).map((events) => registryAfter(events).snapshot())
  fc.assert(
    fc.property(thread, thread, thread, (a, b, c) => {
      const whole = linesOf(mergeSnapshots([a, b, c]))
      expect(linesOf(mergeSnapshots([mergeSnapshots([c, b]), a]))).toEqual(whole)
      expect(linesOf(mergeSnapshots([b, mergeSnapshots([a, c])]))).toEqual(whole)
    }),
  )
})

test('counters and histograms of several threads are what one thread would have counted', () => {
  const additive = fc.array(event.filter(([what]) => what === 'count' || what === 'spread'))
  fc.assert(
    fc.property(additive, additive, (a, b) => {
      const split = mergeSnapshots([registryAfter(a).snapshot(), registryAfter(b).snapshot()])
      expect(linesOf(split)).toEqual(linesOf(registryAfter([...a, ...b]).snapshot()))
    }),
  )
})

test('a snapshot can be posted from another thread and rendered with our own', async () => {
  const script = `
    import { parentPort } from 'node:worker_threads'
    import { createMetrics } from ${JSON.stringify(new URL('./metrics.ts', import.meta.url).href)}
    const metrics = createMetrics()
    metrics.counter({ name: 'n', help: 'N.' }).add(40)
    parentPort.postMessage(metrics.snapshot())`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`))
  const [theirs] = (await once(worker, 'message')) as [MetricsSnapshot]
  const metrics = createMetrics()
  metrics.counter({ name: 'n', help: 'N.' }).add(2)
  expect(metrics.render([theirs])).toContain('\nn 42\n')
  await worker.terminate()
})

test('threads that mean different things by one name are not merged', () => {
  const a = createMetrics()
  a.counter({ name: 'n', help: '' })
  const b = createMetrics()
  b.gauge({ name: 'n', help: '' })
  expect(() => mergeSnapshots([a.snapshot(), b.snapshot()])).toThrow(/different metrics by n/)
})

test('asking again gives the same metric, asking for another kind throws', () => {
  const metrics = createMetrics()
  metrics
    .counter({ name: 'n', help: '', labels: ['a'] })
    .with({ a: '1' })
    .add()
  metrics
    .counter({ name: 'n', help: '', labels: ['a'] })
    .with({ a: '1' })
    .add()
  expect(metrics.render()).toContain('n{a="1"} 2\n')
  expect(() => metrics.gauge({ name: 'n', help: '', labels: ['a'] })).toThrow(/exists already/)
  expect(() => metrics.counter({ name: 'n', help: '', labels: ['b'] })).toThrow(/exists already/)
})

test('a collector sets gauges before each page; one that throws does not take the page with it', () => {
  const metrics = createMetrics()
  const pages = metrics.gauge({ name: 'pages', help: '' })
  metrics.collect(() => {
    throw new Error('no')
  })
  metrics.collect(() => pages.add(1))
  metrics.render()
  expect(metrics.render()).toMatch(/\npages 2\n[^]*metrics_collector_failures 2\n/)
})

test('a removed child is seen no more', () => {
  const metrics = createMetrics()
  const family = metrics.gauge({ name: 'g', help: '', labels: ['a'] })
  family.with({ a: '1' }).set(1)
  family.with({ a: '2' }).set(2)
  family.remove({ a: '1' })
  expect(metrics.render()).not.toContain('a="1"')
  expect(metrics.render()).toContain('g{a="2"} 2')
})

test('a metric that Prometheus could not read is refused when it is made', () => {
  const metrics = createMetrics()
  expect(() => metrics.counter({ name: '1st', help: '' })).toThrow(TypeError)
  expect(() => metrics.counter({ name: 'ok', help: '', labels: ['__reserved'] })).toThrow(TypeError)
  expect(() => metrics.counter({ name: 'ok', help: '', labels: ['a', 'a'] })).toThrow(TypeError)
  expect(() => metrics.histogram({ name: 'ok', help: '', labels: ['le'], bounds: [1] })).toThrow(TypeError)
  expect(() => metrics.histogram({ name: 'ok', help: '', bounds: [2, 1] })).toThrow(TypeError)
  expect(() => metrics.counter({ name: 'ok', help: '' }).add(-1)).toThrow(RangeError)
})
