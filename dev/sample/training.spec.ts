import { readFileSync } from 'node:fs'
import {
  getVersion,
  listExperiments,
  listLoggedModels,
  ModelName,
  ProjectName,
  searchRuns,
  VersionNumber,
} from '@stead/contracts'
import { createClient } from '@stead/sdk'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startScratchServer, type ScratchServer } from '../../apps/server/src/scratch-server.fixture.ts'
import { judge } from './descent.ts'
import { pushSample } from './seed.ts'
import { trainSample } from './training.ts'
import { WEATHER_FEATURES, weatherExamples } from './weather.ts'

const params = { project: ProjectName.parse('default') }
const later = async () => (await weatherExamples()).filter(({ date }) => date >= '2015-01-01')

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer()
  await pushSample(server.client)
  await trainSample(server.client)
})
afterAll(() => server.close())

async function runs() {
  const { client } = server
  const { experiments } = await client.call(listExperiments, { params, query: { search: 'seattle-weather' } })
  expect(experiments).toHaveLength(1)
  const found = await client.call(searchRuns, { params, body: { experiments: [experiments[0]!.id] } })
  return { experiment: experiments[0]!, runs: found.runs }
}

test('the features are those that the served models were trained on, row by row', async () => {
  const { weather } = JSON.parse(readFileSync(new URL('replay.json', import.meta.url), 'utf8'))
  expect(weather.features).toEqual(WEATHER_FEATURES)
  const rows = (await later()).slice(0, 200)
  for (const [at, { features, target }] of rows.entries()) {
    expect(target).toBeCloseTo(weather.actual[at], 4)
    for (const [column, value] of features.entries()) expect(value).toBeCloseTo(weather.rows[at][column], 4)
  }
})

test('a sweep of nested runs, a baseline and a longer run are tracked, and the longer one is better than the baseline', async () => {
  const { runs: all } = await runs()
  const called = (name: string) => all.find((run) => run.name === name)!
  expect(all.every(({ status }) => status === 'FINISHED')).toBe(true)
  expect(all.filter(({ parent }) => parent === called('sweep').id)).toHaveLength(6)
  const mae = (name: string) => called(name).metrics.test_mae!.value as number
  expect(mae('longer')).toBeLessThan(mae('persistence'))
  expect(called('longer').metrics.test_mae).toMatchObject({ step: 119 })
})

test('the model of the longer run is a version that can be deployed, and answers as it was judged', async () => {
  const { client } = server
  const { experiment } = await runs()
  const { loggedModels } = await client.call(listLoggedModels, { params, query: { experiment: experiment.id } })
  const [
    { versions, metrics, run } = (() => {
      throw new Error('no model was logged')
    })(),
  ] = loggedModels
  const model = ModelName.parse('seattle-weather')
  expect(versions).toEqual([{ model, version: 4 }])
  const made = await client.call(getVersion, { params: { ...params, model, version: VersionNumber.parse(4) } })
  expect(made).toMatchObject({ runtime: 'onnx', run })
  expect(made.signature).toEqual(
    (await client.call(getVersion, { params: { ...params, model, version: VersionNumber.parse(1) } })).signature,
  )
  const { digest } = made.files.find(({ path }) => path === 'model.onnx')!
  const bytes = await (await fetch(`${server.url}/api/v1/projects/default/artifacts/${digest}`)).arrayBuffer()
  const session = await InferenceSession.create(new Uint8Array(bytes))
  const examples = await later()
  const rows = Float32Array.from(examples.flatMap(({ features }) => features))
  const { temp_max } = await session.run({
    features: new Tensor('float32', rows, [examples.length, WEATHER_FEATURES.length]),
  })
  const answers = (temp_max!.data as Float32Array).values()
  const { mae } = judge(examples, () => answers.next().value!)
  expect(mae).toBeCloseTo(metrics.find(({ key }) => key === 'test_mae')!.value as number, 4)
})

test('done again it is left as it is', async () => {
  const before = await runs()
  await trainSample(createClient({ url: server.url }))
  expect(await runs()).toEqual(before)
})
