import { Readable } from 'node:stream'
import type { Bytes } from '../artifacts/artifacts.store.ts'

const BROKEN = new Set(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'EPIPE', 'ETIMEDOUT'])

/** The bytes as they come, until they end, their connection breaks, or the signal asks to leave. A stream that was
 *  left is not destroyed: over HTTP the answer has yet to go out. */
export async function* arriving(bytes: Bytes, leave: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const source = (
    bytes instanceof Readable ? bytes.iterator({ destroyOnReturn: false }) : bytes[Symbol.asyncIterator]()
  ) as AsyncIterator<Uint8Array>
  // A promise of its own for each piece: one that lasts would remember every piece that it was raced against.
  const next = () =>
    new Promise<IteratorResult<Uint8Array> | undefined>((resolve, reject) => {
      const left = () => resolve(undefined)
      if (leave.aborted) return left()
      leave.addEventListener('abort', left, { once: true })
      source
        .next()
        .finally(() => leave.removeEventListener('abort', left))
        .then(resolve, reject)
    })
  try {
    for (let piece = await next(); piece && !piece.done; piece = await next()) yield piece.value
  } catch (error) {
    if (!isBroken(error)) throw error
  } finally {
    // Not awaited: it comes after the piece that was waited for, which may never come.
    source.return?.().catch(() => {})
  }
}

const isBroken = (error: unknown) => error instanceof Error && 'code' in error && BROKEN.has(String(error.code))
