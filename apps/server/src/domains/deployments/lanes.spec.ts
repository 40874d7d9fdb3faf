import { SteadError } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLanes, type Turn } from './lanes.ts'

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
const isSuperseded = (error: unknown) => error instanceof SteadError && error.code === 'superseded'

const change = fc.record({
  pauses: fc.nat({ max: 2 }),
  yields: fc.boolean(),
  fails: fc.boolean(),
})

test('in every interleaving one change writes at a time, in the order of arrival, and each gets its turn', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(change, { minLength: 1, maxLength: 6 }), async (scheduler, changes) => {
      const lanes = createLanes()
      const arrived: number[] = []
      const begun: number[] = []
      let writing = 0
      const somethingHappens = () => scheduler.schedule(Promise.resolve())

      const work = (at: number) => async (turn: Turn) => {
        const { pauses, yields, fails } = changes[at]!
        begun.push(at)
        expect(++writing).toBe(1)
        try {
          for (let pause = 0; pause < pauses; pause++) await somethingHappens()
          expect(turn.signal.aborted, 'replaced before it yielded').toBe(false)
          if (yields) {
            turn.yieldToNewer()
            expect(turn.signal.aborted, 'yields at once to who waits already').toBe(arrived.at(-1) !== at)
            await Promise.race([somethingHappens(), aborted(turn.signal)])
          }
          turn.hold()
          await somethingHappens()
          expect(turn.signal.aborted, 'replaced after it held').toBe(false)
          if (fails) throw new Error('its own failure')
          return at
        } finally {
          writing -= 1
        }
      }
      const runs = changes.map(async (_, at) => {
        await somethingHappens()
        arrived.push(at)
        return lanes.run('one', work(at))
      })
      const outcomes = await scheduler.waitFor(Promise.allSettled(runs))

      expect(begun).toEqual(arrived)
      for (const [at, { yields, fails }] of changes.entries()) {
        const outcome = outcomes[at]!
        const replaced = outcome.status === 'rejected' && isSuperseded(outcome.reason)
        if (replaced) expect(yields && arrived.at(-1) !== at).toBe(true)
        else if (fails) expect(outcome).toMatchObject({ reason: { message: 'its own failure' } })
        else expect(outcome).toEqual({ status: 'fulfilled', value: at })
      }
    }),
    { numRuns: 300 },
  )
})

test('who yields is told at the moment a newer change arrives', async () => {
  const lanes = createLanes()
  let told: unknown
  const older = lanes.run('one', async (turn) => {
    turn.yieldToNewer()
    await aborted(turn.signal)
    told = turn.signal.reason
    turn.hold()
  })
  await Promise.resolve()
  const newer = lanes.run('one', async () => 'newer')
  await expect(older).rejects.toSatisfy(isSuperseded)
  expect(told).toSatisfy(isSuperseded)
  expect(await newer).toBe('newer')
})

test('changes of different deployments do not wait for each other', async () => {
  const lanes = createLanes()
  const { promise, resolve } = Promise.withResolvers<string>()
  const slow = lanes.run('one', () => promise)
  expect(await lanes.run('two', async () => 'done')).toBe('done')
  resolve('late')
  expect(await slow).toBe('late')
})

test('a change can be given up until it holds, and not after', async () => {
  const lanes = createLanes()
  const reason = new SteadError('aborted')
  const turns: Turn[] = []
  const given = lanes.run('one', async (turn) => {
    turns.push(turn)
    await aborted(turn.signal)
    turn.hold()
  })
  await Promise.resolve()
  expect(turns[0]?.giveUp(reason)).toBe(true)
  await expect(given).rejects.toBe(reason)
  const held = await lanes.run('one', async (turn) => {
    turn.hold()
    return { given: turn.giveUp(reason), aborted: turn.signal.aborted }
  })
  expect(held).toEqual({ given: false, aborted: false })
})
