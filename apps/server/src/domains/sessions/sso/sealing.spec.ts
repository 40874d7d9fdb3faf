import { fakeClock } from '@stead/chassis'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSealing } from './sealing.ts'

const MINUTE_MS = 60_000

test('what was sealed opens to the same, until its time is over', async () => {
  const clock = fakeClock()
  const sealing = createSealing<unknown>('test', MINUTE_MS, clock)
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.stringify(sealing.open(sealing.seal(value)))).toBe(JSON.stringify(value))
    }),
  )
  const sealed = sealing.seal('kept')
  await clock.advance(MINUTE_MS - 1)
  expect(sealing.open(sealed)).toBe('kept')
  await clock.advance(1)
  expect(sealing.open(sealed)).toBeUndefined()
})

test('nothing else opens: not what was altered, cut, made up, or sealed elsewhere or for something else', () => {
  const clock = fakeClock()
  const sealing = createSealing<string>('test', MINUTE_MS, clock)
  const sealed = Buffer.from(sealing.seal('secret'), 'base64url')
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (place, mask) => {
      const altered = Buffer.from(sealed)
      altered[place]! ^= mask
      expect(sealing.open(altered.toString('base64url'))).toBeUndefined()
      expect(sealing.open(sealed.subarray(0, place).toString('base64url'))).toBeUndefined()
    }),
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(sealing.open(text)).toBeUndefined()
    }),
  )
  expect(createSealing('test', MINUTE_MS, clock).open(sealed.toString('base64url'))).toBeUndefined()
})
