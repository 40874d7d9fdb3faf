import { promisify } from 'node:util'
import { deflate, gunzip, gzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib'
import { InferenceFailure } from './failure.ts'
import { invalid, shown } from './request.ts'

/** The fastest level: what an answer saves in time on the wire must not be spent here. */
const LEVEL = 1
/** Below this an answer fits few packets anyhow. */
const WORTHWHILE_BYTES = 1024

export type Coding = 'gzip' | 'deflate'

const unpackers = { gzip: promisify(gunzip), deflate: promisify(inflate), rawDeflate: promisify(inflateRaw) }
const packers = { gzip: promisify(gzip), deflate: promisify(deflate) }

/** The body without its Content-Encoding. No more than `limit` bytes are ever inflated, whatever the body claims:
 *  past it the failure is `too_large`. Codings other than gzip and deflate are `unsupported`. */
export async function inflateBody(body: Buffer, contentEncoding: string | undefined, limit: number): Promise<Buffer> {
  const coding = contentEncoding?.trim().toLowerCase() ?? ''
  if (coding === '' || coding === 'identity') return body
  const unpack = unpackerOf(coding, body)
  if (unpack === undefined) {
    throw new InferenceFailure('unsupported', `Content-Encoding ${shown(contentEncoding)}: use gzip, deflate or none`)
  }
  // zlib refuses a limit of 0, and an empty body inflates to nothing in any case.
  const options: ZlibOptions = { maxOutputLength: Math.max(limit, 1) }
  let inflated: Buffer
  try {
    inflated = await unpack(body, options)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit, cause)
    throw invalid(`the body is not valid ${coding}: ${(cause as Error).message}`, cause)
  }
  if (inflated.length > limit) throw tooLarge(limit)
  return inflated
}

function unpackerOf(coding: string, body: Buffer) {
  if (coding === 'gzip' || coding === 'x-gzip') return unpackers.gzip
  if (coding !== 'deflate') return undefined
  // HTTP's deflate has a zlib header (RFC 9110, 8.4.1.2), and some clients leave it out.
  const hasHeader = body.length >= 2 && (body[0]! & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0
  return hasHeader ? unpackers.deflate : unpackers.rawDeflate
}

function tooLarge(limit: number, cause?: unknown): InferenceFailure {
  return new InferenceFailure('too_large', `the inflated body has more than ${limit} bytes`, { cause })
}

/** The coding to answer in, if the caller takes one and the size is worth it. Prefers the caller's higher q-value,
 *  and gzip among equals. */
export function chooseCoding(acceptEncoding: string | undefined, size: number): Coding | undefined {
  if (acceptEncoding === undefined || size < WORTHWHILE_BYTES) return undefined
  const weights = new Map<string, number>()
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...settings] = part.split(';').map((piece) => piece.trim())
    const weight = settings.find((setting) => setting.startsWith('q='))
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)) || 0)
  }
  const weightOf = (coding: Coding) => weights.get(coding) ?? weights.get('*') ?? 0
  const [gzipWeight, deflateWeight] = [weightOf('gzip'), weightOf('deflate')]
  if (gzipWeight === 0 && deflateWeight === 0) return undefined
  return gzipWeight >= deflateWeight ? 'gzip' : 'deflate'
}

/** Compresses an answer; the caller sets Content-Encoding to `coding` and Vary to accept-encoding.
 *  Inference-Header-Content-Length goes on meaning the uncompressed body. */
export function compress(body: Buffer | string, coding: Coding): Promise<Buffer> {
  return packers[coding](body, { level: LEVEL })
}
