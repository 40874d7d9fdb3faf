import { once } from 'node:events'
import { fakeClock } from '@stead/chassis'
import {
  abortChange,
  deploymentHistory,
  DeploymentName,
  getChange,
  getDeployment,
  listEvents,
  swapDeployment,
} from '@stead/contracts'
import type { Change, Deployment, SteadError, VersionNumber } from '@stead/contracts'
import type { Client } from '@stead/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { createChanges } from './changes.ts'
import { createLanes } from './lanes.ts'
import { type FakeRunner, startFakeRunner } from '../runners/fake-runner.fixture.ts'

let server: ScratchServer
let client: Client
let runner: FakeRunner
beforeAll(async () => {
  server = await startScratchServer()
  client = server.client
  runner = await startFakeRunner(client, 'runner-0')
})
afterAll(async () => {
  await runner.fallSilent()
  await server.close()
})

const one = (name: string) => ({ params: { project: DEFAULT, deployment: DeploymentName.parse(name) } })
const v = (number: number) => number as VersionNumber
const prepared = async (name: string, versions = 2) => {
  for (let number = 1; number <= versions; number++) await pushVersion(client, name, `export const n = ${number}`)
  await deploy(client, name, name, v(1))
}
const swap = (name: string, version: number, key?: string) =>
  client.call(swapDeployment, {
    ...one(name),
    body: { version: v(version), reason: 'because' },
    ...(key === undefined ? {} : { idempotencyKey: key }),
  })
const failed = (outcome: Promise<unknown>) =>
  outcome.then(
    () => undefined,
    (error: SteadError) => error,
  )
const read = (name: string) => client.call(getDeployment, one(name))
const change = (name: string, id: string) => client.call(getChange, { params: { ...one(name).params, change: id } })
const abort = (name: string, id: string, reason = '') =>
  client.call(abortChange, { params: { ...one(name).params, change: id }, body: { reason } })
const eventsOf = async (name: string) =>
  (await client.call(listEvents, { params: { project: DEFAULT }, query: { subject: name } })).events
/** The change under way, once its preparation is with the runner. */
async function underWay(name: string, version: number): Promise<Change> {
  await runner.until((desired) => desired.get(name)?.preparation?.versions[0] === version)
  const { change: found } = await read(name)
  return found!
}

test('everyone sees a change while it happens, and reads it by its id afterwards', async () => {
  await prepared('seen')
  expect((await read('seen')).change).toBeNull()
  const release = runner.holdBack()
  const swapping = swap('seen', 2)
  const seen = await underWay('seen', 2)
  expect(seen).toMatchObject({
    deployment: 'seen',
    kind: 'swap',
    before: { generation: 1, routes: [{ version: 1 }] },
    after: { generation: 2, routes: [{ version: 2 }] },
    reason: 'because',
    actor: 'local',
    committedAt: null,
    endedAt: null,
    stages: [],
    failure: null,
  })
  expect(await change('seen', seen.id)).toEqual(seen)
  release()
  const transcript = await swapping
  expect(transcript.change).toBe(seen.id)
  expect((await read('seen')).change).toBeNull()
  const { stages, startedAt } = await change('seen', seen.id)
  expect(stages).toEqual(transcript.stages)
  expect(startedAt).toBe(seen.startedAt)
  const { generations } = await client.call(deploymentHistory, { ...one('seen'), query: {} })
  expect(generations[0]).toMatchObject({ generation: 2, change: seen.id })
})

test('a change that its caller has left goes on to its end', async () => {
  await prepared('left')
  const release = runner.holdBack()
  const leaving = new AbortController()
  const call = { ...one('left'), body: { version: v(2) }, signal: leaving.signal }
  const followed = failed(client.follow(swapDeployment, call, () => {}))
  const { id } = await underWay('left', 2)
  leaving.abort(new Error('gone'))
  await followed
  release()
  await runner.until((desired) => desired.get('left')?.table?.generation === 2)
  await expect.poll(async () => (await change('left', id)).endedAt).not.toBeNull()
  expect(await change('left', id)).toMatchObject({ failure: null, committedAt: expect.any(String) })
})

test('a change that still prepares is aborted: its caller is told why, and it is an event but no failure', async () => {
  await prepared('given', 3)
  const release = runner.holdBack()
  const swapping = failed(swap('given', 2))
  const { id } = await underWay('given', 2)
  const later = failed(swap('given', 3))
  expect(await swapping).toMatchObject({ code: 'superseded', details: { change: id } })
  const { id: second } = await underWay('given', 3)
  const [first, again] = await Promise.all([abort('given', second, 'the wrong file'), abort('given', second)])
  expect(first).toMatchObject({ id: second, failure: { code: 'aborted' }, committedAt: null })
  expect(first.endedAt).not.toBeNull()
  expect(again).toEqual(first)
  expect(await later).toMatchObject({
    code: 'aborted',
    message: 'local aborted the change: the wrong file; traffic was not touched',
    details: { change: second },
  })
  expect(await read('given')).toMatchObject({ lastFailure: null, change: null, table: { generation: 1 } })
  expect(runner.desired.get('given')).toMatchObject({ preparation: null, versions: [{ version: 1 }] })
  expect((await eventsOf('given')).filter(({ kind }) => kind === 'deployment.aborted')).toMatchObject([
    {
      actor: 'local',
      document: { change: second, kind: 'swap', version: 3, reason: 'the wrong file' },
    },
  ])
  release()
  expect(await swap('given', 2)).toMatchObject({ generation: 2 })
  expect(await change('given', id)).toMatchObject({ failure: { code: 'superseded' } })
  expect(await abort('given', id)).toMatchObject({ failure: { code: 'superseded' } })
})

test('of several who abort a change at once one has aborted it, and all are told its end', async () => {
  const deployment = DeploymentName.parse('sums')
  const changes = createChanges(fakeClock(), () => {})
  const after = { generation: 1, routes: [{ version: 1, weight: 1 }] } as never
  const about = { project: DEFAULT, deployment, kind: 'deploy', before: null, after, reason: '', actor: 'a' } as const
  const aborted = createLanes().run(deployment, (turn) =>
    changes.run(
      about,
      turn,
      () => {},
      async () => {
        await once(turn.signal, 'abort')
        return turn.hold() as never
      },
    ),
  )
  const outcome = failed(aborted)
  await Promise.resolve()
  const { id } = changes.current(deployment)!
  const ref = { project: DEFAULT, deployment }
  const told = await Promise.all(['x', 'y', 'z'].map((because) => changes.abort(ref, id, because)))
  expect(told.map((one) => one?.isAborted)).toEqual([true, false, false])
  for (const one of told) expect(one?.change).toEqual(changes.find(ref, id))
  expect(await outcome).toMatchObject({ code: 'aborted', message: 'x', details: { change: id } })
  expect(await changes.abort(ref, id, 'late')).toBeUndefined()
})

test('the key of an aborted change gives the abort again: a client that only lost its connection changes nothing', async () => {
  await prepared('keyed')
  const release = runner.holdBack()
  const swapping = failed(swap('keyed', 2, 'mine'))
  const { id } = await underWay('keyed', 2)
  await abort('keyed', id)
  const error = await swapping
  release()
  expect(await failed(swap('keyed', 2, 'mine'))).toEqual(error)
  expect((await read('keyed')).table.generation).toBe(1)
})

test('a first deploy that came to nothing is read by its id although there is no deployment', async () => {
  await pushVersion(client, 'first', 'export const n = 1')
  const release = runner.holdBack()
  const replaced = failed(deploy(client, 'first', 'first'))
  await runner.until((desired) => desired.has('first'))
  const second = deploy(client, 'first', 'first')
  const { code, details } = (await replaced)!
  expect(code).toBe('superseded')
  release()
  expect(await change('first', (details as { change: string }).change)).toMatchObject({
    kind: 'deploy',
    before: null,
    after: { generation: 1 },
    failure: { code: 'superseded' },
  })
  expect(await second).toMatchObject({ generation: 1 })
})

test('what is committed is not aborted, be it waiting for runners or over', async () => {
  await prepared('sealed')
  const slow = await startFakeRunner(client, 'runner-slow')
  await expect.poll(async () => (await read('sealed')).urls.length).toBe(2)
  slow.stopFollowing()
  const swapping = swap('sealed', 2)
  await slow.until((desired) => desired.get('sealed')?.table?.generation === 2)
  const { change: current } = await read('sealed')
  expect(current).toMatchObject({ committedAt: expect.any(String), endedAt: null })
  const id = current!.id
  await expect(abort('sealed', id)).rejects.toMatchObject({ code: 'change_committed' })
  await slow.fallSilent()
  expect(await swapping).toMatchObject({ change: id, detached: ['runner-slow'] })
  expect(await change('sealed', id)).toMatchObject({ failure: null, detached: ['runner-slow'] })
  await expect(abort('sealed', id)).rejects.toMatchObject({ code: 'change_committed' })
  for (const call of [() => abort('sealed', 'none'), () => change('sealed', 'none'), () => change('given', id)])
    await expect(call()).rejects.toMatchObject({ code: 'change_not_found' })
  await expect(change('nobody', id)).rejects.toMatchObject({ code: 'deployment_not_found' })
})

test('changes that were committed or refused are read from the database once nobody remembers them', async () => {
  await prepared('kept', 3)
  const { change: swapped } = await swap('kept', 2)
  runner.refuse('kept-answer')
  const refusal = await failed(swap('kept', 3))
  runner.refuse()
  const { change: refused } = refusal!.details as { change: string }
  const lastFailure: Deployment['lastFailure'] = (await read('kept')).lastFailure
  expect(lastFailure).toMatchObject({ change: refused, version: 3 })
  const remembered = await Promise.all([change('kept', swapped!), change('kept', refused)])
  // A hundred others end.
  await deploy(client, 'others', 'kept', v(1))
  for (let count = 0; count < 50; count++) {
    await swap('others', 2)
    await swap('others', 3)
  }
  const [committed, other] = await Promise.all([change('kept', swapped!), change('kept', refused)])
  expect(committed).toEqual({ ...remembered[0], endedAt: expect.any(String) })
  expect(other).toEqual({ ...remembered[1], endedAt: expect.any(String) })
  expect(other).toMatchObject({
    before: { generation: 2 },
    after: { generation: 3, routes: [{ version: 3 }] },
    reason: 'because',
    failure: { code: 'checks_failed', message: lastFailure!.reason },
  })
})
