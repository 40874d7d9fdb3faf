import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Digest, ProjectName, SteadError } from '@stead/contracts'
import { afterEach, describe, expect, test } from 'vitest'
import { createClient } from './client.ts'
import { UnreachableError } from './unreachable.ts'
import { type FileUpload, uploadFile, type UploadSource } from './upload.ts'

const project = ProjectName.parse('default')
const bytes = randomBytes(100_000)
const size = bytes.length
const digest = Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)

/** What a request meets; undefined lets it through. */
type Trouble = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** Keeps uploads as the contract says; `trouble` may deal with a request otherwise, and says whether it has. */
async function serve(trouble: Trouble = () => false, kept: Buffer = Buffer.alloc(0)) {
  const seen: string[] = []
  const state = { kept, complete: false }
  const tell = (response: ServerResponse) =>
    response.end(JSON.stringify({ digest, size, received: state.kept.length, complete: state.complete }))
  server = createServer(async (request, response) => {
    const { method, url = '' } = request
    const offset = new URL(url, 'http://test').searchParams.get('offset')
    seen.push(offset === null ? `${method}` : `${method} ${offset}`)
    if (await trouble(request, response)) return
    if (method !== 'PATCH') return tell(response)
    if (Number(offset) !== state.kept.length) {
      return refuse(
        response,
        new SteadError('upload_offset_wrong', 'elsewhere', { details: { received: state.kept.length } }),
      )
    }
    try {
      for await (const chunk of request) state.kept = Buffer.concat([state.kept, chunk as Buffer])
    } catch {
      return
    }
    state.complete = state.kept.length === size
    tell(response)
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return { state, seen, client: createClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }) }
}

const refuse = (response: ServerResponse, error: SteadError) =>
  response.writeHead(error.status).end(JSON.stringify(error.toBody()))

const source: UploadSource = { slice: (from, to) => bytes.subarray(from, to) }
const waits: number[] = []
const file = (more: Partial<FileUpload> = {}): FileUpload => ({
  project,
  source,
  digest,
  size,
  chunkSize: 40_000,
  wait: async (ms) => void waits.push(ms),
  ...more,
})
/** Troubles for the first so many appends. */
function first(count: number, meet: (request: IncomingMessage, response: ServerResponse) => void): Trouble {
  let left = count
  return (request, response) => {
    if (request.method !== 'PATCH' || left-- <= 0) return false
    meet(request, response)
    return true
  }
}

describe('an upload', () => {
  const SOURCES: Record<string, UploadSource> = {
    bytes: source,
    'a file of a browser': new Blob([bytes]),
    'a stream': { slice: async (from, to) => new Blob([bytes.subarray(from, to)]).stream() },
  }
  test.for(Object.entries(SOURCES))('from %s goes piece by piece, and tells how far it is', async ([, from]) => {
    const { client, state, seen } = await serve()
    const told: number[] = []
    const end = await uploadFile(client, file({ source: from, onProgress: ({ received }) => told.push(received) }))
    expect(end).toEqual({ digest, size, received: size, complete: true })
    expect(state.kept.equals(bytes)).toBe(true)
    expect(seen).toEqual(['PUT', 'PATCH 0', 'PATCH 40000', 'PATCH 80000'])
    expect(told).toEqual([0, 40_000, 80_000, 100_000])
  })

  test('begins where an earlier one ended, and sends nothing that is there', async () => {
    const begun = await serve(undefined, bytes.subarray(0, 70_000))
    await uploadFile(begun.client, file())
    expect(begun.seen).toEqual(['PUT', 'PATCH 70000'])
    begun.seen.length = 0
    await uploadFile(begun.client, file())
    expect(begun.seen).toEqual(['PUT'])
  })

  test('whose bytes are all there but not stored, or are none, is finished by an empty piece', async () => {
    const { client, seen } = await serve(undefined, bytes)
    await uploadFile(client, file())
    expect(seen).toEqual(['PUT', `PATCH ${size}`])
  })

  test('that breaks off goes on from what has arrived, after a question for it', async () => {
    const { client, state, seen } = await serve((request, response) => {
      if (request.method !== 'PATCH' || state.kept.length > 0) return false
      return new Promise((resolve) =>
        request.once('data', (chunk: Buffer) => {
          state.kept = chunk.subarray(0, 12_345)
          response.destroy()
          resolve(true)
        }),
      )
    })
    await uploadFile(client, file())
    expect(seen).toEqual(['PUT', 'PATCH 0', 'GET', 'PATCH 12345', 'PATCH 52345', 'PATCH 92345'])
    expect(state.kept.equals(bytes)).toBe(true)
  })

  test.for<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['no answer comes', (_, response) => void response.destroy()],
    [
      'an answer breaks off',
      (_, response) => void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
    ],
    ['a proxy says that nobody is there', (_, response) => void response.writeHead(502).end('<html>')],
    [
      'another sender was faster',
      (_, response) => void refuse(response, new SteadError('upload_offset_wrong', 'x', { details: { received: 0 } })),
    ],
  ])('is tried again when %s, with longer and longer waits', async ([, meet]) => {
    waits.length = 0
    const { client, state } = await serve(first(4, meet))
    await uploadFile(client, file())
    expect(state.kept.equals(bytes)).toBe(true)
    expect(waits).toEqual([250, 500, 1000, 2000])
  })

  test('whose last answer was lost is complete, and sends nothing again', async () => {
    const { client, state, seen } = await serve((request, response) => {
      if (request.method !== 'PATCH' || state.kept.length > 0) return false
      request.resume()
      return new Promise((resolve) =>
        request.once('end', () => {
          state.kept = bytes
          state.complete = true
          response.destroy()
          resolve(true)
        }),
      )
    })
    expect(await uploadFile(client, file({ chunkSize: size }))).toMatchObject({ complete: true })
    expect(seen).toEqual(['PUT', 'PATCH 0', 'GET'])
  })

  test('is given up when nothing moves, and told as unreachable', async () => {
    waits.length = 0
    const { client } = await serve((_, response) => response.destroy() === response)
    await expect(uploadFile(client, file())).rejects.toBeInstanceOf(UnreachableError)
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000])
  })

  test('is not given up while every attempt brings something', async () => {
    const { client, state } = await serve((request, response) => {
      if (request.method !== 'PATCH' || state.kept.length > 90_000) return false
      return new Promise((resolve) =>
        request.once('data', () => {
          state.kept = bytes.subarray(0, state.kept.length + 5000)
          response.destroy()
          resolve(true)
        }),
      )
    })
    await uploadFile(client, file())
    expect(state.kept.equals(bytes)).toBe(true)
  })

  test('that is refused fails at once', async () => {
    for (const code of ['digest_mismatch', 'storage_full', 'upload_not_found'] as const) {
      const { client, seen } = await serve(first(9, (_, response) => void refuse(response, new SteadError(code))))
      await expect(uploadFile(client, file())).rejects.toMatchObject({ code })
      expect(seen).toEqual(['PUT', 'PATCH 0'])
    }
  })

  test('of a file that has become shorter, or cannot be read, fails at once and sends nothing wrong', async () => {
    const { client, state } = await serve()
    const shorter = { slice: (from: number, to: number) => bytes.subarray(0, 50_000).subarray(from, to) }
    await expect(uploadFile(client, file({ source: shorter }))).rejects.toMatchObject({ code: 'digest_mismatch' })
    expect(state.kept).toHaveLength(40_000)
    const unreadable = { slice: () => Promise.reject(new Error('cannot read it')) }
    await expect(uploadFile(client, file({ source: unreadable }))).rejects.toThrow('cannot read it')
  })

  test('ends with the reason of its signal, while it sends and while it waits', async () => {
    for (const answered of [true, false]) {
      const end = new AbortController()
      const { client, state } = await serve((_, response) => {
        if (state.kept.length > 0 || !answered) setTimeout(() => end.abort(new Error('enough')), 20)
        if (!answered) response.destroy()
        return state.kept.length > 0 || !answered
      })
      const { wait: _, ...patient } = file({ signal: end.signal })
      await expect(uploadFile(client, patient)).rejects.toThrow('enough')
    }
  })
})
