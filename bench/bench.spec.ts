import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { startGenerator } from './generator.ts'
import { httpRequest, readAnswer } from './http-client.ts'
import { processorSeconds, startNode } from './processes.ts'
import type { Candidate } from './processes.ts'
import { page } from './report.ts'
import type { Finding, Target } from './report.ts'
import { median, quantile } from './statistics.ts'
import { FOREST, INFER_PATH, samples } from './weather.ts'

test('quantiles and medians are those of the sorted values', () => {
  const values = Float64Array.from({ length: 100 }, (_, at) => at + 1)
  expect([0, 0.5, 0.99, 1].map((q) => quantile(values, q))).toEqual([1, 51, 100, 100])
  expect(median([9, 1, 5])).toBe(5)
  expect(median([4, 1, 2, 9])).toBe(3)
})

test('an answer that arrives in parts is read once it is whole', () => {
  const whole = Buffer.from('HTTP/1.1 503 Service Unavailable\r\nA: b\r\nContent-Length: 5\r\n\r\nhello')
  for (let length = 0; length < whole.length; length++) {
    const wanted = readAnswer(whole.subarray(0, length))
    expect(wanted).toBeTypeOf('number')
    expect(wanted as number).toBeGreaterThan(length)
  }
  const answer = readAnswer(whole)
  expect(answer).toMatchObject({ status: 503 })
  expect(typeof answer === 'object' && answer.body.toString()).toBe('hello')
})

describe('the page', () => {
  const target = (figure: number, better: Target['better']): Target => ({
    says: `figure ${figure}`,
    figure,
    bound: 1.5,
    better,
    unit: '×',
  })
  const finding: Finding = {
    title: 'A case',
    about: 'How.',
    targets: [target(1.4, 'less'), target(1.6, 'less'), target(1.6, 'more')],
    tables: [{ columns: ['', 'a'], rows: [['x|y', '1']] }],
    leftOut: ['peer: no compiler'],
  }
  const text = page({ machine: 'M', versions: 'V', date: 'D', quick: false }, [finding], ['other (broken)'])

  test('says of every target whether it was met', () => {
    expect(text).toContain('2 of 3 targets are met')
    expect(text).toContain('| figure 1.6 | 1.60 × | ≤ 1.50 × | **missed** |')
    expect(text).toContain('| figure 1.4 | 1.40 × | ≤ 1.50 × | met |')
  })

  test('names the machine, who was left out and what failed', () => {
    expect(text).toContain('D, M; V.')
    expect(text).toContain('Left out: peer: no compiler.')
    expect(text).toContain('Could not be measured: other (broken).')
  })

  test('has the targets before the tables', () => {
    expect(text.indexOf('missed')).toBeLessThan(text.indexOf('## A case'))
    expect(text).toContain('x\\|y')
  })
})

describe('the load generator', () => {
  const generator = startGenerator()
  let candidate: Candidate | undefined
  afterAll(async () => {
    await generator.stop()
    await candidate?.stop()
  })

  test('counts right answers and the time of the server, and rejects wrong ones', async () => {
    candidate = await startNode('candidates/naive.ts', [FOREST])
    const { port, pids } = candidate
    const order = { protocol: 'rest' as const, port, path: INFER_PATH, connections: 4, warmMs: 50, countMs: 400, pids }
    const right = await samples()
    const before = processorSeconds(pids)
    const counted = await generator.run({ ...order, requests: right })
    expect(counted.compared).toBeGreaterThan(0)
    expect(counted.errors).toEqual([])
    expect(counted.p50).toBeLessThanOrEqual(counted.p99)
    expect(counted.cpuMicros * counted.requests).toBeLessThanOrEqual((processorSeconds(pids) - before) * 1e6)
    const wrong = right.map((sample) => ({ ...sample, answers: [-40] }))
    await expect(generator.run({ ...order, requests: wrong })).rejects.toThrow('wanted -40')
    const refused = right.map((sample) => ({ ...sample, body: Buffer.from('{"inputs":[]}') }))
    await expect(generator.run({ ...order, requests: refused })).rejects.toThrow('status 500')
  })

  test('at fixed times sends no more than it was told to, and all that was due', async () => {
    const { port, pids } = candidate!
    let seconds = 0
    const counted = await generator.during(
      {
        protocol: 'rest',
        port,
        path: INFER_PATH,
        connections: 2,
        perSecond: 100,
        warmMs: 20,
        pids,
        requests: await samples(),
      },
      async () => {
        const start = performance.now()
        await pause(500)
        seconds = (performance.now() - start) / 1000
      },
    )
    expect(counted.requests).toBeGreaterThan(10)
    expect(counted.requests / counted.perSecond).toBeGreaterThanOrEqual(seconds * 0.9)
  })
})

test('a request has the length of its body', () => {
  expect(httpRequest('/p', Buffer.from('hello')).toString()).toMatch(
    /^POST \/p HTTP\/1\.1\r\n[^]*content-length: 5\r\n\r\nhello$/,
  )
})
