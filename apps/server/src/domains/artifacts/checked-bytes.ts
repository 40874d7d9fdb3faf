import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { Digest, SteadError } from '@stead/contracts'
import type { Bytes, Expected, Range, Stored } from './artifacts.store.ts'

/** Passes bytes on while hashing them, and fails at their end unless they are those of the digest.
 *  Whoever reads to the end without a failure has seen exactly the artifact. */
export async function* checkedBytes(
  digest: Digest,
  bytes: Bytes,
  expected: Expected,
): AsyncGenerator<Uint8Array, Stored> {
  const found = yield* hashedBytes(bytes, expected)
  if (found.digest !== digest) {
    throw new SteadError(
      'digest_mismatch',
      `The ${found.size} bytes received have the digest ${found.digest}, not ${digest}.`,
      { where: 'body' },
    )
  }
  return found
}

/** Passes bytes on while hashing them, and returns what they were. Fails if they are more than allowed, or not as many
 *  as announced. */
export async function* hashedBytes(bytes: Bytes, { size, limit }: Expected): AsyncGenerator<Uint8Array, Stored> {
  if (size !== undefined && size > limit) throw tooLarge(limit)
  const hash = createHash('sha256')
  let received = 0
  const source = bytes instanceof Readable ? bytes.iterator({ destroyOnReturn: false }) : bytes
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    received += chunk.byteLength
    if (received > limit) throw tooLarge(limit)
    hash.update(chunk)
    yield chunk
  }
  if (size !== undefined && size !== received) {
    throw new SteadError('digest_mismatch', `${size} bytes were announced, ${received} were received.`, {
      where: 'body',
    })
  }
  return { digest: Digest.parse(`sha256:${hash.digest('hex')}`), size: received }
}

/** Gives each chunk to `write` and returns what the generator does at its end. A failure of `write` ends it. */
export async function drain<T>(
  chunks: AsyncGenerator<Uint8Array, T>,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<T> {
  try {
    for (;;) {
      const next = await chunks.next()
      if (next.done === true) return next.value
      await write(next.value)
    }
  } finally {
    await chunks.return(undefined as T)
  }
}

/** Reads to the end, keeping nothing, and tells how many bytes there were. */
export async function countBytes(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let count = 0
  for await (const chunk of bytes) count += chunk.byteLength
  return count
}

export const notFound = (digest: Digest) =>
  new SteadError('artifact_not_found', `There is no artifact ${digest}.`, { where: 'digest' })

const tooLarge = (limit: number) =>
  new SteadError('payload_too_large', `An artifact may have ${limit} bytes at most here.`, { where: 'body' })

/** A range within an artifact, or undefined for all of it. */
export function rangeWithin(size: number, range: Range | undefined): { start: number; end: number } | undefined {
  if (range === undefined) return undefined
  const { start, end = size - 1 } = range
  const sound = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start < size && start <= end
  if (!sound)
    throw new SteadError('invalid_request', `The range does not lie within the ${size} bytes there are.`, {
      where: 'range',
    })
  return { start, end: Math.min(end, size - 1) }
}
