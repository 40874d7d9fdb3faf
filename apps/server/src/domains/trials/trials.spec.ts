import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DeploymentName, parkDeployment, tryDeployment } from '@stead/contracts'
import type { RunnerName, VersionNumber } from '@stead/contracts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { DEFAULT, deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { type FakeRunner, startFakeRunner } from '../runners/fake-runner.fixture.ts'
import { askByFetch } from './ask-runner.ts'

const v = (number: number) => number as VersionNumber
const request = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] }

let server: ScratchServer
const closers: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  server = await startScratchServer()
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
afterAll(() => server.close())

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

/** The port of a runner for requests: it notes what it is asked, and answers what the test says. */
async function listen(answer: Answer) {
  const asked: { url: string | undefined; headers: IncomingMessage['headers']; body: string }[] = []
  const listener = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    asked.push({ url: incoming.url, headers: incoming.headers, body })
    answer(incoming, response, body)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  closers.push(async () => {
    listener.closeAllConnections()
    await new Promise((resolve) => listener.close(resolve))
  })
  return { rest: `127.0.0.1:${(listener.address() as AddressInfo).port}`, asked }
}
async function startRunner(name: string, rest: string): Promise<FakeRunner> {
  const runner = await startFakeRunner(server.client, name, { rest })
  closers.unshift(() => runner.fallSilent())
  return runner
}
const json =
  (status: number, document: unknown, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(document))
const attempt = (name: string, body: { version?: VersionNumber; key?: string } = {}) =>
  server.client.call(tryDeployment, {
    params: { project: DEFAULT, deployment: DeploymentName.parse(name) },
    body: { request, ...body },
  })
const engine = (deployment: string, version: number, state: string) =>
  ({
    deployment,
    model: 'sums',
    version,
    state,
    reason: null,
    since: '2026-01-01T00:00:00.000Z',
    hostPid: 1,
    memory: 1,
    restarts: 0,
  }) as never

test('a trial goes to the runner as it is and comes back with its stamps', async () => {
  const headers = { 'stead-version': '2', 'stead-generation': '7', 'x-request-id': 'theirs' }
  const outputs = [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [3] }]
  const { rest, asked } = await listen(json(200, { outputs }, headers))
  await startRunner('runner-0', rest)
  await pushVersion(server.client, 'sums', 'export const n = 1')
  await deploy(server.client, 'sums', 'sums', v(1))
  const trial = await attempt('sums', { key: 'customer 7' })
  expect(trial).toEqual({
    runner: 'runner-0',
    status: 200,
    version: 2,
    generation: 7,
    requestId: 'theirs',
    ms: expect.any(Number),
    answer: { outputs },
  })
  expect(asked).toMatchObject([{ url: '/v2/models/sums/infer', headers: { 'stead-key': 'customer 7' } }])
  expect(JSON.parse(asked[0]!.body)).toEqual(request)
  await attempt('sums', { version: v(3) })
  expect(asked[1]).toMatchObject({ url: '/v2/models/sums/versions/3/infer' })
  expect(asked[1]!.headers).not.toHaveProperty('stead-key')
})

test('what a runner refuses is an answer, and so is what is no JSON', async () => {
  let answer = json(503, { error: 'parked' }, { 'stead-failure': 'parked' })
  const { rest } = await listen((...asked) => answer(...asked))
  await startRunner('runner-0', `http://${rest}/`)
  await deploy(server.client, 'refused', 'sums', v(1))
  expect(await attempt('refused')).toMatchObject({ status: 503, version: null, answer: { error: 'parked' } })
  answer = (_request, response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('<p>bad gateway')
  expect(await attempt('refused')).toMatchObject({ status: 502, answer: '<p>bad gateway' })
  answer = (_request, response) =>
    void response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.alloc(12, 0xff))
  expect(await attempt('refused')).toMatchObject({ status: 200, answer: '12 bytes of application/octet-stream' })
  answer = (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
  expect(await attempt('refused')).toMatchObject({ status: 302 })
})

test('it goes where the wanted version is ready, and of a parked deployment to any runner', async () => {
  const answering = await listen(json(200, {}))
  const [first, second, third] = [
    await startRunner('runner-0', answering.rest),
    await startRunner('runner-1', answering.rest),
    await startRunner('runner-2', answering.rest),
  ]
  await deploy(server.client, 'placed', 'sums', v(1))
  await first.tell([engine('other', 1, 'serving')])
  await second.tell([engine('placed', 1, 'loading'), engine('placed', 2, 'loading')])
  await third.tell([engine('placed', 1, 'serving'), engine('placed', 2, 'standby')])
  expect(await attempt('placed')).toMatchObject({ runner: 'runner-2' })
  expect(await attempt('placed', { version: v(2) })).toMatchObject({ runner: 'runner-2' })
  expect(await attempt('placed', { version: v(9) })).toMatchObject({ runner: 'runner-1' })
  const params = { project: DEFAULT, deployment: DeploymentName.parse('placed') }
  await server.client.call(parkDeployment, { params, body: {} })
  for (const runner of [first, second, third]) await runner.tell([])
  expect(await attempt('placed')).toMatchObject({ status: 200 })
})

test('a runner that is not there, breaks off or is silent is told as unreachable, with why', async () => {
  const { rest } = await listen((_request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('{')
    setTimeout(() => response.destroy(), 20)
  })
  const runner = await startRunner('runner-0', rest)
  await deploy(server.client, 'broken', 'sums', v(1))
  await expect(attempt('broken')).rejects.toMatchObject({ code: 'runner_unreachable' })
  await runner.fallSilent()
  const silent = await listen(() => {})
  const question = { runner: 'runner-0' as RunnerName, url: `http://${silent.rest}/`, headers: {}, body: '{}' }
  const { signal } = new AbortController()
  await expect(askByFetch(50)(question, signal)).rejects.toMatchObject({
    code: 'runner_unreachable',
    message: expect.stringContaining('did not answer within 0.05 s'),
  })
  await expect(askByFetch()({ ...question, url: 'http://127.0.0.1:1/' }, signal)).rejects.toMatchObject({
    code: 'runner_unreachable',
    message: expect.stringMatching(/^runner "runner-0" at http:\/\/127\.0\.0\.1:1 cannot be reached: \S/),
  })
})

test('an answer beyond 8 MiB is not passed on', async () => {
  const { rest } = await listen((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const chunk = Buffer.alloc(1024 * 1024, 0x20)
    const fill = (): unknown => (response.destroyed ? undefined : response.write(chunk, () => fill()))
    fill()
  })
  const question = { runner: 'runner-0' as RunnerName, url: `http://${rest}/`, headers: {}, body: '{}' }
  await expect(askByFetch()(question, new AbortController().signal)).rejects.toMatchObject({
    code: 'payload_too_large',
  })
})

test('without a deployment or a runner there is nobody to ask', async () => {
  await expect(attempt('nobody')).rejects.toMatchObject({ code: 'deployment_not_found' })
  await expect
    .poll(() => attempt('sums').catch(({ code }: { code: string }) => code), { timeout: 10_000 })
    .toBe('no_runner')
})
