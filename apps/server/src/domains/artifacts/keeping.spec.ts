import type { Digest } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf } from './artifacts.store.fixture.ts'
import { createKeeping } from './keeping.ts'

const one = digestOf(Buffer.from('one'))
const other = digestOf(Buffer.from('other'))

test('what somebody keeps is not removed, until the last of them has ended', async () => {
  const keeping = createKeeping()
  const removed: Digest[] = []
  const tryRemoving = (digest: Digest) => keeping.removing(digest, async () => void removed.push(digest))
  await keeping.during(async (keep) => {
    await keep(one)
    await keeping.during((again) => again(one))
    expect(await tryRemoving(one)).toBe(false)
    expect(await tryRemoving(other)).toBe(true)
  })
  await keeping.everything(async () => expect(await tryRemoving(other)).toBe(false))
  await expect(keeping.during(() => Promise.reject(new Error('broke off')))).rejects.toThrow('broke off')
  expect(await tryRemoving(one)).toBe(true)
  expect(removed).toEqual([other, one])
})

test('a removal that failed keeps nobody waiting, and may be tried again', async () => {
  const keeping = createKeeping()
  const failing = keeping.removing(one, () => Promise.reject(new Error('no disk')))
  const kept = keeping.during((keep) => keep(one))
  await expect(failing).rejects.toThrow('no disk')
  await kept
  expect(await keeping.removing(one, async () => {})).toBe(true)
})

test('whatever the interleaving of puts and removals, what a put has ended with is there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), async (s, puts) => {
      const keeping = createKeeping()
      const bytes = new Set<Digest>()
      const owned = new Set<Digest>()
      const step = (name: string) => s.schedule(Promise.resolve(), name)
      // Bytes that are there are not written again: as in the stores.
      const put = () =>
        keeping.during(async (keep) => {
          await step('put begins')
          await keep(one)
          await step('put looks')
          const isThere = bytes.has(one)
          await step('put writes')
          if (!isThere) bytes.add(one)
          await step('put owns')
          owned.add(one)
        })
      const collect = async () => {
        await step('row goes')
        owned.delete(one)
        await step('bytes go')
        await keeping.removing(one, async () => {
          await step('named?')
          if (owned.has(one)) return
          await step('not named')
          bytes.delete(one)
        })
      }
      const all = Promise.all([...Array.from({ length: puts }, put), collect(), collect()])
      await s.waitFor(all)
      if (owned.has(one)) expect(bytes.has(one)).toBe(true)
    }),
    { numRuns: 300 },
  )
})
