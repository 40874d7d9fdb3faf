import type { IncomingMessage } from 'node:http'
import { InferenceFailure } from '../failure.ts'

const EMPTY = Buffer.alloc(0)

/** Reads a whole body of at most `limit` bytes. One that says it is longer is refused before it is read. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'])
  if (declared > limit) return Promise.reject(tooLarge(limit))
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined
    let rest: Buffer[] | undefined
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        request.removeAllListeners('data')
        request.resume()
        reject(tooLarge(limit))
        return
      }
      if (first === undefined) first = chunk
      else (rest ??= [first]).push(chunk)
    })
    request.on('end', () => resolve(rest ? Buffer.concat(rest, size) : (first ?? EMPTY)))
    // A connection that closes early is an error of its request, too.
    request.on('error', (cause) => reject(new InferenceFailure('invalid', 'the request was cut off', { cause })))
  })
}

const tooLarge = (limit: number) =>
  new InferenceFailure('too_large', `the body is larger than the ${limit} bytes allowed (STEAD_MAX_BODY)`)
