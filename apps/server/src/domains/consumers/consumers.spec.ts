import { createHash } from 'node:crypto'
import {
  changeConsumer,
  ConsumerName,
  createConsumer,
  createConsumerKey,
  createProject,
  deleteConsumer,
  DeploymentName,
  listConsumers,
  listEvents,
  ProjectName,
  readUsage,
  reportRunner,
  revokeConsumerKey,
} from '@stead/contracts'
import type { Admission, KeyUse, VersionNumber } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { type FakeRunner, startFakeRunner } from '../runners/fake-runner.fixture.ts'

let server: ScratchServer
let runner: FakeRunner
beforeAll(async () => {
  server = await startScratchServer()
  runner = await startFakeRunner(server.client, 'runner-0')
  await pushVersion(server.client, 'sums', 'export const n = 1')
  await deploy(server.client, 'sums', 'sums', 1 as VersionNumber)
})
afterAll(async () => {
  await runner?.fallSilent()
  await server?.close()
})

const named = (name: string, project = DEFAULT) => ({ project, consumer: ConsumerName.parse(name) })
const make = (name: string, limits: object = {}, project = DEFAULT) =>
  server.client.call(createConsumer, { params: { project }, body: { name: ConsumerName.parse(name), limits } })
const addKey = (name: string, more: object = {}, project = DEFAULT) =>
  server.client.call(createConsumerKey, { params: named(name, project), body: { name: 'live', ...more } })
const admission = (): Admission => {
  const last = runner.told.findLast((event) => event.kind === 'admission')
  if (last?.kind !== 'admission') throw new Error('no admission was told')
  return last.admission
}
const hash = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('hex')}`

test('a key is shown once, and runners know its hash by the time they are told next', async () => {
  await make('shop', { rate: 5 })
  const { secret, ...key } = await addKey('shop', { deployments: [DeploymentName.parse('sums')], days: 30 })
  expect(secret).toMatch(/^stead_key_[\w-]{43}$/)
  expect(key.hint).toBe(secret.slice(0, 16))
  await expect.poll(() => admission().keys.map((one) => one.hash)).toContain(hash(secret))
  const told = admission().keys.find((one) => one.hash === hash(secret))
  expect(told).toMatchObject({
    project: 'default',
    deployments: ['sums'],
    limits: { rate: 5, burst: null },
    exhaustedUntil: null,
    expiresAt: key.expiresAt,
  })
  const listed = JSON.stringify(await server.client.call(listConsumers, { params: { project: DEFAULT } }))
  expect(listed).toContain(key.hint)
  expect(listed).not.toContain(secret)
  expect(JSON.stringify(runner.told)).not.toContain(secret)

  await server.client.call(revokeConsumerKey, { params: { ...named('shop'), key: key.id } })
  await expect.poll(() => admission().keys.map((one) => one.hash)).not.toContain(hash(secret))
  const { events } = await server.client.call(listEvents, { params: { project: DEFAULT }, query: {} })
  expect(events.slice(0, 2).map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
    'consumer.key-revoked consumer shop/live',
    'consumer.key-created consumer shop/live',
  ])
})

test('every runner is told who may call right after the whole, with a secret of the server of its own', async () => {
  const later = await startFakeRunner(server.client, 'later')
  await expect.poll(() => later.told.map(({ kind }) => kind).slice(0, 2)).toEqual(['snapshot', 'admission'])
  const own = later.told[1]
  expect(own).toMatchObject({ admission: { open: true, server: expect.stringMatching(/^sha256:/) as string } })
  expect(own?.kind === 'admission' && own.admission.server).not.toBe(admission().server)
  await later.fallSilent()
})

test('limits change one by one, and those that contradict each other are refused', async () => {
  await make('limited', { rate: 5, perDay: 100 })
  const change = (limits: object) => server.client.call(changeConsumer, { params: named('limited'), body: { limits } })
  expect(await change({ burst: 9 })).toMatchObject({ limits: { rate: 5, burst: 9, perDay: 100, perMonth: null } })
  await expect(change({ rate: null })).rejects.toMatchObject({ code: 'invalid_request', where: 'body.limits.burst' })
  await expect(change({ rate: 0 })).rejects.toMatchObject({ code: 'invalid_request' })
  expect(await change({ rate: null, burst: null })).toMatchObject({ limits: { rate: null, burst: null, perDay: 100 } })
})

test('what runners tell is counted once, by key and version, and a quota that runs out is told', async () => {
  await make('hungry', { perDay: 10 })
  const { id } = await addKey('hungry')
  const uses: KeyUse[] = [
    { key: id, deployment: DeploymentName.parse('sums'), version: 1 as VersionNumber, requests: 10, failed: 2 },
  ]
  const report = (usesBatch: string) =>
    server.client.call(reportRunner, { params: { runner: runner.name }, body: { uses, usesBatch } })
  await report('one')
  await report('one')
  const { consumers } = await server.client.call(listConsumers, { params: { project: DEFAULT } })
  expect(consumers.find(({ name }) => name === 'hungry')?.used).toEqual({ today: 10, thisMonth: 10 })
  const { points } = await server.client.call(readUsage, { params: named('hungry'), query: { step: 'hour' } })
  expect(points).toMatchObject([{ key: id, deployment: 'sums', version: 1, requests: 10, failed: 2 }])
  const tomorrow = new Date(Math.floor(Date.now() / 86_400_000 + 1) * 86_400_000).toISOString()
  await expect.poll(() => admission().keys.find((one) => one.id === id)?.exhaustedUntil).toBe(tomorrow)
  await server.client.call(changeConsumer, { params: named('hungry'), body: { limits: { perDay: 11 } } })
  await expect.poll(() => admission().keys.find((one) => one.id === id)?.exhaustedUntil).toBeNull()
})

test('what is not there is told by what it is: the project, the consumer, the key or the deployment', async () => {
  const elsewhere = ProjectName.parse('elsewhere')
  await server.client.call(createProject, { body: { name: elsewhere } })
  await make('theirs', {}, elsewhere)
  await expect(make('theirs', {}, elsewhere)).rejects.toMatchObject({ code: 'name_taken' })
  await expect(make('any', {}, ProjectName.parse('nowhere'))).rejects.toMatchObject({ code: 'project_not_found' })
  await expect(addKey('theirs')).rejects.toMatchObject({ code: 'consumer_not_found' })
  await expect(addKey('theirs', { deployments: ['sums'] }, elsewhere)).rejects.toMatchObject({
    code: 'deployment_not_found',
  })
  await addKey('theirs', {}, elsewhere)
  await expect(addKey('theirs', {}, elsewhere)).rejects.toMatchObject({ code: 'name_taken' })
  const revoking = server.client.call(revokeConsumerKey, { params: { ...named('theirs', elsewhere), key: 'x' } })
  await expect(revoking).rejects.toMatchObject({ code: 'key_not_found' })
  await server.client.call(deleteConsumer, { params: named('theirs', elsewhere) })
  await expect(addKey('theirs', {}, elsewhere)).rejects.toMatchObject({ code: 'consumer_not_found' })
})
