import { appendUpload, beginUpload, getUpload, SteadError } from '@stead/contracts'
import type { Digest, ProjectName, Upload } from '@stead/contracts'
import type { Client } from './client.ts'
import { UnreachableError } from './unreachable.ts'

/** Bytes that can be read again from anywhere: a File of a browser is one as it is. */
export interface UploadSource {
  /** The bytes from `from` up to, and without, `to`. */
  slice(from: number, to: number): Slice | Promise<Slice>
}
type Slice = Blob | Uint8Array | ReadableStream<Uint8Array>

export interface UploadProgress {
  /** Bytes that the server keeps, those of earlier attempts too. */
  readonly received: number
  readonly size: number
}

export interface FileUpload {
  readonly project: ProjectName
  readonly source: UploadSource
  readonly digest: Digest
  readonly size: number
  readonly onProgress?: (progress: UploadProgress) => void
  /** Ends the sending; what the server has, it keeps for the next attempt. */
  readonly signal?: AbortSignal
  /** Bytes sent at once, and so at most lost by a break. */
  readonly chunkSize?: number
  /** How the time between two attempts passes. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

const CHUNK_BYTES = 8 * 2 ** 20
/** Attempts in a row that bring nothing further. With the waits between them they outlast the restart of a server. */
const MOST_FRUITLESS = 9
const SHORTEST_WAIT_MS = 250
const LONGEST_WAIT_MS = 15_000

/** Brings a file into the artifact store, or what the server does not have of it. Goes on after a break from what has
 *  arrived. Throws the SteadError of a refusal at once, and UnreachableError when no attempt brings it further. */
export async function uploadFile(client: Client, file: FileUpload): Promise<Upload> {
  const { project, digest, size, signal, onProgress = () => {}, wait = pause } = file
  const call = { params: { project, digest }, ...(signal ? { signal } : {}) }
  const begin = () => client.call(beginUpload, { ...call, body: { size } })
  const ask = () => client.call(getUpload, call)
  const append = async (offset: number) => {
    const body = await readChunk(file, offset)
    const told = await client.send(appendUpload, { ...call, query: { offset } }, { body, size: sizeOf(body) })
    if (told.complete || told.received > offset) return told
    throw new UnreachableError(client.url, 'it kept none of the bytes that were sent')
  }

  let furthest = -1
  let fruitless = 0
  for (let next = begin; ;) {
    try {
      const told = await next()
      if (told.complete) {
        onProgress({ received: size, size })
        return told
      }
      if (told.size !== size) throw otherSize(told, size)
      if (told.received > furthest) fruitless = 0
      furthest = told.received
      onProgress({ received: told.received, size })
      next = () => append(told.received)
    } catch (error) {
      signal?.throwIfAborted()
      if (!mayBeTriedAgain(error) || ++fruitless > MOST_FRUITLESS) throw error
      await wait(Math.min(SHORTEST_WAIT_MS * 2 ** (fruitless - 1), LONGEST_WAIT_MS), signal)
      next = furthest < 0 ? begin : ask
    }
  }
}

/** A broken connection, a failure of the server or of a proxy before it, and another sender of the same bytes pass.
 *  A refusal does not. */
function mayBeTriedAgain(error: unknown): boolean {
  if (error instanceof SteadError) return error.code === 'internal' || error.code === 'upload_offset_wrong'
  return error instanceof UnreachableError
}

async function readChunk(
  { source, size, chunkSize = CHUNK_BYTES }: FileUpload,
  from: number,
): Promise<Blob | Uint8Array> {
  const to = Math.min(from + chunkSize, size)
  // Nothing is left where only the last step is missing: an empty piece asks for it.
  const slice = from === to ? new Uint8Array() : await source.slice(from, to)
  const chunk = slice instanceof ReadableStream ? await new Response(slice as never).blob() : slice
  if (sizeOf(chunk) === to - from) return chunk
  throw new SteadError('digest_mismatch', `The file has changed: bytes ${from} to ${to} are no longer there.`, {
    where: 'source',
  })
}

const sizeOf = (chunk: Blob | Uint8Array) => (chunk instanceof Uint8Array ? chunk.byteLength : chunk.size)

const otherSize = (told: Upload, size: number) =>
  new SteadError('digest_mismatch', `Another sender says that this digest has ${told.size} bytes, not ${size}.`, {
    where: 'size',
  })

/** Not to the millisecond: senders that broke off together should not all come back together. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      },
      ms * (0.75 + Math.random() / 2),
    )
    signal?.addEventListener('abort', stop, { once: true })
  })
}
