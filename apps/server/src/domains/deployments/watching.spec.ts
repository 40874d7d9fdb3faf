import { setTimeout as pause } from 'node:timers/promises'
import { fakeClock } from '@stead/chassis'
import {
  deleteDeployment,
  DeploymentName,
  getDeployment,
  ProjectName,
  streamEvents,
  swapDeployment,
} from '@stead/contracts'
import type { Deployment, VersionNumber } from '@stead/contracts'
import { readServerSentEvents, type ServerSentEvent } from '@stead/sdk'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT, deploy, pushVersion, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'
import { type FakeRunner, startFakeRunner } from '../runners/fake-runner.fixture.ts'
import { createWatching } from './watching.ts'

const named = (name: string) => DeploymentName.parse(name)
const v = (number: number) => number as VersionNumber

test('however often a deployment changes, it is told at most every 200 ms, and how it is in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 450 }), { minLength: 1, maxLength: 30 }), async (pauses) => {
      const clock = fakeClock()
      let state = 0
      const name = named('sums')
      const seen = () => [{ name, project: 'default', createdAt: String(state) } as unknown as Deployment]
      const watching = createWatching({
        clock,
        deployments: { seen },
        presence: { changed: async () => {} },
      })
      const gone = new AbortController()
      const told: { at: number; state: string }[] = []
      watching.watch(
        { names: [name] },
        ({ createdAt }) => told.push({ at: clock.monotonic(), state: createdAt }),
        gone.signal,
      )
      expect(told).toEqual([{ at: 0, state: '0' }])
      for (const ms of pauses) {
        state += 1
        watching.touch(name)
        await clock.advance(ms)
      }
      await clock.advance(200)
      expect(told.at(-1)?.state).toBe(String(state))
      // The first is told at once, whatever happens after it.
      const later = told.slice(1)
      for (const [index, { at }] of later.entries())
        if (index > 0) expect(at - later[index - 1]!.at).toBeGreaterThanOrEqual(200)
      gone.abort()
      state += 1
      watching.touch(name)
      await clock.advance(400)
      expect(told.at(-1)?.state).toBe(String(state - 1))
    }),
    { numRuns: 60 },
  )
})

describe('the stream of events', () => {
  let server: ScratchServer
  let runner: FakeRunner
  beforeAll(async () => {
    server = await startScratchServer()
    runner = await startFakeRunner(server.client, 'runner-0')
    for (const number of [1, 2]) await pushVersion(server.client, 'sums', `export const n = ${number}`)
    await deploy(server.client, 'sums', 'sums', v(1))
  })
  afterAll(async () => {
    await runner.fallSilent()
    await server.close()
  })

  const one = (name: string) => ({ params: { project: DEFAULT, deployment: named(name) } })
  const swap = (name: string, version: number) =>
    server.client.call(swapDeployment, { ...one(name), body: { version: v(version) } })

  /** Reads the stream until `close`. */
  async function follow(query: { watch?: string; project?: ProjectName; after?: number }) {
    const gone = new AbortController()
    const told: ServerSentEvent[] = []
    const response = await server.client.open(streamEvents, { query, signal: gone.signal })
    const reading = readServerSentEvents(response, server.url, (event) => told.push(event)).catch(() => {})
    const deployments = () =>
      told.filter(({ event }) => event === 'deployment').map(({ data }) => JSON.parse(data) as Deployment)
    return {
      told,
      deployments,
      async until(holds: () => boolean) {
        while (!holds()) await pause(5)
      },
      async close() {
        gone.abort()
        await reading
      },
    }
  }

  test('tells a watched deployment at once and again as it changes, with its change stage by stage', async () => {
    const stream = await follow({ watch: 'sums' })
    await stream.until(() => stream.deployments().length > 0)
    expect(stream.deployments()[0]).toEqual(await server.client.call(getDeployment, one('sums')))
    const release = runner.holdBack()
    const swapping = swap('sums', 2)
    await stream.until(() => stream.deployments().some(({ change }) => change !== null))
    expect(stream.deployments().at(-1)).toMatchObject({
      table: { generation: 1 },
      change: { kind: 'swap', after: { generation: 2 }, endedAt: null },
    })
    release()
    const { change } = await swapping
    await stream.until(() => stream.deployments().some(({ table }) => table.generation === 2))
    await stream.until(() => stream.deployments().at(-1)?.change === null)
    expect(stream.deployments().flatMap((told) => told.change?.id ?? [])).toContain(change)
    expect(stream.deployments().at(-1)).toEqual(await server.client.call(getDeployment, one('sums')))

    runner.refuse('kept-answer')
    await swap('sums', 1).catch(() => {})
    runner.refuse()
    await stream.until(() => stream.deployments().at(-1)?.lastFailure !== null)
    const engine = { deployment: named('sums'), model: 'sums', version: v(2), state: 'serving', reason: null }
    const status = { ...engine, since: '2026-01-01T00:00:00.000Z', hostPid: 1, memory: 2, restarts: 3 }
    await runner.tell([status as never])
    await stream.until(() => stream.deployments().at(-1)?.engines[0]?.restarts === 3)
    await stream.close()
  })

  test('gives numbers to events alone, and without a watch there is nothing but events', async () => {
    const [watching, plain] = await Promise.all([follow({ watch: 'other,sums', after: 0 }), follow({ after: 0 })])
    await deploy(server.client, 'other', 'sums', v(1))
    await watching.until(() => watching.deployments().some(({ name }) => name === 'other'))
    await plain.until(() => plain.told.some(({ data }) => data.includes('"deployment.deployed","subject":"other"')))
    expect(new Set(plain.told.map(({ event }) => event))).toEqual(new Set(['event']))
    for (const { event, data, id } of watching.told.filter((told) => told.event === 'event'))
      expect([event, id]).toEqual(['event', String((JSON.parse(data) as { sequence: number }).sequence)])
    await Promise.all([watching.close(), plain.close()])
  })

  test('says nothing of a deployment that is not there, or that another project has', async () => {
    const [nobody, foreign] = await Promise.all([
      follow({ watch: 'later,no such,' }),
      follow({ watch: 'later', project: ProjectName.parse('elsewhere') }),
    ])
    await deploy(server.client, 'later', 'sums', v(1))
    await nobody.until(() => nobody.deployments().length > 0)
    const { length } = nobody.deployments()
    await server.client.call(deleteDeployment, one('later'))
    await nobody.until(() => nobody.told.some(({ data }) => data.includes('deployment.deleted')))
    expect(
      nobody
        .deployments()
        .slice(length)
        .every(({ name }) => name === 'later'),
    ).toBe(true)
    expect(foreign.deployments()).toEqual([])
    await Promise.all([nobody.close(), foreign.close()])
  })
})
