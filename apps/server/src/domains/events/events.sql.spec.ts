import { setTimeout as pause } from 'node:timers/promises'
import type { Event } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { appendEvent, sqlEventStore } from './events.sql.ts'
import type { EventFilter } from './events.ts'

const event = (subject: string) => ({ projectId: 'default', kind: 'noted', subject, actor: 'test' })

describeOnDatabases('the store of events', (databases) => {
  test('whoever has read a sequence has read all before it, though writers end in any order', async () => {
    const { kysely } = await databases.open()
    const store = sqlEventStore(kysely)
    let told = 0
    const read: string[] = []
    const readOn = async () => {
      for (const { sequence, subject } of await store.after(told, 100)) {
        read.push(subject)
        told = sequence
      }
    }
    let writing = true
    const reader = (async () => {
      while (writing) {
        await readOn()
        await pause(1)
      }
      await readOn()
    })()
    await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        kysely.transaction().execute(async (transaction) => {
          await appendEvent(transaction, event(String(at)))
          await pause((at * 7) % 5)
        }),
      ),
    )
    writing = false
    await reader
    expect(read.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, at) => String(at)))
  })

  test('an event of a change that is undone is never told', async () => {
    const { kysely } = await databases.open()
    const store = sqlEventStore(kysely)
    const undone = kysely.transaction().execute(async (transaction) => {
      await appendEvent(transaction, event('undone'))
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    await kysely.transaction().execute((transaction) => appendEvent(transaction, event('done')))
    expect((await store.after(0, 10)).map(({ subject }) => subject)).toEqual(['done'])
  })

  test('a page is the newest of those that pass, whatever is asked for', async () => {
    const { kysely } = await databases.open()
    const store = sqlEventStore(kysely)
    const kinds = ['deployment.swapped', 'deployment.refused', 'deployments.odd', 'version.created', 'alias.set']
    const subjects = ['weather', 'weather/8', 'weather/80', 'weather@champion', 'weather-2', 'weather-2/8', 'weatherA']
    const [actors, rows]: [string[], object[]] = [['local', 'ci'], []]
    for (let at = 0; at < 150; at++) {
      const [kind, subject] = [kinds[(at * 7) % 5]!, subjects[(at * 3) % 7]!]
      rows.push({ project_id: 'default', kind, subject, actor: actors[at % 3 === 0 ? 1 : 0]!, document: {} })
    }
    await kysely.insertInto('projects').values({ id: 'apart', name: 'apart' }).execute()
    await kysely
      .insertInto('events')
      .values([...rows, { ...rows[0], project_id: 'apart' }] as never)
      .execute()
    const all = await store.before('default', { limit: 500 })
    expect(all).toHaveLength(150)
    const passes = (event: Event, { subject, kind, actor }: EventFilter) =>
      (subject === undefined ||
        [subject, `${subject}/`, `${subject}@`].some((start, at) =>
          at === 0 ? event.subject === start : event.subject.startsWith(start),
        )) &&
      (kind === undefined || event.kind === kind || event.kind.startsWith(`${kind}.`)) &&
      (actor === undefined || event.actor === actor)
    const asked = fc.record(
      {
        subject: fc.constantFrom(...subjects, 'weath', 'nothing', '%'),
        kind: fc.constantFrom(...kinds, 'deployment', 'version', 'vers', 'golden'),
        actor: fc.constantFrom(...actors, 'nobody'),
        before: fc.constantFrom(...all.map(({ sequence }) => sequence)),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(asked, fc.integer({ min: 1, max: 60 }), async ({ before, ...filter }, limit) => {
        const expected = all.filter((event) => event.sequence < (before ?? Infinity) && passes(event, filter))
        expect(await store.before('default', { ...filter, before, limit })).toEqual(expected.slice(0, limit))
      }),
      { numRuns: 120 },
    )
  })
})
