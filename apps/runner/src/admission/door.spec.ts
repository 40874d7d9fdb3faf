import { createHash } from 'node:crypto'
import { Metadata } from '@grpc/grpc-js'
import { DeploymentName, Digest } from '@stead/contracts'
import { describe, expect, test } from 'vitest'
import { InferenceFailure } from '../inference/failure.ts'
import type { Admittance, LimitedKey } from './admittance.ts'
import { createDoor } from './door.ts'
import type { Purpose } from './door.ts'
import { createRateBuffer, createRates } from './rates.ts'
import { sees } from './visitor.ts'

const digest = (secret: string) => Digest.parse(`sha256:${createHash('sha256').update(secret).digest('hex')}`)
const key = (secret: string, more: Partial<LimitedKey> = {}): LimitedKey => ({
  id: `id of ${secret}`,
  hash: digest(secret),
  project: 'default',
  consumer: 'shop',
  deployments: null,
  expiresAt: null,
  limits: { rate: null, burst: null },
  exhaustedUntil: null,
  slot: null,
  ...more,
})
const closed = (...keys: LimitedKey[]): Admittance => ({
  is: 'closed',
  keys,
  server: digest('of-the-server'),
  monitors: [digest('stead_pat_monitor')],
})
const open = (admittance: Admittance) => createDoor(admittance, createRates(createRateBuffer()))
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

function failureOf(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof InferenceFailure) return error.kind
    throw error
  }
}

describe('the door of a front end', () => {
  test('lets everybody in while it is open, whatever they show', () => {
    const door = open({ is: 'open' })
    expect(door.admit(bearer('anything'), 'repository')).toEqual({ is: 'anyone' })
    expect(door.admitCall(new Metadata(), 'call')).toEqual({ is: 'anyone' })
  })

  test('knows each for what they came with, and lets them do that and nothing else', () => {
    const door = open(closed(key('stead_key_a')))
    const may = (secret: string) =>
      (['call', 'metrics', 'repository'] as Purpose[]).map(
        (purpose) => failureOf(() => door.admit(bearer(secret), purpose)) ?? 'may',
      )
    expect(may('stead_key_a')).toEqual(['may', 'forbidden', 'forbidden'])
    expect(may('of-the-server')).toEqual(['may', 'may', 'forbidden'])
    expect(may('stead_pat_monitor')).toEqual(['unauthenticated', 'may', 'may'])
    expect(may('stead_sat_other')).toEqual(['unauthenticated', 'unauthenticated', 'may'])
    expect(may('stead_join_x')).toEqual(['unauthenticated', 'unauthenticated', 'unauthenticated'])
    expect(door.admit(bearer('stead_sat_other'), 'repository')).toEqual({ is: 'account', token: 'stead_sat_other' })
  })

  test('reads a key in each of its ways, and nothing out of what is none of them', () => {
    const door = open(closed(key('stead_key_a')))
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    for (const headers of [
      { authorization: 'bearer stead_key_a' },
      { authorization: 'BEARER   stead_key_a ' },
      { authorization: basic('anybody:stead_key_a') },
      { authorization: basic(':stead_key_a') },
      { 'x-api-key': 'stead_key_a' },
      { 'x-api-key': 'stead_key_a', authorization: 'Bearer of a proxy' },
    ])
      expect(door.admit(headers, 'call').is).toBe('consumer')
    for (const headers of [
      {},
      { authorization: '' },
      { authorization: 'stead_key_a' },
      { authorization: 'Bearer' },
      { authorization: 'Bearer stead_key_a stead_key_a' },
      { authorization: 'Digest stead_key_a' },
      { authorization: basic('stead_key_a') },
      { 'x-api-key': '' },
      { 'x-api-key': 'x'.repeat(100_000) },
    ])
      expect(failureOf(() => door.admit(headers, 'call'))).toBe('unauthenticated')
    const metadata = new Metadata()
    metadata.set('X-API-Key', 'stead_key_a')
    expect(door.admitCall(metadata, 'call').is).toBe('consumer')
  })

  test('forgets a key with the table that named it, and one that expires at its time', () => {
    const soon = key('stead_key_b', { expiresAt: new Date(Date.now() - 1).toISOString() })
    const door = open(closed(key('stead_key_a'), soon))
    expect(failureOf(() => door.admit(bearer('stead_key_b'), 'call'))).toBe('unauthenticated')
    door.admit(bearer('stead_key_a'), 'call')
    door.replace(closed())
    expect(failureOf(() => door.admit(bearer('stead_key_a'), 'call'))).toBe('unauthenticated')
    door.replace({ is: 'refusing', kind: 'detached_too_long', because: 'silence' })
    expect(failureOf(() => door.admit(bearer('stead_key_a'), 'call'))).toBe('detached_too_long')
  })

  test('tells streams at once when theirs is over, and leaves the others', () => {
    const door = open(closed(key('stead_key_a'), key('stead_key_b')))
    const ended: string[] = []
    for (const secret of ['stead_key_a', 'stead_key_b', 'stead_key_c'])
      door.keepAsking(
        () => door.admit(bearer(secret === 'stead_key_c' ? 'stead_key_a' : secret), 'call'),
        () => ended.push(secret),
      )
    const stop = door.keepAsking(
      () => door.admit(bearer('stead_key_a'), 'call'),
      () => ended.push('one that left'),
    )
    stop()
    door.replace(closed(key('stead_key_b')))
    door.replace(closed(key('stead_key_b')))
    expect(ended).toEqual(['stead_key_a', 'stead_key_c'])
  })

  test('strangers by the thousand do not keep a known key out', () => {
    const door = open(closed(key('stead_key_a')))
    for (let stranger = 0; stranger < 5_000; stranger++)
      expect(failureOf(() => door.admit(bearer(`stead_key_${stranger}`), 'call'))).toBe('unauthenticated')
    expect(door.admit(bearer('stead_key_a'), 'call').is).toBe('consumer')
  })
})

describe('a consumer at the door', () => {
  const admitted = (more: Partial<LimitedKey>) => {
    const visitor = open(closed(key('stead_key_a', more))).admit(bearer('stead_key_a'), 'call')
    if (visitor.is !== 'consumer') throw new Error('no consumer')
    return visitor
  }

  test('sees its project, or the deployments that its key names', () => {
    const [sums, others] = [DeploymentName.parse('sums'), DeploymentName.parse('others')]
    const at = (name: DeploymentName, project = 'default') => ({ name, project: project as never })
    expect([sees(admitted({}), at(sums)), sees(admitted({}), at(sums, 'elsewhere'))]).toEqual([true, false])
    const narrow = admitted({ deployments: [sums] })
    expect([sees(narrow, at(sums)), sees(narrow, at(others)), sees(narrow, at(sums, 'elsewhere'))]).toEqual([
      true,
      false,
      false,
    ])
  })

  test('is told to come back when its quota begins anew, or when the rate has one again', () => {
    const until = new Date(Date.now() + 90_500).toISOString()
    const retryOf = (visitor: ReturnType<typeof admitted>) => {
      try {
        visitor.spend()
        return undefined
      } catch (error) {
        return (error as InferenceFailure).retryAfterS
      }
    }
    expect(retryOf(admitted({ exhaustedUntil: until }))).toBeGreaterThanOrEqual(90)
    expect(retryOf(admitted({ exhaustedUntil: new Date(Date.now() - 1).toISOString() }))).toBeUndefined()
    const hasty = admitted({ slot: 0, limits: { rate: 50, burst: 1 } })
    expect([retryOf(hasty), retryOf(hasty)]).toEqual([undefined, 1])
  })
})
