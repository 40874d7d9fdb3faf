import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { createProject, getArtifact, grantArtifact, ProjectName, putArtifact } from '@stead/contracts'
import type { ArtifactGrant, Digest } from '@stead/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT, digestOf, type ScratchServer, startScratchServer } from '../../scratch-server.fixture.ts'

const LARGEST = 100_000
let server: ScratchServer

beforeAll(async () => {
  server = await startScratchServer({ STEAD_MAX_ARTIFACT: String(LARGEST) })
})
afterAll(() => server?.close())

const other = ProjectName.parse('other')
const of = (digest: Digest, project = DEFAULT) => ({ params: { project, digest }, query: undefined, body: undefined })
const addressOf = (digest: Digest, project = 'default') =>
  `${server.url}/api/v1/projects/${project}/artifacts/${digest}`
const put = (bytes: Uint8Array, digest = digestOf(bytes), project = DEFAULT) =>
  server.client.send(putArtifact, of(digest, project), { body: bytes, size: bytes.length })
const isThere = async (digest: Digest) => (await fetch(addressOf(digest))).status === 200
const incoming = () => readdir(join(server.home, 'artifacts', 'incoming'))

/** Waits for what happens in the server after a connection is cut. */
async function untilNothingIncoming(): Promise<void> {
  while ((await incoming()).length > 0) await pause(5)
}

test('bytes that were put come back whole, and putting them again changes nothing', async () => {
  const bytes = randomBytes(70_000)
  const digest = digestOf(bytes)
  expect(await put(bytes)).toEqual({ digest, size: 70_000 })
  expect(await put(bytes)).toEqual({ digest, size: 70_000 })
  const answer = await server.client.open(getArtifact, of(digest))
  expect(answer.headers.get('content-length')).toBe('70000')
  expect(answer.headers.get('etag')).toBe(`"${digest}"`)
  expect(answer.headers.get('content-disposition')).toBe('attachment')
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
})

test('an artifact of no bytes is one', async () => {
  const digest = digestOf('')
  expect(await put(new Uint8Array())).toEqual({ digest, size: 0 })
  expect(await (await fetch(addressOf(digest))).text()).toBe('')
})

test.for([
  ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-2', 206, '89', 'bytes 8-9/10'],
  ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
  ['bytes=10-', 416, undefined, 'bytes */10'],
  ['bytes=-0', 416, undefined, 'bytes */10'],
  ['bytes=5-3', 200, '0123456789', null],
  ['bytes=0-1,4-5', 200, '0123456789', null],
  ['lines=0-3', 200, '0123456789', null],
] as const)('the range %s is answered with %i', async ([range, status, body, contentRange]) => {
  await put(Buffer.from('0123456789'))
  const answer = await fetch(addressOf(digestOf('0123456789')), { headers: { range } })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-range')).toBe(contentRange)
  const given = await answer.text()
  if (body === undefined)
    expect(JSON.parse(given)).toMatchObject({ error: { code: 'invalid_request', where: 'header.range' } })
  else expect(given).toBe(body)
})

test('a caller on this machine is granted the path; one behind a proxy gets the stream', async () => {
  const bytes = Buffer.from('granted')
  const { digest } = await put(bytes)
  const grant = await server.client.call(grantArtifact, of(digest))
  if (grant.kind !== 'path') throw new Error(`granted was ${grant.kind}`)
  expect(grant.size).toBe(bytes.length)
  expect(await readFile(grant.path)).toEqual(bytes)
  const afar = await fetch(`${addressOf(digest)}/grant`, { headers: { 'x-forwarded-for': '192.0.2.1' } })
  expect((await afar.json()) as ArtifactGrant).toEqual({ kind: 'stream', size: bytes.length })
})

test('what another project has put is not there', async () => {
  const bytes = Buffer.from('of the other project')
  const { client } = server
  await client.call(createProject, { params: undefined, query: undefined, body: { name: other } })
  const { digest } = await put(bytes, digestOf(bytes), other)
  const refusal = { code: 'artifact_not_found', status: 404 }
  await expect(client.open(getArtifact, of(digest))).rejects.toMatchObject(refusal)
  await expect(client.call(grantArtifact, of(digest))).rejects.toMatchObject(refusal)
  // Whoever sends the bytes has them, and may read them.
  await put(bytes)
  expect(await isThere(digest)).toBe(true)
})

test('bytes of another digest are refused, and nothing is kept', async () => {
  const digest = digestOf('promised')
  await expect(put(Buffer.from('sent'), digest)).rejects.toMatchObject({ code: 'digest_mismatch', status: 400 })
  expect(await isThere(digest)).toBe(false)
  expect(await isThere(digestOf('sent'))).toBe(false)
  expect(await incoming()).toEqual([])
})

test('a body that is not octets is refused', async () => {
  const answer = await fetch(addressOf(digestOf('{}')), {
    method: 'PUT',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.status).toBe(415)
  expect(await answer.json()).toMatchObject({ error: { code: 'content_type_refused' } })
})

/** Sends the head of an upload and what is given of its body. */
function beginUpload(digest: Digest, announced: number | undefined, part: Uint8Array) {
  const upload = request(addressOf(digest), { method: 'PUT', agent: false })
  upload.setHeader('content-type', 'application/octet-stream')
  if (announced !== undefined) upload.setHeader('content-length', announced)
  upload.on('error', () => {}) // cut by the test
  upload.write(part)
  return upload
}

test.for([
  ['of known size', 50_000],
  ['of unknown size', undefined],
] as const)('an upload %s whose connection is cut leaves nothing', async ([, announced]) => {
  const bytes = randomBytes(50_000)
  const digest = digestOf(bytes)
  const upload = beginUpload(digest, announced, bytes.subarray(0, 30_000))
  while ((await incoming()).length === 0) await pause(5)
  upload.destroy()
  await untilNothingIncoming()
  expect(await isThere(digest)).toBe(false)
  await put(bytes)
  expect(await isThere(digest)).toBe(true)
})

test('a body that ends before its announced length is an upload that broke off, though its digest be right', async () => {
  const bytes = randomBytes(1000)
  const digest = digestOf(bytes)
  const upload = beginUpload(digest, 2000, bytes)
  while ((await incoming()).length === 0) await pause(5)
  upload.destroy()
  await untilNothingIncoming()
  expect(await isThere(digest)).toBe(false)
})

test('bytes beyond the announced length are not taken for part of the artifact', async () => {
  const digest = digestOf('short and more')
  const { port } = new URL(server.url)
  const socket = connect(Number(port), '127.0.0.1')
  const head = [
    `PUT /api/v1/projects/default/artifacts/${digest} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/octet-stream',
    'content-length: 5',
    'connection: close',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\nshort and more`)
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(await isThere(digest)).toBe(false)
})

test('an artifact that is announced too large is refused before its body is sent', async () => {
  const upload = beginUpload(digestOf('whatever'), LARGEST + 1, Buffer.from('w'))
  const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    upload.once('response', (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject)
    })
  })
  upload.destroy()
  expect(answer.status).toBe(413)
  expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'payload_too_large' } })
  expect(await incoming()).toEqual([])
})

test('an artifact that proves too large on the way is refused, and nothing is kept; the largest is taken', async () => {
  const largest = randomBytes(LARGEST)
  await put(largest)
  expect(await isThere(digestOf(largest))).toBe(true)
  const bytes = randomBytes(LARGEST + 1)
  const digest = digestOf(bytes)
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })
  const init: RequestInit = {
    method: 'PUT',
    body,
    headers: { 'content-type': 'application/octet-stream' },
    duplex: 'half',
  }
  const answer = await fetch(addressOf(digest), init)
  expect(answer.status).toBe(413)
  expect(await isThere(digest)).toBe(false)
  expect(await incoming()).toEqual([])
})
