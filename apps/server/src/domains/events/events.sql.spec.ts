import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { appendEvent, sqlEventStore } from './events.sql.ts'

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
    await store.append(event('done'))
    expect((await store.after(0, 10)).map(({ subject }) => subject)).toEqual(['done'])
  })
})
