import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Digest, SteadError } from '@stead/contracts'
import type { Bytes, Expected, Range } from './artifacts.store.ts'

/** Passes bytes on while hashing them, and fails at their end unless they are those of the digest.
 *  Whoever reads to the end without a failure has seen exactly the artifact. */
export async function* checkedBytes(
  digest: Digest,
  bytes: Bytes,
  { size, limit }: Expected,
): AsyncGenerator<Uint8Array, void> {
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
  const found = `sha256:${hash.digest('hex')}`
  if (found !== digest) {
    throw new SteadError('digest_mismatch', `The ${received} bytes received have the digest ${found}, not ${digest}.`, {
      where: 'body',
    })
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
