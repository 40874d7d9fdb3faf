import { setTimeout as pause } from 'node:timers/promises'
import {
  createModel,
  createWebhook,
  listDeliveries,
  listModels,
  ModelName,
  ProjectName,
  WebhookName,
} from '@stead/contracts'
import type { Delivery } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPlainReceiver } from '../services/plain-receiver.ts'
import type { PlainReceiver } from '../services/plain-receiver.ts'
import { counted } from './counts.ts'
import { startPlatform, until } from './platform.ts'
import type { Platform } from './platform.ts'

const params = { project: ProjectName.parse('default') }
let platform: Platform
let receiver: PlainReceiver
let webhook: string
beforeAll(async () => {
  receiver = await startPlainReceiver()
  platform = await startPlatform({ runners: 0 })
  const body = { name: WebhookName.parse('law'), url: receiver.url, events: ['registered_model.created' as const] }
  webhook = (await platform.client.call(createWebhook, { params, body: { ...body, secret: 'of the law' } })).id
})
afterAll(async () => {
  await platform?.stop()
  await receiver?.close()
})

const make = (name: string) => platform.client.call(createModel, { params, body: { name: ModelName.parse(name) } })

async function deliveryOf(name: string): Promise<Delivery> {
  const { deliveries } = await platform.client.call(listDeliveries, { params: { ...params, webhook }, query: {} })
  const found = deliveries.find(({ body }) => nameIn(body) === name)
  if (!found) throw new Error(`${name} was not told of`)
  return found
}
const nameIn = (body: string) => (JSON.parse(body) as { data: { name: string } }).data.name

const untilDelivered = (name: string) =>
  until(`${name} is delivered`, async () => {
    const delivery = await deliveryOf(name)
    expect(delivery.state).toBe('delivered')
    return delivery
  })

async function killServer(): Promise<void> {
  platform.server.kill('SIGKILL')
  await platform.server.exited
}

describe('a server that is killed', () => {
  test('sends what was due after it is back, under the id that the receiver knows', async () => {
    receiver.answer(503)
    await make('due')
    const { id } = await until('a first attempt is written down', async () => {
      const delivery = await deliveryOf('due')
      expect(delivery).toMatchObject({ state: 'pending', log: [{ status: 503 }, ...delivery.log.slice(1)] })
      return delivery
    })
    await killServer()
    receiver.answer(200)
    await platform.restartServer()
    expect((await untilDelivered('due')).id).toBe(id)
    const told = receiver.arrivals.filter(({ body }) => nameIn(body) === 'due')
    expect(new Set(told.map((arrival) => arrival.id))).toEqual(new Set([id]))
    expect(new Set(told.map(({ body }) => body)).size).toBe(1)
    expect(told.map(({ status }) => status)).toEqual([...told.slice(1).map(() => 503), 200])
  })

  test('sends again what had no answer when it died', async () => {
    receiver.answer('nothing')
    await make('unanswered')
    await until('the receiver has it', async () => expect(receiver.arrivals.at(-1)?.status).toBe('nothing'))
    await killServer()
    receiver.answer(200)
    await platform.restartServer()
    const { id, attempts } = await untilDelivered('unanswered')
    // The attempt that was cut off is in no log: nobody knows what came of it.
    expect(attempts).toBe(1)
    expect(receiver.arrivals.slice(-2)).toMatchObject([
      { id, status: 'nothing' },
      { id, status: 200 },
    ])
  })

  test('tells of every change that it acknowledged, and of none that did not happen', async () => {
    const acknowledged = new Set<string>()
    const told = () =>
      new Set(receiver.arrivals.map(({ body }) => nameIn(body)).filter((name) => name.startsWith('made-')))
    let made = 0
    for (let kill = 1; kill <= counted({ test: 3, conformance: 12, soak: 60 }); kill++) {
      const making = Array.from({ length: 6 }, async () => {
        for (;;) {
          const name = `made-${made++}`
          const isTaken = await make(name).then(
            () => true,
            () => false,
          )
          if (!isTaken) return
          acknowledged.add(name)
        }
      })
      await pause(200 + 170 * (kill % 5))
      await killServer()
      await Promise.all(making)
      await platform.restartServer()
      const there = await modelsThatWereMade()
      expect([...acknowledged].filter((name) => !there.has(name))).toEqual([])
      await until('all are told of', async () => expect([...there.difference(told())]).toEqual([]))
      expect([...told().difference(there)]).toEqual([])
    }
    expect(acknowledged.size).toBeGreaterThan(0)
    for (const [name, arrivals] of Map.groupBy(receiver.arrivals, ({ body }) => nameIn(body)))
      expect(new Set(arrivals.map(({ id }) => id)).size, name).toBe(1)
  })
})

async function modelsThatWereMade(): Promise<Set<string>> {
  const names: string[] = []
  for (let after: string | undefined, isMore = true; isMore;) {
    const page = await platform.client.call(listModels, { params, query: { limit: 200, ...(after ? { after } : {}) } })
    names.push(...page.models.map(({ name }) => name))
    after = page.next ?? undefined
    isMore = after !== undefined
  }
  return new Set(names.filter((name) => name.startsWith('made-')))
}
