import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { chooseCoding, compress, inflateBody } from './inflate.ts'

const body = Buffer.from('{"inputs":[]}'.repeat(200))

describe('a compressed request', () => {
  test.each([
    ['gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
    ['identity', body],
    [undefined, body],
  ])('%s is inflated', async (coding, bytes) => {
    expect(await inflateBody(bytes, coding, body.length)).toEqual(body)
  })

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
  ] as const)('%s past the limit is refused, whatever it would inflate to', async (coding, pack) => {
    const bomb = pack(Buffer.alloc(20_000_000))
    expect(bomb.length).toBeLessThan(50_000)
    await expect(inflateBody(bomb, coding, 1000)).rejects.toMatchObject({ kind: 'too_large' })
    await expect(inflateBody(pack(body), coding, body.length - 1)).rejects.toMatchObject({ kind: 'too_large' })
  })

  test.each([
    ['gzip', Buffer.from('no gzip'), 'invalid'],
    ['gzip', gzipSync(body).subarray(0, 30), 'invalid'],
    ['gzip', Buffer.alloc(0), 'invalid'],
    ['deflate', deflateSync(body).subarray(0, 20), 'invalid'],
    ['br', body, 'unsupported'],
    ['gzip, gzip', body, 'unsupported'],
  ])('%s that is broken or not offered is refused', async (coding, bytes, kind) => {
    await expect(inflateBody(bytes, coding, 1e6)).rejects.toMatchObject({ kind })
  })
})

describe('a compressed answer', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['gzip', 'gzip'],
    ['gzip, deflate', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip;q=0.5, deflate;q=0.8', 'deflate'],
    ['gzip;q=0, deflate', 'deflate'],
    ['gzip; q=0', undefined],
    ['*', 'gzip'],
    ['br', undefined],
    ['identity', undefined],
  ])('for Accept-Encoding %s is %s', (accepted, coding) => {
    expect(chooseCoding(accepted, 5000)).toBe(coding)
  })

  test('is only made where the size is worth it', () => {
    expect(chooseCoding('gzip', 100)).toBeUndefined()
  })

  test('reads back', async () => {
    expect(gunzipSync(await compress(body, 'gzip'))).toEqual(body)
    expect(inflateSync(await compress(body.toString(), 'deflate'))).toEqual(body)
  })
})
