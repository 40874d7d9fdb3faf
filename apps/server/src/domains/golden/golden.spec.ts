import { fakeClock } from '@stead/chassis'
import {
  addGolden,
  deleteDeployment,
  DeploymentName,
  LEASE_MS,
  listEvents,
  listGolden,
  recordGolden,
  removeGolden,
} from '@stead/contracts'
import type { InferenceRequest, RunnerReport } from '@stead/contracts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT, deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { startFakeRunner, type FakeRunner } from '../runners/fake-runner.fixture.ts'

const clock = fakeClock()
let server: ScratchServer
let runners: FakeRunner[] = []
let deployments = 0
let deployment: DeploymentName

beforeAll(async () => {
  server = await startScratchServer({}, clock)
  runners = [await startFakeRunner(server.client, 'runner-0'), await startFakeRunner(server.client, 'runner-1')]
  await pushVersion(server.client, 'sum', 'sum')
  await deployAnother()
})
afterAll(async () => {
  for (const runner of runners) await runner.fallSilent()
  await server?.close()
})
async function deployAnother(): Promise<void> {
  deployment = DeploymentName.parse(`sums-${++deployments}`)
  await deploy(server.client, deployment, 'sum')
}

const at = () => ({ project: DEFAULT, deployment })
/** Whatever a caller may have made of the body. */
const add = (body: object) => server.client.call(addGolden, { params: at(), query: undefined, body: body as never })
const names = async () => {
  const { golden } = await server.client.call(listGolden, { params: at(), query: undefined, body: undefined })
  return golden.map(({ name }) => name)
}
const remove = (golden: string) =>
  server.client.call(removeGolden, { params: { ...at(), golden }, query: undefined, body: undefined })
const record = (count: number, more: object = {}) =>
  server.client.call(recordGolden, { params: at(), query: undefined, body: { count, ...more } })

/** Fits the contract: x FP32 [-1, 2] in, y FP32 [-1, 1] out. */
const x = { name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }
const y = { name: 'y', datatype: 'FP32', shape: [1, 1], data: [3] }
const request: InferenceRequest = { inputs: [x] }

const expecting = (output: object) => ({ request, assertion: { kind: 'exact', outputs: [output] } })
const asking = (input: object) => ({ request: { inputs: [input] } })
const UNFIT: Record<string, [body: object, where: string]> = {
  'an input that the contract does not know': [
    { request: { inputs: [x, { ...x, name: 'w' }] } },
    'body.request.inputs',
  ],
  'no input at all': [{ request: { inputs: [] } }, 'body.request.inputs'],
  'an input twice': [{ request: { inputs: [x, x] } }, 'body.request.inputs'],
  'another datatype': [asking({ ...x, datatype: 'FP64' }), 'body.request.inputs.0.datatype'],
  'a dimension too many': [asking({ ...x, shape: [1, 1, 2] }), 'body.request.inputs.0.shape'],
  'a fixed dimension of another size': [asking({ ...x, shape: [2, 1] }), 'body.request.inputs.0.shape'],
  'a negative size': [asking({ ...x, shape: [-1, 2] }), 'body.request.inputs.0.shape'],
  'fewer elements than its shape': [asking({ ...x, shape: [2, 2] }), 'body.request.inputs.0.data'],
  'more elements than its shape': [asking({ ...x, data: [1, 2, 3] }), 'body.request.inputs.0.data'],
  'data that is no array': [asking({ ...x, data: 'twelve' }), 'body.request.inputs.0.data'],
  'texts for numbers': [asking({ ...x, data: [1, '2'] }), 'body.request.inputs.0.data'],
  'nothing for a number': [asking({ ...x, data: [1, null] }), 'body.request.inputs.0.data'],
  'an output asked for that is not there': [
    { request: { ...request, outputs: [{ name: 'w' }] } },
    'body.request.outputs',
  ],
  'an expected output that is not there': [expecting({ ...y, name: 'w' }), 'body.assertion.outputs'],
  'an expected output of another datatype': [
    expecting({ ...y, datatype: 'INT64' }),
    'body.assertion.outputs.0.datatype',
  ],
  'an expected output of another shape': [expecting({ ...y, shape: [1, 2] }), 'body.assertion.outputs.0.shape'],
  'an expected output without its data': [expecting({ ...y, data: [] }), 'body.assertion.outputs.0.data'],
  'no expected output': [{ request, assertion: { kind: 'close', outputs: [] } }, 'body.assertion.outputs'],
  'a range of an output that is not there': [
    { request, assertion: { kind: 'range', output: 'w', min: 0 } },
    'body.assertion.output',
  ],
  'a range without an end': [{ request, assertion: { kind: 'range' } }, 'body.assertion'],
  'an empty range': [{ request, assertion: { kind: 'range', min: 2, max: 1 } }, 'body.assertion'],
  'a name that is none': [{ name: '../x', request }, 'body.name'],
}

test.for(Object.entries(UNFIT))('a golden request with %s is refused, and told where', async ([, [body, where]]) => {
  await expect(add(body)).rejects.toMatchObject({ code: 'invalid_request', status: 400, where })
  expect(await names()).toEqual([])
})

describe('of a deployment of its own', () => {
  beforeEach(deployAnother)

  test('golden requests are kept as given, in the order in which they came', async () => {
    const nested = {
      ...x,
      shape: [2, 2],
      data: [
        [1, 2],
        [3, 4],
      ],
    }
    const kept = await add({ name: 'z-first', request: { id: 'a', inputs: [nested], outputs: [{ name: 'y' }] } })
    expect(kept).toMatchObject({
      name: 'z-first',
      request: { id: 'a', inputs: [nested] },
      assertion: { kind: 'valid' },
    })
    await add({ name: 'a-second', request, assertion: { kind: 'exact', outputs: [y] } })
    const { golden } = await server.client.call(listGolden, { params: at(), query: undefined, body: undefined })
    expect(golden).toMatchObject([
      { name: 'z-first', createdAt: kept.createdAt },
      { name: 'a-second', assertion: { kind: 'exact', outputs: [y] } },
    ])
  })

  test('one without a name is numbered above all others, so that a name is not given again', async () => {
    expect(await add({ request })).toMatchObject({ name: 'golden-1' })
    expect(await add({ name: 'golden-7', request })).toMatchObject({ name: 'golden-7' })
    expect(await add({ request })).toMatchObject({ name: 'golden-8' })
    await remove('golden-1')
    expect(await add({ request })).toMatchObject({ name: 'golden-9' })
    expect(await names()).toEqual(['golden-7', 'golden-8', 'golden-9'])
  })

  test('many without a name at once get names of their own', async () => {
    await Promise.all(Array.from({ length: 8 }, () => add({ request })))
    expect((await names()).toSorted()).toEqual(Array.from({ length: 8 }, (_, index) => `golden-${index + 1}`))
  })

  test('a name that is taken is refused, and the first keeps it', async () => {
    await add({ name: 'mine', request })
    const refusal = { code: 'name_taken', status: 409, where: 'body.name' }
    await expect(add({ name: 'mine', request: { ...request, id: 'other' } })).rejects.toMatchObject(refusal)
    const { golden } = await server.client.call(listGolden, { params: at(), query: undefined, body: undefined })
    expect(golden).toMatchObject([{ name: 'mine', request }])
    expect(golden[0]?.request.id).toBeUndefined()
  })

  test('what is removed is gone, once', async () => {
    await add({ name: 'mine', request })
    await remove('mine')
    expect(await names()).toEqual([])
    await expect(remove('mine')).rejects.toMatchObject({ code: 'golden_not_found', status: 404 })
  })

  test('adding and removing are events', async () => {
    await add({ name: 'mine', request })
    await remove('mine')
    const { events } = await server.client.call(listEvents, {
      params: { project: DEFAULT },
      query: { limit: 2 },
      body: undefined,
    })
    expect(events.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['golden.removed', `${deployment}/mine`],
      ['golden.added', `${deployment}/mine`],
    ])
  })

  test('golden requests end with their deployment, and one of its name begins without any', async () => {
    await add({ request })
    await server.client.call(deleteDeployment, { params: at(), query: undefined, body: undefined })
    await expect(names()).rejects.toMatchObject({ code: 'deployment_not_found' })
    await deploy(server.client, deployment, 'sum')
    expect(await names()).toEqual([])
  })
})

/** What a runner tells of one request that it kept. */
const recorded = (recording: string, id: string, more: Partial<InferenceRequest> = {}): RunnerReport => ({
  kind: 'recorded',
  deployment,
  recording,
  request: { ...request, id, ...more },
  assertion: { kind: 'valid' },
})
const recordingOf = (runner: FakeRunner | undefined) => runner?.desired.get(deployment)?.recording
/** Begins one and waits until every runner knows of it. */
async function begin(count: number): Promise<string> {
  const before = recordingOf(runners[0])?.id
  await record(count)
  for (const runner of runners) await runner.until(() => ![undefined, before].includes(recordingOf(runner)?.id))
  return recordingOf(runners[0])?.id ?? ''
}
const untilEnded = async () => {
  for (const runner of runners) await runner.until(() => recordingOf(runner) === null)
}

describe('recording', () => {
  beforeEach(deployAnother)

  test('a recording keeps as many requests as asked for, however many runners saw more', async () => {
    const id = await begin(5)
    expect(recordingOf(runners[1])).toEqual({ id, count: 5, redact: [], assertion: 'valid' })
    await Promise.all(
      runners.flatMap((runner, index) =>
        Array.from({ length: 4 }, (_, round) =>
          runner.report([recorded(id, `${index}-${round}-a`), recorded(id, `${index}-${round}-b`)]),
        ),
      ),
    )
    await untilEnded()
    await Promise.all(runners.map((runner) => runner.report([recorded(id, 'late')])))
    // Whatever was still waiting to be kept comes before this one.
    await add({ name: 'last', request })
    expect(await names()).toEqual(['golden-1', 'golden-2', 'golden-3', 'golden-4', 'golden-5', 'last'])
  })

  test('a recorded request that does not fit the contract is dropped, and another one takes its place', async () => {
    const id = await begin(1)
    await runners[0]?.report([recorded(id, 'unfit', { inputs: [{ ...x, datatype: 'INT8' }] }), recorded(id, 'fit')])
    await untilEnded()
    const { golden } = await server.client.call(listGolden, { params: at(), query: undefined, body: undefined })
    expect(golden.map((one) => one.request.id)).toEqual(['fit'])
  })

  test('a newer recording ends the one under way', async () => {
    const first = await begin(2)
    const second = await begin(1)
    expect(second).not.toBe(first)
    await runners[0]?.report([recorded(first, 'of the first')])
    await runners[1]?.report([recorded(second, 'of the second')])
    await untilEnded()
    const { golden } = await server.client.call(listGolden, { params: at(), query: undefined, body: undefined })
    expect(golden.map((one) => one.request.id)).toEqual(['of the second'])
  })

  test('what is redacted must be an input of the contract', async () => {
    const refusal = { code: 'invalid_request', where: 'body.redact' }
    await expect(record(1, { redact: ['x', 'y'] })).rejects.toMatchObject(refusal)
    expect(recordingOf(runners[0]) ?? null).toBeNull()
    await record(1, { redact: ['x'], assertion: 'close' })
    await runners[0]?.until(() => recordingOf(runners[0])?.redact.includes('x') ?? false)
    expect(recordingOf(runners[0])).toMatchObject({ assertion: 'close' })
  })
})

test('without a runner nothing can be recorded', async () => {
  for (const runner of runners.splice(0)) await runner.fallSilent()
  await clock.advance(LEASE_MS)
  await expect(record(1)).rejects.toMatchObject({ code: 'no_runner', status: 503 })
})
