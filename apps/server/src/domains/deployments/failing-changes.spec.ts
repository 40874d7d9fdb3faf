import {
  backupInstallation,
  createDeployment,
  deleteVersion,
  deploymentHistory,
  DeploymentName,
  getDeployment,
  LEASE_MS,
  ModelName,
  restoreInstallation,
  setTraffic,
  swapDeployment,
} from '@stead/contracts'
import type { Generation, Stage, VersionNumber } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { type FakeRunner, startFakeRunner } from '../runners/fake-runner.fixture.ts'

let server: ScratchServer
let runner: FakeRunner
beforeAll(async () => {
  server = await startScratchServer()
})
afterAll(async () => {
  await runner?.fallSilent()
  await server.close()
})

const one = (name: string) => ({ params: { project: DEFAULT, deployment: DeploymentName.parse(name) } })
const v = (number: number) => number as VersionNumber
const pushMany = async (name: string, count: number) => {
  for (let number = 1; number <= count; number++) await pushVersion(server.client, name, `export const n = ${number}`)
}
const swap = (
  name: string,
  version: number,
  more: { expectedGeneration?: Generation; reason?: string } = {},
  key?: string,
) =>
  server.client.call(swapDeployment, {
    ...one(name),
    body: { version: v(version), ...more },
    ...(key ? { idempotencyKey: key } : {}),
  })
const generationsOf = async (name: string) => {
  const { generations } = await server.client.call(deploymentHistory, { ...one(name), query: {} })
  return generations.map(({ generation }) => generation)
}

test('without a runner nothing is deployed, and the name stays free', async () => {
  await pushMany('early', 1)
  await expect(deploy(server.client, 'early', 'early')).rejects.toMatchObject({ code: 'no_runner' })
  runner = await startFakeRunner(server.client, 'runner-0')
  expect(await deploy(server.client, 'early', 'early')).toMatchObject({ generation: 1 })
})

test('a refused check leaves the generation, says why in the status, and is forgotten at the next success', async () => {
  await pushMany('checked', 3)
  await deploy(server.client, 'checked', 'checked', v(1))
  runner.refuse('kept-answer')
  await expect(swap('checked', 2)).rejects.toMatchObject({
    code: 'checks_failed',
    where: 'kept-answer',
    message: expect.stringContaining('on runner "runner-0": the answer was not the one that was kept'),
    details: {
      stages: [
        { name: 'kept-answer', ok: false },
        { name: 'prepare', ok: false },
      ],
    },
  })
  const { table, lastFailure } = await server.client.call(getDeployment, one('checked'))
  expect(table).toMatchObject({ generation: 1, routes: [{ version: 1 }] })
  expect(lastFailure).toMatchObject({ kind: 'swap', version: 2, reason: expect.stringContaining('kept-answer') })
  await runner.until((desired) => desired.get('checked')?.preparation === null)
  expect(runner.desired.get('checked')?.versions.map(({ version }) => version)).toEqual([1])
  runner.refuse()
  await swap('checked', 2)
  expect((await server.client.call(getDeployment, one('checked'))).lastFailure).toBeNull()
})

test('a newer change replaces one that still prepares; the older is told so and nothing of it stays', async () => {
  await pushMany('raced', 3)
  await deploy(server.client, 'raced', 'raced', v(1))
  const release = runner.holdBack()
  const older = swap('raced', 2).catch((error: unknown) => error)
  await runner.until((desired) => desired.get('raced')?.preparation?.versions[0] === 2)
  const newer = swap('raced', 3)
  expect(await older).toMatchObject({ code: 'superseded' })
  await runner.until((desired) => desired.get('raced')?.preparation?.versions[0] === 3)
  release()
  expect(await newer).toMatchObject({ from: 1, to: 3, generation: 2 })
  expect(await generationsOf('raced')).toEqual([2, 1])
})

test('a version that is deleted while it is prepared is not committed, and nothing of it stays with the runners', async () => {
  await pushMany('vanishing', 2)
  await deploy(server.client, 'vanishing', 'vanishing', v(1))
  const release = runner.holdBack()
  const swapping = swap('vanishing', 2).catch((error: unknown) => error)
  await runner.until((desired) => desired.get('vanishing')?.preparation?.versions[0] === 2)
  const params = { project: DEFAULT, model: ModelName.parse('vanishing'), version: v(2) }
  await server.client.call(deleteVersion, { params })
  release()
  expect(await swapping).toMatchObject({ code: 'version_not_found' })
  await runner.until((desired) => desired.get('vanishing')?.preparation === null)
  expect(runner.desired.get('vanishing')).toMatchObject({ table: { generation: 1 }, versions: [{ version: 1 }] })
})

test('a restore ends a change that still prepares, and the change brings nothing of the past back', async () => {
  await pushMany('overtaken', 2)
  await deploy(server.client, 'overtaken', 'overtaken', v(1))
  const archive = await server.client.open(backupInstallation, {})
  const body = new Uint8Array(await archive.arrayBuffer())
  await swap('overtaken', 2)
  const release = runner.holdBack()
  const parting = server.client.call(setTraffic, {
    ...one('overtaken'),
    body: { routes: [{ version: v(1), weight: 1 }] },
  })
  const outcome = parting.catch((error: unknown) => error)
  await runner.until((desired) => desired.get('overtaken')?.preparation?.versions[0] === 1)
  await server.client.send(restoreInstallation, { query: { replace: 'true' } }, { body, size: body.length })
  expect(await outcome).toMatchObject({ code: 'superseded' })
  release()
  expect(await generationsOf('overtaken')).toEqual([1])
  await runner.until((desired) => desired.get('overtaken')?.table?.generation === 1)
  expect(runner.desired.get('overtaken')).toMatchObject({ preparation: null, table: { routes: [{ version: 1 }] } })
  expect(await swap('overtaken', 2)).toMatchObject({ generation: 2 })
})

test('a change that cannot be pushes no older one aside', async () => {
  await pushMany('calm', 2)
  await deploy(server.client, 'calm', 'calm', v(1))
  const release = runner.holdBack()
  const older = swap('calm', 2)
  await runner.until((desired) => desired.get('calm')?.preparation?.versions[0] === 2)
  await expect(swap('calm', 99)).rejects.toMatchObject({ code: 'version_not_found' })
  release()
  expect(await older).toMatchObject({ to: 2, generation: 2 })
})

test('a change made on an old reading is refused with the generation there is', async () => {
  await pushMany('moved', 2)
  await deploy(server.client, 'moved', 'moved', v(1))
  await swap('moved', 2, { expectedGeneration: 1 as Generation })
  await expect(swap('moved', 1, { expectedGeneration: 1 as Generation })).rejects.toMatchObject({
    code: 'generation_conflict',
    details: { generation: 2 },
  })
  expect(await generationsOf('moved')).toEqual([2, 1])
})

test('the same key changes once, however often and at once it is sent, and is refused for another request', async () => {
  await pushMany('keyed', 2)
  const create = () =>
    server.client.call(createDeployment, {
      params: { project: DEFAULT },
      body: { name: DeploymentName.parse('keyed'), model: ModelName.parse('keyed'), version: v(1) },
      idempotencyKey: 'first',
    })
  const made = await create()
  expect(await create()).toEqual(made)
  const all = await Promise.all(Array.from({ length: 8 }, () => swap('keyed', 2, {}, 'second')))
  expect(new Set(all.map((transcript) => JSON.stringify(transcript))).size).toBe(1)
  expect(all[0]).toMatchObject({ generation: 2 })
  expect(await swap('keyed', 2, {}, 'second')).toEqual(all[0])
  await expect(swap('keyed', 1, {}, 'second')).rejects.toMatchObject({ code: 'idempotency_key_reused' })
  expect(await generationsOf('keyed')).toEqual([2, 1])
})

test('a refusal is an answer as well: the key gets it again although it would succeed by now', async () => {
  await pushMany('stubborn', 2)
  await deploy(server.client, 'stubborn', 'stubborn', v(1))
  runner.refuse('kept-answer')
  const first = await swap('stubborn', 2, {}, 'again').catch((error: unknown) => error)
  runner.refuse()
  expect(await swap('stubborn', 2, {}, 'again').catch((error: unknown) => error)).toEqual(first)
  expect(await swap('stubborn', 2, {}, 'anew')).toMatchObject({ generation: 2 })
})

test('a change is told as it happens: stages, then its end, be it good or bad', async () => {
  await pushMany('told', 2)
  await deploy(server.client, 'told', 'told', v(1))
  const stages: Stage[] = []
  const follow = (version: number) =>
    server.client.follow(
      swapDeployment,
      { ...one('told'), body: { version: v(version) } },
      (stage) => void stages.push(stage),
    )
  const transcript = await follow(2)
  expect(stages.map(({ name }) => name)).toEqual(['load', 'prepare', 'commit', 'acknowledge'])
  expect(transcript.stages).toEqual(stages)

  runner.refuse('kept-answer')
  stages.length = 0
  await expect(follow(1)).rejects.toMatchObject({ code: 'checks_failed', where: 'kept-answer' })
  expect(stages.map(({ name, ok }) => [name, ok])).toEqual([
    ['kept-answer', false],
    ['prepare', false],
  ])
  runner.refuse()
})

test('a runner that falls silent holds a change back no longer than its lease, and is named as detached', async () => {
  await pushMany('detached', 2)
  const second = await startFakeRunner(server.client, 'runner-1')
  await deploy(server.client, 'detached', 'detached', v(1))
  second.stopFollowing()
  const release = second.holdBack()
  const swapping = swap('detached', 2)
  await second.until((desired) => desired.get('detached')?.preparation !== null)
  expect((await server.client.call(getDeployment, one('detached'))).table.generation).toBe(1)
  const heardFrom = performance.now()
  await second.tell([])
  await second.fallSilent()
  release()
  expect(await swapping).toMatchObject({ generation: 2, detached: ['runner-1'] })
  // Not a bound on speed: ending before the lease would mean that it was not waited for.
  expect(performance.now() - heardFrom).toBeGreaterThanOrEqual(LEASE_MS)
  const { urls } = await server.client.call(getDeployment, one('detached'))
  expect(urls.map(({ runner: name }) => name)).toEqual(['runner-0'])
})
