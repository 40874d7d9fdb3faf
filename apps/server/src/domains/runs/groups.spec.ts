import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGroups } from './groups.ts'

test('calls are taken once each, in their order, in groups that do not overlap', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ weight: fc.integer({ min: 1, max: 5 }), after: fc.integer({ min: 0, max: 2 }) })),
      fc.integer({ min: 1, max: 10 }),
      async (calls, most) => {
        const taken: number[] = []
        let under = 0
        const put = createGroups<{ id: number; weight: number }, number>({
          async take(group) {
            expect(under++).toBe(0)
            // The last one of a group is what fills it.
            const weight = group.slice(0, -1).reduce((sum, one) => sum + one.weight, 0)
            expect(weight).toBeLessThan(most)
            await Promise.resolve()
            taken.push(...group.map(({ id }) => id))
            under -= 1
            return group.map(({ id }) => (id % 7 === 3 ? { error: new Error(`${id}`) } : { answer: id }))
          },
          weigh: ({ weight }) => weight,
          most,
        })
        const put1 = async ({ weight }: { weight: number }, id: number) =>
          put({ id, weight }).then(
            (answer) => answer,
            (error: Error) => `failed ${error.message}`,
          )
        const answers: Promise<number | string>[] = []
        for (const [id, call] of calls.entries()) {
          for (let turn = 0; turn < call.after; turn++) await Promise.resolve()
          answers.push(put1(call, id))
        }
        expect(await Promise.all(answers)).toEqual(calls.map((_, id) => (id % 7 === 3 ? `failed ${id}` : id)))
        expect(taken).toEqual(calls.map((_, id) => id))
      },
    ),
  )
})

test('a group that fails is taken again one by one, so that only the culprit fails', async () => {
  const put = createGroups<number, number>({
    async take(group) {
      await pause(1)
      if (group.includes(3)) throw new Error('3 cannot be')
      return group.map((answer) => ({ answer }))
    },
    weigh: () => 1,
    most: 100,
  })
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(put))
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
})
