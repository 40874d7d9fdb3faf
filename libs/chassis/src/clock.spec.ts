import { expect, test } from 'vitest'
import { fakeClock, systemClock } from './clock.ts'

test('sleepers of a fake clock wake in the order of their hours, not of their going to bed', async () => {
  const clock = fakeClock()
  const woken: string[] = []
  const sleepThenNote = async (ms: number) => {
    await clock.sleep(ms)
    woken.push(`${ms}@${clock.monotonic()}`)
  }
  const all = [300, 100, 200].map(sleepThenNote)
  await clock.advance(250)
  expect(woken).toEqual(['100@100', '200@200'])
  expect(clock.sleepers).toBe(1)
  await clock.advance(50)
  await Promise.all(all)
  expect(woken).toEqual(['100@100', '200@200', '300@300'])
})

test('a loop that sleeps again is woken as often as the advance holds', async () => {
  const clock = fakeClock('2026-05-01T00:00:00Z')
  let rounds = 0
  const stop = new AbortController()
  const loop = (async () => {
    for (;;) {
      await clock.sleep(10, stop.signal)
      rounds += 1
    }
  })()
  await clock.advance(95)
  expect(rounds).toBe(9)
  expect(clock.now().toISOString()).toBe('2026-05-01T00:00:00.095Z')
  stop.abort(new Error('enough'))
  await expect(loop).rejects.toThrow('enough')
  expect(clock.sleepers).toBe(0)
})

test.each([
  ['system', systemClock],
  ['fake', fakeClock()],
])('a sleep of the %s clock ends with the reason of its signal', async (_, clock) => {
  const reason = new Error('the caller left')
  const stop = new AbortController()
  const asleep = clock.sleep(60_000, stop.signal)
  stop.abort(reason)
  await expect(asleep).rejects.toBe(reason)
  await expect(clock.sleep(60_000, stop.signal)).rejects.toBe(reason)
})

test('the system clock sleeps at least about as long as it was asked to', async () => {
  const before = systemClock.monotonic()
  await systemClock.sleep(20)
  // Timers may fire up to a millisecond early against the monotonic clock.
  expect(systemClock.monotonic() - before).toBeGreaterThan(18)
})

test('a sleep longer than the longest timer does not end at once', async () => {
  const stop = new AbortController()
  let ended = false
  const asleep = systemClock.sleep(2 ** 40, stop.signal).then(
    () => (ended = true),
    () => 'aborted',
  )
  await systemClock.sleep(20)
  expect(ended).toBe(false)
  stop.abort()
  expect(await asleep).toBe('aborted')
})
