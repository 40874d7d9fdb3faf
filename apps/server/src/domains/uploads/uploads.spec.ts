import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { type ClientRequest, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { createLog } from '@stead/chassis'
import {
  appendUpload,
  beginUpload,
  cancelUpload,
  createProject,
  getArtifact,
  getUpload,
  ProjectName,
  putArtifact,
  readPlatform,
} from '@stead/contracts'
import type { Digest, ErrorBody } from '@stead/contracts'
import { type Client, createClient, uploadFile } from '@stead/sdk'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layDatabase } from '../../../../../dev/laws/template.ts'
import { configFrom } from '../../config.ts'
import { readServerEnvironment } from '../../env.ts'
import { DEFAULT, digestOf } from '../../scratch-server.fixture.ts'
import { type RunningServer, startServer } from '../../start.ts'

const LARGEST = 2_000_000
const other = ProjectName.parse('other')
let home: string
let server: RunningServer | undefined
let client: Client

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'stead-uploads-'))
  await layDatabase(home)
  await startAgain()
  await client.call(createProject, { body: { name: other } })
})
afterAll(async () => {
  await server?.close()
  await rm(home, { recursive: true, force: true })
})

/** Ends the server that runs, if any, and starts one on the same home. */
async function startAgain(): Promise<void> {
  await server?.close()
  server = undefined
  const env = { STEAD_HOME: home, STEAD_PORT: '0', STEAD_LOG: 'silent', STEAD_MAX_ARTIFACT: String(LARGEST) }
  server = await startServer(configFrom(readServerEnvironment(env)), {
    log: createLog({ name: 'server', level: 'silent' }),
  })
  client = createClient({ url: server.url })
}

const of = (digest: Digest, project = DEFAULT) => ({ params: { project, digest } })
const begin = (digest: Digest, size: number, project = DEFAULT) =>
  client.call(beginUpload, { ...of(digest, project), body: { size } })
const tell = (digest: Digest, project = DEFAULT) => client.call(getUpload, of(digest, project))
const append = (digest: Digest, offset: number, body: Uint8Array, project = DEFAULT) =>
  client.send(appendUpload, { ...of(digest, project), query: { offset } }, { body, size: body.length })
const read = async (digest: Digest, project = DEFAULT) =>
  Buffer.from(await (await client.open(getArtifact, of(digest, project))).arrayBuffer())
const parts = async (project = 'default') => readdir(join(home, 'uploads', project)).catch(() => [])
const partOf = (digest: Digest, size: number) => join(home, 'uploads', 'default', `${digest.slice(7)}.${size}.part`)

/** An append whose connection is the test's to break; what is given of its body is sent. */
function appendSlowly(digest: Digest, offset: number, announced: number | undefined, sent: Uint8Array): ClientRequest {
  const address = `${client.url}/api/v1/projects/default/uploads/${digest}?offset=${offset}`
  const sending = request(address, { method: 'PATCH', agent: false })
  sending.setHeader('content-type', 'application/octet-stream')
  if (announced !== undefined) sending.setHeader('content-length', announced)
  sending.on('error', () => {}) // cut by the test
  sending.flushHeaders()
  if (sent.length > 0) sending.write(sent)
  return sending
}

const answerOf = (sending: ClientRequest) =>
  new Promise<{ status: number | undefined; error: ErrorBody['error'] }>((resolve, reject) => {
    sending.once('response', (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode, ...(JSON.parse(body) as ErrorBody) }),
        reject,
      )
    })
  })

async function untilReceived(digest: Digest, received: number): Promise<void> {
  while ((await tell(digest)).received !== received) await pause(5)
}

test('pieces add up to the artifact, and begin tells at any time how far it is', async () => {
  const bytes = randomBytes(90_000)
  const digest = digestOf(bytes)
  expect(await begin(digest, 90_000)).toEqual({ digest, size: 90_000, received: 0, complete: false })
  expect(await append(digest, 0, bytes.subarray(0, 50_000))).toMatchObject({ received: 50_000, complete: false })
  await expect(read(digest)).rejects.toMatchObject({ code: 'artifact_not_found' })
  expect(await begin(digest, 90_000)).toMatchObject({ received: 50_000, complete: false })
  const whole = { digest, size: 90_000, received: 90_000, complete: true }
  expect(await append(digest, 50_000, bytes.subarray(50_000))).toEqual(whole)
  expect((await read(digest)).equals(bytes)).toBe(true)
  expect(await tell(digest)).toEqual(whole)
  // Sent again by who did not hear the answer, at whatever place.
  expect(await append(digest, 50_000, bytes.subarray(50_000))).toEqual(whole)
  expect(await begin(digest, 90_000)).toEqual(whole)
  expect(await parts()).toEqual([])
})

test('what was put in one piece is complete as soon as an upload of it begins', async () => {
  const bytes = randomBytes(1000)
  const digest = digestOf(bytes)
  await begin(digest, 1000)
  await append(digest, 0, bytes.subarray(0, 500))
  await client.send(putArtifact, of(digest), { body: bytes, size: 1000 })
  expect(await begin(digest, 1000)).toMatchObject({ complete: true })
  expect(await parts()).toEqual([])
})

test.for([
  ['of known length', 60_000],
  ['of unknown length', undefined],
] as const)('what arrived of a piece %s before its connection broke is kept', async ([, announced]) => {
  const bytes = randomBytes(60_000)
  const digest = digestOf(bytes)
  await begin(digest, 60_000)
  const sending = appendSlowly(digest, 0, announced, bytes.subarray(0, 41_234))
  await untilReceived(digest, 41_234)
  sending.destroy()
  expect(await append(digest, 41_234, bytes.subarray(41_234))).toMatchObject({ complete: true })
  expect((await read(digest)).equals(bytes)).toBe(true)
})

test('a sender at the right place takes over from one whose connection is silent, who is told so', async () => {
  const bytes = randomBytes(60_000)
  const digest = digestOf(bytes)
  await begin(digest, 60_000)
  const silent = appendSlowly(digest, 0, 60_000, bytes.subarray(0, 10_000))
  const told = answerOf(silent)
  await untilReceived(digest, 10_000)
  expect(await append(digest, 10_000, bytes.subarray(10_000, 20_000))).toMatchObject({ received: 20_000 })
  expect(await told).toMatchObject({
    status: 409,
    error: { code: 'upload_offset_wrong', details: { received: 10_000 } },
  })
  // Its late bytes are nobody's.
  silent.write(bytes.subarray(10_000, 30_000))
  await pause(20)
  expect(await tell(digest)).toMatchObject({ received: 20_000 })
  silent.destroy()
  expect(await append(digest, 20_000, bytes.subarray(20_000))).toMatchObject({ complete: true })
})

test('a sender at the wrong place is told the right one, and disturbs nobody who is sending', async () => {
  const bytes = randomBytes(50_000)
  const digest = digestOf(bytes)
  await begin(digest, 50_000)
  const sending = appendSlowly(digest, 0, 50_000, bytes.subarray(0, 30_000))
  await untilReceived(digest, 30_000)
  for (const offset of [0, 29_999, 30_001, 50_000]) {
    await expect(append(digest, offset, bytes.subarray(offset))).rejects.toMatchObject({
      code: 'upload_offset_wrong',
      status: 409,
      where: 'query.offset',
      details: { received: 30_000 },
    })
  }
  sending.end(bytes.subarray(30_000))
  while (!(await tell(digest)).complete) await pause(5)
  expect((await read(digest)).equals(bytes)).toBe(true)
})

test('bytes of another digest are refused at the end, and nothing of them is kept', async () => {
  const digest = digestOf('promised')
  await begin(digest, 8)
  await append(digest, 0, Buffer.from('some'))
  await expect(append(digest, 4, Buffer.from('thin'))).rejects.toMatchObject({ code: 'digest_mismatch', status: 400 })
  await expect(tell(digest)).rejects.toMatchObject({ code: 'upload_not_found', status: 404 })
  await expect(read(digest)).rejects.toMatchObject({ code: 'artifact_not_found' })
  expect(await parts()).toEqual([])
  await begin(digest, 8)
  expect(await append(digest, 0, Buffer.from('promised'))).toMatchObject({ complete: true })
})

test('who knows the digest of another project’s artifact or upload has not thereby the bytes', async () => {
  const bytes = Buffer.from('of the other project')
  const digest = digestOf(bytes)
  await begin(digest, bytes.length, other)
  await append(digest, 0, bytes.subarray(0, 5), other)
  expect(await begin(digest, bytes.length)).toMatchObject({ received: 0 })
  expect(await append(digest, 5, bytes.subarray(5), other)).toMatchObject({ complete: true })
  expect(await begin(digest, bytes.length)).toMatchObject({ received: 0, complete: false })
  await expect(read(digest)).rejects.toMatchObject({ code: 'artifact_not_found' })
  await expect(append(digest, 0, Buffer.from('of the other prodigy'))).rejects.toMatchObject({
    code: 'digest_mismatch',
  })
  await begin(digest, bytes.length)
  await append(digest, 0, bytes)
  expect(await read(digest)).toEqual(bytes)
  await expect(begin(digest, 1, ProjectName.parse('nobody'))).rejects.toMatchObject({ code: 'project_not_found' })
})

test('an upload outlives the server, also one that was cut off when it stopped', async () => {
  const bytes = randomBytes(70_000)
  const digest = digestOf(bytes)
  await begin(digest, 70_000)
  await append(digest, 0, bytes.subarray(0, 20_000))
  await startAgain()
  expect(await tell(digest)).toMatchObject({ received: 20_000 })
  const sending = appendSlowly(digest, 20_000, 50_000, bytes.subarray(20_000, 45_000))
  await untilReceived(digest, 45_000)
  await startAgain()
  sending.destroy()
  expect(await begin(digest, 70_000)).toMatchObject({ received: 45_000 })
  expect(await append(digest, 45_000, bytes.subarray(45_000))).toMatchObject({ complete: true })
  expect((await read(digest)).equals(bytes)).toBe(true)
})

test('a server that died between the last byte and the artifact, or between the artifact and the part, is gone on from', async () => {
  const bytes = randomBytes(5000)
  const digest = digestOf(bytes)
  await begin(digest, 5000)
  await writeFile(partOf(digest, 5000), bytes)
  await startAgain()
  expect(await begin(digest, 5000)).toMatchObject({ received: 5000, complete: false })
  expect(await append(digest, 5000, Buffer.alloc(0))).toMatchObject({ complete: true })
  expect((await read(digest)).equals(bytes)).toBe(true)

  await writeFile(partOf(digest, 5000), bytes.subarray(0, 100))
  expect(await tell(digest)).toMatchObject({ received: 5000, complete: true })
  expect(await begin(digest, 5000)).toMatchObject({ complete: true })
  expect(await parts()).toEqual([])
})

test('an artifact of no bytes is finished by a piece of none', async () => {
  const digest = digestOf('')
  expect(await begin(digest, 0, other)).toEqual({ digest, size: 0, received: 0, complete: false })
  expect(await append(digest, 0, Buffer.alloc(0), other)).toEqual({ digest, size: 0, received: 0, complete: true })
  expect(await read(digest, other)).toHaveLength(0)
  const wrong = digestOf('something')
  await begin(wrong, 0)
  await expect(append(wrong, 0, Buffer.alloc(0))).rejects.toMatchObject({ code: 'digest_mismatch' })
})

test('what would be larger than allowed, or than announced, is refused, and what was there stays', async () => {
  const digest = digestOf('exact')
  await expect(begin(digest, LARGEST + 1)).rejects.toMatchObject({ code: 'payload_too_large', where: 'body.size' })
  await begin(digest, 5)
  await append(digest, 0, Buffer.from('ex'))
  await expect(append(digest, 2, Buffer.from('actly'))).rejects.toMatchObject({ code: 'payload_too_large' })
  const sending = appendSlowly(digest, 2, undefined, Buffer.from('actly'))
  expect(await answerOf(sending)).toMatchObject({ status: 413 })
  sending.destroy()
  expect(await append(digest, 2, Buffer.from('act'))).toMatchObject({ complete: true })
})

test('with another size it begins anew', async () => {
  const digest = digestOf('which size?')
  await begin(digest, 20)
  await append(digest, 0, Buffer.from('which'))
  expect(await begin(digest, 11)).toMatchObject({ size: 11, received: 0 })
  expect(await parts()).toHaveLength(1)
  expect(await append(digest, 0, Buffer.from('which size?'))).toMatchObject({ complete: true })
})

test('an upload that was cancelled is not there, nor is one that was never begun; a body of JSON is none', async () => {
  const digest = digestOf('never mind')
  const missing = { code: 'upload_not_found', status: 404, where: 'path.digest' }
  await expect(append(digest, 0, Buffer.from('never'))).rejects.toMatchObject(missing)
  await expect(client.call(cancelUpload, of(digest))).rejects.toMatchObject(missing)
  await begin(digest, 10)
  const sending = appendSlowly(digest, 0, 10, Buffer.from('never'))
  await untilReceived(digest, 5)
  await client.call(cancelUpload, of(digest))
  await expect(tell(digest)).rejects.toMatchObject(missing)
  expect(await parts()).toEqual([])
  sending.destroy()
  await begin(digest, 10)
  const answer = await fetch(`${client.url}/api/v1/projects/default/uploads/${digest}?offset=0`, {
    method: 'PATCH',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.status).toBe(415)
  await client.call(cancelUpload, of(digest))
})

test('what nobody has touched for seven days is removed, and counts until then', async () => {
  const [old, young] = [digestOf('old'), digestOf('young')]
  for (const digest of [old, young]) {
    await begin(digest, 5)
    await append(digest, 0, Buffer.from('abc'))
  }
  const before = (await client.call(readPlatform, {})).uploads
  expect(before).toEqual({ count: 2, size: 6 })
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000)
  await utimes(partOf(old, 5), ago(7.1), ago(7.1))
  await utimes(partOf(young, 5), ago(6.9), ago(6.9))
  await startAgain()
  while ((await parts()).length > 1) await pause(5)
  await expect(tell(old)).rejects.toMatchObject({ code: 'upload_not_found' })
  expect(await tell(young)).toMatchObject({ received: 3 })
  await client.call(cancelUpload, of(young))
})

test('however the bytes are cut, wherever connections break, the artifact is the file', async () => {
  const step = fc.record({ length: fc.integer({ min: 0, max: 40_000 }), breaks: fc.boolean(), strays: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 100_000 }),
      fc.array(step, { minLength: 1, maxLength: 6 }),
      async (size, steps) => {
        const bytes = randomBytes(size)
        const digest = digestOf(bytes)
        let at = (await begin(digest, size)).received
        for (const { length, breaks, strays } of steps) {
          if (at === size) break
          const piece = bytes.subarray(at, Math.min(size, at + length))
          if (strays) await append(digest, at + 1, piece).catch(() => {})
          if (breaks) {
            // Less than all: the rest never comes, and what did is a part of the truth by the next question.
            const sending = appendSlowly(digest, at, size - at, piece.subarray(0, piece.length - 1))
            await pause(length % 7)
            sending.destroy()
          } else if (piece.length > 0) {
            await append(digest, at, piece).catch((error: unknown) =>
              expect(error).toMatchObject({ code: 'upload_offset_wrong' }),
            )
          }
          const told = await tell(digest)
          expect(told.received).toBeGreaterThanOrEqual(at)
          at = told.received
        }
        const source = { slice: (from: number, to: number) => bytes.subarray(from, to) }
        await uploadFile(client, { project: DEFAULT, digest, size, source, chunkSize: 30_000, wait: () => pause(5) })
        expect((await read(digest)).equals(bytes)).toBe(true)
        expect(await parts()).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
})

test('several senders of one file at once all come to its end', async () => {
  const bytes = randomBytes(1_500_000)
  const digest = digestOf(bytes)
  const source = { slice: (from: number, to: number) => bytes.subarray(from, to) }
  const send = () =>
    uploadFile(client, {
      project: DEFAULT,
      digest,
      size: bytes.length,
      source,
      chunkSize: 50_000,
      wait: () => pause(Math.random() * 20),
    })
  const ends = await Promise.all([send(), send(), send(), send()])
  expect(ends.every(({ complete }) => complete)).toBe(true)
  expect((await read(digest)).equals(bytes)).toBe(true)
  expect(await parts()).toEqual([])
})
