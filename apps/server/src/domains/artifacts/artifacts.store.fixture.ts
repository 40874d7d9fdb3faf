import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Digest, SteadError } from '@stead/contracts'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ArtifactStore, Stored } from './artifacts.store.ts'

export interface StoreUnderTest {
  readonly store: ArtifactStore
  /** What unfinished uploads have left behind, wherever the store keeps them. */
  leftovers(): Promise<string[]>
  remove(): Promise<void>
}

interface Makers {
  make(): Promise<StoreUnderTest>
  /** A store on a disk with no room for 32 MB. */
  makeFull?(): Promise<StoreUnderTest>
}

const MEBIBYTE = 2 ** 20
const limit = 256 * MEBIBYTE

export const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest
const from = (...chunks: Uint8Array[]) => Readable.from(chunks, { objectMode: false })
const text = (words: string) => Buffer.from(words)
const hello = text('hello, artifact')

/** Megabytes that differ from each other, never all in memory at once. */
function* megabytes(count: number, seed = 'seed'): Generator<Buffer> {
  for (let index = 0; index < count; index++) {
    const pattern = createHash('sha512').update(`${seed} ${index}`).digest()
    yield Buffer.alloc(MEBIBYTE, pattern)
  }
}

function digestOfAll(chunks: Iterable<Uint8Array>): Digest {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return `sha256:${hash.digest('hex')}` as Digest
}

async function listed(store: ArtifactStore): Promise<Stored[]> {
  const found = await Array.fromAsync(store.list())
  return found.toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
}

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'no failure',
    (error: unknown) => (error instanceof SteadError ? error.code : String(error)),
  )

/** The laws of the port. Every adapter runs them against its real counterpart. */
export function describeArtifactStore(name: string, makers: Makers): void {
  describe(`artifacts in ${name}`, () => {
    let under: StoreUnderTest
    let store: ArtifactStore
    beforeEach(async () => {
      under = await makers.make()
      store = under.store
    })
    afterEach(async () => {
      expect(await under.leftovers()).toEqual([])
      await under.remove()
    })
    const nothingIsStored = async (digest: Digest) => {
      expect(await store.stat(digest)).toBeUndefined()
      expect(await codeOf(store.open(digest))).toBe('artifact_not_found')
      expect(await listed(store)).toEqual([])
      expect(await under.leftovers()).toEqual([])
    }

    test('what was put is there, whole, under its digest', async () => {
      const digest = digestOf(hello)
      expect(await store.put(digest, from(hello), { size: hello.byteLength, limit })).toEqual({
        size: 15,
        stored: true,
      })
      expect(await store.stat(digest)).toEqual({ size: 15 })
      const { stream, size } = await store.open(digest)
      expect(size).toBe(15)
      expect(await buffer(stream)).toEqual(hello)
      expect(await listed(store)).toEqual([{ digest, size: 15 }])
    })

    test('any bytes, in any chunks, come back the same', () =>
      fc.assert(
        fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 6 }), async (chunks) => {
          const whole = Buffer.concat(chunks)
          const digest = digestOf(whole)
          await store.put(digest, toAsync(chunks), { limit })
          expect(await buffer((await store.open(digest)).stream)).toEqual(whole)
        }),
        { numRuns: 12 },
      ))

    test('an artifact of no bytes is one, too', async () => {
      const digest = digestOf(text(''))
      await store.put(digest, from(), { size: 0, limit })
      expect(await store.stat(digest)).toEqual({ size: 0 })
      expect(await buffer((await store.open(digest)).stream)).toEqual(text(''))
    })

    test('putting it again changes nothing, and says so', async () => {
      const digest = digestOf(hello)
      await store.put(digest, from(hello), { limit })
      expect(await store.put(digest, from(hello), { limit })).toEqual({ size: 15, stored: false })
      expect(await listed(store)).toHaveLength(1)
    })

    test('bytes of another digest are refused and leave nothing, whether it is known or not', async () => {
      const digest = digestOf(hello)
      expect(await codeOf(store.put(digest, from(text('hello, artifacts')), { limit }))).toBe('digest_mismatch')
      await nothingIsStored(digest)
      await store.put(digest, from(hello), { limit })
      expect(await codeOf(store.put(digest, from(text('something else')), { limit }))).toBe('digest_mismatch')
      expect(await buffer((await store.open(digest)).stream)).toEqual(hello)
    })

    test('a stream that ends early, or is longer than announced, is refused', async () => {
      const digest = digestOf(hello)
      expect(await codeOf(store.put(digest, from(hello.subarray(0, 9)), { size: 15, limit }))).toBe('digest_mismatch')
      expect(await codeOf(store.put(digest, from(hello), { size: 9, limit }))).toBe('digest_mismatch')
      await nothingIsStored(digest)
    })

    test('a stream that breaks off half-way leaves nothing', async () => {
      const digest = digestOfAll(megabytes(20))
      const broken = async function* () {
        yield* megabytes(12)
        throw new Error('the line went dead')
      }
      await expect(store.put(digest, broken(), { limit })).rejects.toThrow('the line went dead')
      const gone = new Readable({ read: () => undefined })
      gone.push(hello)
      setTimeout(() => gone.destroy(), 20)
      await expect(store.put(digest, gone, { limit })).rejects.toThrow('Premature close')
      await nothingIsStored(digest)
    })

    test('a big one whose last byte is wrong leaves nothing', async () => {
      const digest = digestOfAll(megabytes(20, 'other'))
      expect(await codeOf(store.put(digest, toAsync(megabytes(20)), { limit }))).toBe('digest_mismatch')
      await nothingIsStored(digest)
    })

    test('more than the limit is refused as soon as it shows, and the stream is left to its owner', async () => {
      const digest = digestOfAll(megabytes(64))
      let handedOut = 0
      const counted = async function* () {
        for (const chunk of megabytes(64)) {
          handedOut++
          yield chunk
        }
      }
      expect(await codeOf(store.put(digest, counted(), { limit: 10 * MEBIBYTE }))).toBe('payload_too_large')
      expect(handedOut).toBe(11)
      const untouched = from(hello)
      expect(await codeOf(store.put(digestOf(hello), untouched, { size: 15, limit: 14 }))).toBe('payload_too_large')
      expect(await codeOf(store.put(digestOf(hello), untouched, { limit: 14 }))).toBe('payload_too_large')
      expect(untouched.destroyed).toBe(false)
      await nothingIsStored(digest)
    })

    test('64 MB arrive in parts and are the same when read', async () => {
      const digest = digestOfAll(megabytes(64))
      await store.put(digest, toAsync(megabytes(64)), { limit })
      const { stream, size } = await store.open(digest)
      expect(size).toBe(64 * MEBIBYTE)
      const hash = createHash('sha256')
      for await (const chunk of stream) hash.update(chunk as Uint8Array)
      expect(`sha256:${hash.digest('hex')}`).toBe(digest)
    })

    test.each([1, 20])('puts of the same %i MB at the same time all succeed, and it is there once', async (size) => {
      const digest = digestOfAll(megabytes(size))
      const puts = Array.from({ length: 4 }, () => store.put(digest, toAsync(megabytes(size)), { limit }))
      const outcomes = await Promise.all(puts)
      expect(outcomes.some(({ stored }) => stored)).toBe(true)
      expect(outcomes.map((outcome) => outcome.size)).toEqual(Array.from({ length: 4 }, () => size * MEBIBYTE))
      expect(await listed(store)).toEqual([{ digest, size: size * MEBIBYTE }])
    })

    test('bytes that nobody named are taken under the digest they have, told before anything is visible', async () => {
      const digest = digestOf(hello)
      let toldWhile: unknown
      const named = async (told: Digest) => void (toldWhile = [told, await store.stat(told)])
      const taken = await store.take(from(hello.subarray(0, 6), hello.subarray(6)), { size: 15, limit, named })
      expect(taken).toEqual({ digest, size: 15, stored: true })
      expect(toldWhile).toEqual([digest, undefined])
      expect(await buffer((await store.open(digest)).stream)).toEqual(hello)
      expect(await store.take(from(hello), { limit })).toEqual({ digest, size: 15, stored: false })
      expect(await store.take(from(), { size: 0, limit })).toMatchObject({ digest: digestOf(text('')), size: 0 })
      expect(await listed(store)).toHaveLength(2)
    })

    test('any bytes, in any chunks, taken without a name, come back the same', () =>
      fc.assert(
        fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400_000 }), { maxLength: 6 }), async (chunks) => {
          const whole = Buffer.concat(chunks)
          const { digest, size } = await store.take(toAsync(chunks), { limit })
          expect([digest, size]).toEqual([digestOf(whole), whole.byteLength])
          expect((await buffer((await store.open(digest)).stream)).equals(whole)).toBe(true)
        }),
        { numRuns: 12 },
      ))

    test('64 MB are taken in parts, by several at once, and are there once', async () => {
      const digest = digestOfAll(megabytes(64))
      const takes = Array.from({ length: 3 }, () => store.take(toAsync(megabytes(64)), { limit }))
      const outcomes = await Promise.all(takes)
      expect(outcomes.map((outcome) => outcome.digest)).toEqual([digest, digest, digest])
      expect(outcomes.some(({ stored }) => stored)).toBe(true)
      const { stream, size } = await store.open(digest)
      expect(size).toBe(64 * MEBIBYTE)
      const hash = createHash('sha256')
      for await (const chunk of stream) hash.update(chunk as Uint8Array)
      expect(`sha256:${hash.digest('hex')}`).toBe(digest)
      expect(await listed(store)).toHaveLength(1)
    })

    test('what breaks off, is too much, or not as much as announced, is not taken, and leaves nothing', async () => {
      const broken = async function* () {
        yield* megabytes(12)
        throw new Error('the line went dead')
      }
      await expect(store.take(broken(), { limit })).rejects.toThrow('the line went dead')
      expect(await codeOf(store.take(toAsync(megabytes(20)), { limit: 10 * MEBIBYTE }))).toBe('payload_too_large')
      const untouched = from(hello)
      expect(await codeOf(store.take(untouched, { size: 15, limit: 14 }))).toBe('payload_too_large')
      expect(untouched.destroyed).toBe(false)
      expect(await codeOf(store.take(from(hello), { size: 16, limit }))).toBe('digest_mismatch')
      expect(await codeOf(store.take(from(hello), { size: 14, limit }))).toBe('digest_mismatch')
      const refused = () => Promise.reject(new Error('not now'))
      await expect(store.take(from(hello), { limit, named: refused })).rejects.toThrow('not now')
      await nothingIsStored(digestOf(hello))
    })

    test('a range is read from its first to its last byte', async () => {
      const digest = digestOf(hello)
      await store.put(digest, from(hello), { limit })
      const read = async (start: number, end?: number) =>
        String(await buffer((await store.open(digest, { start, end })).stream))
      expect(await read(7, 9)).toBe('art')
      expect(await read(7)).toBe('artifact')
      expect(await read(0, 0)).toBe('h')
      expect(await read(14, 99)).toBe('t')
      for (const [start, end] of [
        [15, 20],
        [-1, 3],
        [5, 4],
        [0.5, 3],
      ] as const) {
        expect(await codeOf(store.open(digest, { start, end }))).toBe('invalid_request')
      }
    })

    test('a removed artifact is gone, may be removed again, and may come back', async () => {
      const digest = digestOf(hello)
      await store.put(digest, from(hello), { limit })
      await store.remove(digest)
      await store.remove(digest)
      await nothingIsStored(digest)
      expect(await codeOf(store.grant(digest))).toBe('artifact_not_found')
      expect(await store.put(digest, from(hello), { limit })).toEqual({ size: 15, stored: true })
    })

    test('a grant leads to the bytes without the server', async () => {
      const digest = digestOf(hello)
      await store.put(digest, from(hello), { limit })
      const grant = await store.grant(digest)
      const bytes =
        grant.kind === 'path' ? await readFile(grant.path) : Buffer.from(await (await fetch(grant.url)).arrayBuffer())
      expect(bytes).toEqual(hello)
    })

    test.each([
      '../../etc/passwd',
      'sha256:../../../etc/passwd',
      `sha256:${'A'.repeat(64)}`,
      `sha256:${'a'.repeat(64)}/..`,
      '',
    ])('what is no digest, as %j, never becomes a place', async (forged) => {
      const digest = forged as Digest
      expect(await codeOf(store.put(digest, from(hello), { limit }))).toBe('invalid_request')
      expect(await codeOf(store.stat(digest))).toBe('invalid_request')
      expect(await codeOf(store.open(digest))).toBe('invalid_request')
      expect(await codeOf(store.grant(digest))).toBe('invalid_request')
      expect(await codeOf(store.remove(digest))).toBe('invalid_request')
    })

    test.skipIf(makers.makeFull === undefined)(
      'a full disk is said to be full, leaves nothing, and takes what still fits',
      async () => {
        const full = await makers.makeFull?.()
        if (full === undefined) return
        try {
          const digest = digestOfAll(megabytes(32))
          expect(await codeOf(full.store.put(digest, toAsync(megabytes(32)), { limit }))).toBe('storage_full')
          expect(await codeOf(full.store.take(toAsync(megabytes(32)), { limit }))).toBe('storage_full')
          expect(await full.store.stat(digest)).toBeUndefined()
          expect(await full.leftovers()).toEqual([])
          expect(await full.store.put(digestOf(hello), from(hello), { limit })).toEqual({ size: 15, stored: true })
        } finally {
          await full.remove()
        }
      },
    )
  })
}

async function* toAsync(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks
}
