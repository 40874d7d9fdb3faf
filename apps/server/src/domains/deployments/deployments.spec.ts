import {
  addGolden,
  createDeployment,
  createProject,
  createVersion,
  deleteDeployment,
  deleteModel,
  deleteVersion,
  deploymentHistory,
  DeploymentName,
  getDeployment,
  listDeployments,
  ModelName,
  parkDeployment,
  ProjectName,
  rollbackDeployment,
  setTraffic,
  swapDeployment,
  wakeDeployment,
} from '@stead/contracts'
import type { Generation, Transcript, VersionNumber } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { type FakeRunner, startFakeRunner } from '../runners/fake-runner.fixture.ts'

let server: ScratchServer
let runner: FakeRunner
beforeAll(async () => {
  server = await startScratchServer()
  runner = await startFakeRunner(server.client, 'runner-0')
})
afterAll(async () => {
  await runner.fallSilent()
  await server.close()
})

const one = (name: string) => ({ params: { project: DEFAULT, deployment: DeploymentName.parse(name) } })
const model = (name: string) => ModelName.parse(name)
const v = (number: number) => number as VersionNumber
const stagesOf = (transcript: Transcript) => transcript.stages.map(({ name }) => name)
const pushMany = async (name: string, count: number) => {
  for (let number = 1; number <= count; number++) await pushVersion(server.client, name, `export const n = ${number}`)
}
const rollback = (name: string, body: { generation?: Generation } = {}) =>
  server.client.call(rollbackDeployment, { ...one(name), body })
const swap = (name: string, version: number) =>
  server.client.call(swapDeployment, { ...one(name), body: { version: v(version) } })

test('a deployment is deployed, swapped, rolled back and further back, each told stage by stage', async () => {
  await pushMany('sums', 3)
  const deployed = await deploy(server.client, 'sums', 'sums', v(1))
  expect(deployed).toMatchObject({ kind: 'deploy', from: null, to: 1, generation: 1, detached: [] })
  expect(stagesOf(deployed)).toEqual(['load', 'prepare', 'commit', 'acknowledge'])
  expect(deployed.stages[0]).toMatchObject({ ok: true, runner: 'runner-0', version: 1 })

  expect(await swap('sums', 2)).toMatchObject({ kind: 'swap', from: 1, to: 2, generation: 2 })
  expect(await swap('sums', 3)).toMatchObject({ from: 2, to: 3, generation: 3 })
  expect(await rollback('sums')).toMatchObject({ kind: 'rollback', from: 3, to: 2, generation: 4 })
  expect(await rollback('sums')).toMatchObject({ from: 2, to: 1, generation: 5 })
  await expect(rollback('sums')).rejects.toMatchObject({ code: 'nothing_to_roll_back' })
  expect(await rollback('sums', { generation: 3 as Generation })).toMatchObject({ from: 1, to: 3, generation: 6 })
  await expect(rollback('sums', { generation: 99 as Generation })).rejects.toMatchObject({
    code: 'generation_not_found',
  })

  const { generations, next } = await server.client.call(deploymentHistory, { ...one('sums'), query: { limit: 4 } })
  expect(generations.map(({ generation, restores }) => [generation, restores])).toEqual([
    [6, 3],
    [5, 1],
    [4, 2],
    [3, null],
  ])
  const rest = await server.client.call(deploymentHistory, { ...one('sums'), query: { before: next!, limit: 4 } })
  expect(rest.generations.map(({ generation }) => generation)).toEqual([2, 1])
  expect(rest.next).toBeNull()
  expect(rest.generations[0]!.stages.map(({ name }) => name)).toContain('acknowledge')
  expect(runner.desired.get('sums')).toMatchObject({ table: { generation: 6 }, preparation: null })
})

test('traffic is split by weight, with shadows beside, and back as one table', async () => {
  await pushMany('split', 3)
  await deploy(server.client, 'split', 'split', v(1))
  const routes = [
    { version: v(1), weight: 30 },
    { version: v(2), weight: 70 },
  ]
  const body = { routes, shadows: [{ version: v(3), fraction: 0.5 }] }
  const split = await server.client.call(setTraffic, { ...one('split'), body })
  expect(split).toMatchObject({ kind: 'traffic', from: 1, to: 2, generation: 2 })
  expect(runner.desired.get('split')?.table).toMatchObject(body)
  expect(
    runner.desired
      .get('split')
      ?.versions.map(({ version }) => version)
      .toSorted(),
  ).toEqual([1, 2, 3])
  expect(await rollback('split')).toMatchObject({ to: 1 })
  expect(runner.desired.get('split')?.table).toMatchObject({ routes: [{ version: 1, weight: 100 }], shadows: [] })
})

test.for([
  [[{ version: 1, weight: 0 }], 'add up to nothing'],
  [
    [
      { version: 1, weight: 1 },
      { version: 1, weight: 2 },
    ],
    'named twice',
  ],
] as const)('a split that is none is refused: %j', async ([routes, because]) => {
  await pushMany('odd', 1)
  await deploy(server.client, 'odd', 'odd').catch(() => {})
  const body = { routes: routes.map(({ version, weight }) => ({ version: v(version), weight })) }
  await expect(server.client.call(setTraffic, { ...one('odd'), body })).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining(because),
  })
})

test('a parked deployment keeps its table, is woken again, and neither stands in the way of a rollback', async () => {
  await pushMany('naps', 2)
  await deploy(server.client, 'naps', 'naps', v(1))
  await swap('naps', 2)
  const parked = await server.client.call(parkDeployment, { ...one('naps'), body: { until: 'load' } })
  expect(parked).toMatchObject({ kind: 'park', from: 2, to: 2, generation: 3 })
  expect(stagesOf(parked)).toEqual(['commit', 'acknowledge'])
  expect(runner.desired.get('naps')?.table).toMatchObject({ parked: 'load', routes: [{ version: 2 }] })
  const woken = await server.client.call(wakeDeployment, { ...one('naps'), body: {} })
  expect(woken).toMatchObject({ kind: 'wake', generation: 4 })
  expect(stagesOf(woken)).toContain('prepare')
  expect(runner.desired.get('naps')?.table?.parked).toBeNull()
  expect(await rollback('naps')).toMatchObject({ to: 1, generation: 5 })
})

test('what serves and what a rollback would return to cannot be deleted; afterwards it can, and no number comes back', async () => {
  await pushMany('held', 3)
  const version = (number: number) => ({ params: { project: DEFAULT, model: model('held'), version: v(number) } })
  await deploy(server.client, 'held', 'held', v(1))
  await swap('held', 2)
  for (const number of [1, 2])
    await expect(server.client.call(deleteVersion, version(number))).rejects.toMatchObject({ code: 'version_held' })
  await expect(
    server.client.call(deleteModel, { params: { project: DEFAULT, model: model('held') } }),
  ).rejects.toMatchObject({ code: 'version_held' })
  await swap('held', 3)
  await server.client.call(deleteVersion, version(1))
  await server.client.call(deleteDeployment, one('held'))
  await runner.until((desired) => !desired.has('held'))
  expect(runner.told.at(-1)).toMatchObject({ kind: 'removed', name: 'held' })
  await expect(server.client.call(getDeployment, one('held'))).rejects.toMatchObject({ code: 'deployment_not_found' })
  await server.client.call(deleteVersion, version(3))
  expect(await pushVersion(server.client, 'held', 'export const n = 4')).toMatchObject({ version: 4 })
})

test('a deployment is repurposed to another model with another contract, and rolled back to both', async () => {
  await pushMany('before', 1)
  const labels = {
    inputs: [{ name: 'text', datatype: 'BYTES' as const, shape: [-1] }],
    outputs: [{ name: 'label', datatype: 'BYTES' as const, shape: [-1] }],
  }
  await pushVersion(server.client, 'after', 'export const label = 1', labels)
  await deploy(server.client, 'turned', 'before')
  const asked = { version: v(1), model: model('after') }
  await expect(server.client.call(swapDeployment, { ...one('turned'), body: asked })).rejects.toMatchObject({
    code: 'contract_broken',
    details: {
      differences: [
        'input "x": the contract takes it, the version does not',
        'input "text": the version asks for it, the contract does not have it',
        'output "y": the contract promises it, the version does not give it',
      ],
    },
  })
  const { lastFailure, table } = await server.client.call(getDeployment, one('turned'))
  expect(lastFailure).toMatchObject({ reason: expect.stringContaining('does not keep the contract') })
  expect(table.generation).toBe(1)

  const request = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] }
  await server.client.call(addGolden, { ...one('turned'), body: { name: 'old', request } })
  const done = await server.client.call(swapDeployment, { ...one('turned'), body: { ...asked, repurpose: true } })
  expect(done).toMatchObject({ kind: 'repurpose', generation: 2 })
  // Kept, but it says nothing about versions of another contract.
  expect(done.stages).toContainEqual(
    expect.objectContaining({ name: 'golden old', ok: true, reason: expect.stringContaining('another contract') }),
  )
  const turned = await server.client.call(getDeployment, one('turned'))
  expect(turned).toMatchObject({ lastFailure: null, table: { model: 'after', contract: labels } })
  await rollback('turned')
  expect((await server.client.call(getDeployment, one('turned'))).table).toMatchObject({ model: 'before' })
})

test('the name of a deployment is taken in every project', async () => {
  const other = await server.client.call(createProject, { body: { name: ProjectName.parse('elsewhere') } })
  await pushMany('mine', 1)
  await deploy(server.client, 'mine', 'mine')
  const { files } = await pushVersion(server.client, 'mine', 'export const n = 1')
  const inOther = { project: other.name, model: model('theirs') }
  // Bytes of one project are not there for another, even by their digest.
  const declared = { files: files.map(({ path, digest }) => ({ path, digest })), runtime: 'javascript' as const }
  await expect(server.client.call(createVersion, { params: inOther, body: declared })).rejects.toMatchObject({
    code: 'artifact_not_found',
  })
  const body = { name: DeploymentName.parse('mine'), model: model('theirs') }
  await expect(server.client.call(createDeployment, { params: { project: other.name }, body })).rejects.toMatchObject({
    code: 'name_taken',
  })
  const listed = async (project: ProjectName) =>
    (await server.client.call(listDeployments, { params: { project } })).deployments.map(({ name }) => name)
  expect(await listed(other.name)).toEqual([])
  expect(await listed(DEFAULT)).toContain('mine')
  await expect(
    server.client.call(getDeployment, { params: { project: other.name, deployment: body.name } }),
  ).rejects.toMatchObject({ code: 'deployment_not_found' })
})

test('a version that no runner has the runtime for is refused before anything is asked of one', async () => {
  const { files } = await pushVersion(server.client, 'snakes', 'print(1)')
  const body = {
    files: files.map(({ path, digest }) => ({ path, digest })),
    runtime: 'python' as const,
    signature: {
      inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [1] }],
      outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [1] }],
    },
  }
  const params = { project: DEFAULT, model: model('snakes') }
  const { version } = await server.client.call(createVersion, { params, body })
  await expect(deploy(server.client, 'snakes', 'snakes', version)).rejects.toMatchObject({
    code: 'runtime_missing',
    message: expect.stringContaining('python'),
  })
  expect(runner.told).not.toContainEqual(
    expect.objectContaining({ deployment: expect.objectContaining({ name: 'snakes' }) }),
  )
})
