import {
  deleteDeployment,
  DeploymentName,
  HEARTBEAT_MS,
  installationStatus,
  LEASE_MS,
  reportRunner,
  RunnerName,
  swapDeployment,
} from '@stead/contracts'
import type { VersionNumber } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { type FakeRunner, startFakeRunner } from './fake-runner.fixture.ts'

let server: ScratchServer
let runner: FakeRunner
beforeAll(async () => {
  server = await startScratchServer()
  runner = await startFakeRunner(server.client, 'runner-0')
  for (const number of [1, 2]) await pushVersion(server.client, 'sums', `export const n = ${number}`)
})
afterAll(async () => {
  await runner.fallSilent()
  await server.close()
})

const swap = (version: number) =>
  server.client.call(swapDeployment, {
    params: { project: DEFAULT, deployment: DeploymentName.parse('sums') },
    body: { version: version as VersionNumber },
  })

test('a runner is told the whole first, then each change by the next number, and of the end of a deployment', async () => {
  const first = runner.told[0]!
  expect(first).toMatchObject({ kind: 'snapshot', deployments: [] })
  await deploy(server.client, 'sums', 'sums', 1 as VersionNumber)
  await swap(2)
  await server.client.call(deleteDeployment, { params: { project: DEFAULT, deployment: DeploymentName.parse('sums') } })
  await runner.until((desired) => !desired.has('sums'))
  const changes = runner.told.filter(({ kind }) => kind !== 'heartbeat' && kind !== 'admission').slice(1)
  expect(changes.map(({ revision }) => revision)).toEqual(changes.map((_, at) => first.revision + at + 1))
  expect(changes.at(-1)).toMatchObject({ kind: 'removed', name: 'sums' })
  // Prepared beside what serves, then committed, each time.
  const steps = changes.flatMap((event) =>
    event.kind === 'delta'
      ? [[event.deployment.table?.generation ?? null, event.deployment.preparation?.versions[0] ?? null]]
      : [],
  )
  expect(steps).toEqual([
    [null, 1],
    [1, null],
    [1, 2],
    [2, null],
  ])
})

test('who comes later is told the same whole that the others arrived at', async () => {
  await deploy(server.client, 'sums', 'sums', 1 as VersionNumber)
  const later = await startFakeRunner(server.client, 'later')
  const { revision } = runner.told.at(-1)!
  expect(later.told[0]).toMatchObject({ kind: 'snapshot', revision })
  expect([...later.desired]).toEqual([...runner.desired])
  await swap(2)
  expect(later.desired.get('sums')).toEqual(runner.desired.get('sums'))
  await later.fallSilent()
})

test('a quiet line has heartbeats that name the revision', async () => {
  const { revision } = runner.told.at(-1)!
  const from = runner.told.length
  await new Promise((resolve) => setTimeout(resolve, 2.5 * HEARTBEAT_MS))
  expect(runner.told.slice(from).length).toBeGreaterThanOrEqual(2)
  for (const event of runner.told.slice(from)) expect(event).toEqual({ kind: 'heartbeat', revision })
})

test('a report of a runner that this server does not know is refused, so that it connects; one that is known renews its lease', async () => {
  const report = (name: string) =>
    server.client.call(reportRunner, { params: { runner: RunnerName.parse(name) }, body: {} })
  await expect(report('stranger')).rejects.toMatchObject({ code: 'runner_not_found' })
  expect(await report('runner-0')).toEqual({ leaseMs: LEASE_MS, revision: runner.told.at(-1)!.revision })
})

test('the status tells how the engines of a runner are', async () => {
  const engine = {
    deployment: DeploymentName.parse('sums'),
    model: 'sums' as never,
    version: 2 as VersionNumber,
    state: 'serving' as const,
    reason: null,
    since: '2026-01-01T00:00:00.000Z',
    hostPid: 7,
    memory: 1024,
    restarts: 0,
  }
  await runner.tell([engine])
  const { runners, deployments } = await server.client.call(installationStatus, {})
  expect(runners).toContainEqual(expect.objectContaining({ name: 'runner-0', connected: true, engines: [engine] }))
  expect(deployments).toMatchObject([{ name: 'sums', engines: [{ runner: 'runner-0', state: 'serving', version: 2 }] }])
})
