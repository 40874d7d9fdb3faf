import { fakeClock } from '@stead/chassis'
import type { Clock } from '@stead/chassis'
import { LEASE_MS, RunnerName } from '@stead/contracts'
import type { RunnerIdentity } from '@stead/contracts'
import { expect, test } from 'vitest'
import { createPresence } from './presence.ts'

const name = RunnerName.parse('runner-0')
const identity: RunnerIdentity = {
  rest: 'http://127.0.0.1:7080',
  grpc: '127.0.0.1:7081',
  pid: 1,
  frontEnds: 1,
  runtimes: ['onnx'],
}

/** A machine whose wall clock can be set, as an administrator or a time server does; its monotonic one cannot. */
function startMachine() {
  const machine = fakeClock('2026-01-01T00:00:00Z')
  let set = 0
  const clock: Clock = {
    now: () => new Date(machine.now().getTime() + set),
    monotonic: machine.monotonic,
    sleep: machine.sleep,
  }
  return { clock, advance: machine.advance, setClock: (ms: number) => void (set += ms) }
}

const HOUR = 3_600_000

test.for([HOUR, -HOUR, 24 * 365 * HOUR])('a wall clock set by %i ms ends no lease and prolongs none', async (jump) => {
  const { clock, advance, setClock } = startMachine()
  const presence = createPresence({ clock, onReport: () => {} })
  presence.arrived(name, identity)
  setClock(jump)
  expect(presence.members()).toEqual([name])
  await advance(LEASE_MS - 1)
  expect(presence.members()).toEqual([name])
  await advance(1)
  expect(presence.members()).toEqual([])
  expect(presence.statuses()).toMatchObject([{ name, connected: false }])

  // Heard again after the jump, it is seen by the new time.
  setClock(jump)
  expect(presence.heard(name, { reports: [] })).toBe(true)
  expect(presence.statuses()).toMatchObject([{ connected: true, seenAt: clock.now().toISOString() }])
})

test('a runner that is started again has prepared and acknowledged nothing; one that only connects again has', () => {
  const { clock } = startMachine()
  const presence = createPresence({ clock, onReport: () => {} })
  presence.arrived(name, identity)
  const acknowledged = { kind: 'acknowledged', deployment: 'sums', id: 'a', generation: 3, ms: 1 } as never
  presence.heard(name, { reports: [acknowledged] })
  presence.arrived(name, identity)
  expect(presence.acknowledged(name, 'a')).toBe(3)
  presence.arrived(name, { ...identity, pid: 2 })
  expect(presence.acknowledged(name, 'a')).toBeUndefined()
})

test('whoever waits beside a runner that never comes back rests, once its lease is over', async () => {
  const { clock, advance } = startMachine()
  const presence = createPresence({ clock, onReport: () => {}, expected: [name] })
  await advance(LEASE_MS)
  expect(presence.isSettled()).toBe(true)
  const given = new AbortController()
  let woken = false
  const waiting = presence.changed(given.signal).then(() => (woken = true))
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(woken).toBe(false)
  given.abort()
  await waiting
})
