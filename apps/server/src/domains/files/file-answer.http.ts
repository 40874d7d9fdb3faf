import { Readable } from 'node:stream'
import { type Digest, SteadError } from '@stead/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Range } from '../artifacts/artifacts.store.ts'
import { rangeAsked } from '../artifacts/range.ts'
import { mediaTypeOf } from './media-type.ts'
import { basename } from './paths.ts'

/** What is answered of a file before its bytes. */
export interface Described {
  readonly digest: Digest
  readonly size: number
}

export interface FileOnOffer {
  /** From which the name and the type are told. */
  readonly path: string
  describe(): Promise<Described>
  /** `part` chooses by what the file is at that moment. */
  open(part: (file: Described) => Range | undefined): Promise<{ stream: Readable }>
}

/** Answers a GET or HEAD of a file: by its Range, as something to be saved, and so that no browser runs it. */
export async function answerFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { path, describe, open }: FileOnOffer,
): Promise<FastifyReply> {
  if (request.method === 'HEAD') {
    const file = await describe()
    dress(reply, path, file, undefined)
    // An empty stream, for anything else would be given a length of its own.
    return reply.send(Readable.from([]))
  }
  let described: Described | undefined
  try {
    let part: Part
    const { stream } = await open((file) => {
      described = file
      part = partAsked(request, file)
      return part
    })
    dress(reply, path, described!, part)
    return reply.send(stream)
  } catch (error) {
    if (error !== UNSATISFIABLE || !described) throw error
    const { size } = described
    void reply.header('content-range', `bytes */${size}`)
    throw new SteadError('range_unsatisfiable', `The range does not lie within the ${size} bytes there are.`, {
      where: 'header.range',
    })
  }
}

type Part = { start: number; end: number } | undefined
const UNSATISFIABLE = new Error('the range lies behind the end')

/** With If-Range a part is for those who have another part of the same file. */
function partAsked({ headers }: FastifyRequest, { digest, size }: Described): Part {
  const condition = headers['if-range']
  if (condition !== undefined && condition !== etagOf(digest)) return undefined
  const range = rangeAsked(headers.range, size)
  if (range === 'unsatisfiable') throw UNSATISFIABLE
  return range
}

const etagOf = (digest: Digest) => `"${digest}"`

function dress(reply: FastifyReply, path: string, { digest, size }: Described, part: Part): void {
  void reply.headers({
    'accept-ranges': 'bytes',
    etag: etagOf(digest),
    'content-type': mediaTypeOf(path),
    'content-length': part ? part.end - part.start + 1 : size,
    'content-disposition': attachment(basename(path)),
    'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  })
  if (part) void reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${size}`)
}

/** RFC 6266: names of other characters are told twice, for clients that read only one of the ways. */
export function attachment(name: string): string {
  if (/^[\w.-]+$/.test(name)) return `attachment; filename=${name}`
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const exact = encodeURIComponent(name).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`
}
