import { createHistogram, fakeClock } from '@stead/chassis'
import { deploymentFigures, DeploymentName, VersionNumber } from '@stead/contracts'
import type { FigureSample } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { startFakeRunner, type FakeRunner } from '../runners/fake-runner.fixture.ts'

const clock = fakeClock('2026-01-01T12:00:05Z')
const deployment = DeploymentName.parse('sums')
let server: ScratchServer
let runners: FakeRunner[] = []

beforeAll(async () => {
  server = await startScratchServer({}, clock)
  runners = [await startFakeRunner(server.client, 'runner-0'), await startFakeRunner(server.client, 'runner-1')]
  await pushVersion(server.client, 'sum', 'sum')
  await deploy(server.client, 'sums', 'sum')
})
afterAll(async () => {
  for (const runner of runners) await runner.fallSilent()
  await server?.close()
})

const address = (query = '') => `${server.url}/api/v1/projects/default/deployments/sums/figures${query}`
const read = async (step: number) => {
  const params = { project: DEFAULT, deployment }
  return (await server.client.call(deploymentFigures, { params, query: { step }, body: undefined })).points
}

/** So many answers of one latency, in microseconds. */
function sampleOf(count: number, micros: number, name = deployment): FigureSample {
  const latency = createHistogram()
  for (let index = 0; index < count; index++) latency.record(micros)
  const { sum, max, buckets } = latency.encode()
  const figure = {
    requests: count,
    errors: {},
    rows: count,
    executions: count,
    shadowed: 0,
    queue: 0,
    latency: { sum, max, buckets: [...buckets] },
  }
  return { deployment: name, version: VersionNumber.parse(1), figure }
}

test('percentiles are those of all answers of all runners, not means of theirs', async () => {
  const [quick, slow] = runners
  await quick?.report([], [sampleOf(90, 1000)])
  await slow?.report([], [sampleOf(10, 100_000)])
  for (const step of [1, 10, 300]) {
    const points = await read(step)
    expect(points).toMatchObject([{ version: 1, requests: 100 }])
    const [{ at, p50, p95, p99 } = { at: 0, p50: 0, p95: 0, p99: 0 }] = points
    expect(at % step).toBe(0)
    expect(Math.abs((p50 ?? 0) / 1000 - 1)).toBeLessThan(0.02)
    expect(Math.abs((p95 ?? 0) / 100_000 - 1)).toBeLessThan(0.02)
    expect(Math.abs((p99 ?? 0) / 100_000 - 1)).toBeLessThan(0.02)
  }
})

test('figures of a deployment that is not there, and histograms that are none, are passed over', async () => {
  const before = await read(300)
  const odd = sampleOf(1, 1000)
  const broken = { ...odd, figure: { ...odd.figure, latency: { sum: 1, max: 1, buckets: [4_000_000_000, 1] } } }
  await runners[0]?.report([], [sampleOf(1, 1000, DeploymentName.parse('nobody')), broken])
  expect(await read(300)).toEqual(before)
})

test('after a quarter of an hour the seconds are gone, and the coarser steps are there', async () => {
  await clock.advance(901_000)
  expect(await read(1)).toEqual([])
  expect(await read(10)).toMatchObject([{ requests: 100 }])
  expect(await read(300)).toMatchObject([{ requests: 100 }])
})

test.for(['?step=60', '?step=0', '?step=a', '?from=1.5', '?from=9&to=8'])('the query %s is refused', async (query) => {
  const answer = await fetch(address(query))
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({
    error: { code: 'invalid_request', where: expect.stringMatching(/^query/) },
  })
})

test('a deployment that is not there has no figures', async () => {
  expect((await fetch(address().replace('sums', 'nobody'))).status).toBe(404)
})
