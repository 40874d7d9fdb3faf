import { ProjectName } from '@stead/contracts'
import type { RunId } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import { expect, test } from 'vitest'
import { createHistoryReader } from './history-reader.ts'

interface Body {
  readonly runs: readonly string[]
  readonly metrics: readonly string[]
}

/** A client whose server answers each metric with one value, its place in the request. */
function reading(answer: (body: Body) => Response = answerOf) {
  const bodies: Body[] = []
  const client = createClient({
    url: 'http://server',
    fetch: (_, init) => {
      const body = JSON.parse(init!.body as string) as Body
      bodies.push(body)
      return Promise.resolve(answer(body))
    },
  })
  return { read: createHistoryReader(client), bodies }
}

const answerOf = ({ runs, metrics }: Body) =>
  Response.json({
    series: metrics.flatMap((metric, at) => runs.map((run) => ({ run, metric, points: [[0, 0, at]], total: 1 }))),
  })

const ASKED = {
  project: ProjectName.parse('default'),
  runs: ['a1' as RunId],
  points: 100,
  afterStep: undefined,
}

test('charts that ask at the same time are answered by one request, each with its own', async () => {
  const { read, bodies } = reading()
  const answers = await Promise.all(['loss', 'f1', 'loss'].map((metric) => read(ASKED, metric)))
  expect(bodies.map(({ metrics }) => metrics)).toEqual([['loss', 'f1']])
  expect(answers.map(([series]) => series?.points)).toEqual([[[0, 0, 0]], [[0, 0, 1]], [[0, 0, 0]]])
})

test('those who ask for other runs or from another step are not mixed up', async () => {
  const { read, bodies } = reading()
  await Promise.all([read(ASKED, 'loss'), read({ ...ASKED, afterStep: 5 }, 'loss'), read({ ...ASKED, runs: [] }, 'f1')])
  expect(bodies).toHaveLength(3)
})

test('very many are asked for in parts, and a part that fails takes no other along', async () => {
  const { read } = reading((body) =>
    body.metrics.includes('m0')
      ? Response.json({ error: { code: 'internal', message: 'no' } }, { status: 500 })
      : answerOf(body),
  )
  const names = Array.from({ length: 40 }, (_, at) => `m${at}`)
  const outcomes = await Promise.allSettled(names.map((name) => read(ASKED, name)))
  expect(outcomes[0]!.status).toBe('rejected')
  expect(outcomes[39]!.status).toBe('fulfilled')
})
