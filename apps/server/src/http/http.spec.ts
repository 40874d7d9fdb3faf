import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { ENDPOINTS, ERRORS, listProjects } from '@stead/contracts'
import type { ErrorBody } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ScratchServer, startScratchServer } from '../scratch-server.fixture.ts'

const MAX_BODY = 64 * 1024

let server: ScratchServer
beforeAll(async () => {
  server = await startScratchServer({ STEAD_MAX_BODY: String(MAX_BODY) })
})
afterAll(() => server.close())

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly error: ErrorBody['error'] | undefined
}

/** As it is, without what fetch does to addresses and headers. */
function send(method: string, path: string, headers: OutgoingHttpHeaders = {}, body?: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const { hostname, port } = new URL(server.url)
  const sent = request({ hostname, port, method, path, headers, agent: false }, (response) => {
    const chunks: Buffer[] = []
    const answered = () => {
      const text = Buffer.concat(chunks).toString()
      const isJson = response.headers['content-type']?.startsWith('application/json') ?? false
      const error = isJson && text !== '' ? (JSON.parse(text) as Partial<ErrorBody>).error : undefined
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, error })
    }
    // A stream of events has no end: its head is the answer.
    if (response.headers['content-type']?.startsWith('text/event-stream')) {
      answered()
      return void response.destroy()
    }
    response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', answered)
  })
  sent.on('error', reject)
  sent.end(body)
  return promise
}
const JSON_BODY = { 'content-type': 'application/json' }
const create = (body: string, headers: OutgoingHttpHeaders = JSON_BODY) =>
  send('POST', '/api/v1/projects', headers, body)
const projects = async () => (await server.client.call(listProjects, {})).projects.map(({ name }) => name)

/** An address for each endpoint there is, and some that are none or are no endpoint of the contract. */
const ROUTES = [
  ...Object.values(ENDPOINTS).map(({ method, path }) => [method, path.replaceAll(/:[a-zA-Z]+/g, 'x')] as const),
  ['GET', '/'],
  ['GET', '/metrics'],
  ['GET', '/nowhere'],
  ['GET', '/api/v1/%zz'],
  ['OPTIONS', '/api/v1/projects'],
] as const

describe('a caller', () => {
  test.for(ROUTES)('with a foreign Host is turned away: %s %s', async ([method, path]) => {
    const { status, error } = await send(method, path, { host: 'evil.example' })
    expect({ status, code: error?.code }).toEqual({ status: 403, code: 'host_refused' })
  })

  test.for(ROUTES)('with a foreign Origin is turned away: %s %s', async ([method, path]) => {
    for (const origin of ['https://evil.example', 'null']) {
      const { status, error } = await send(method, path, { origin })
      expect({ status, code: error?.code }).toEqual({ status: 403, code: 'host_refused' })
    }
  })

  test.for(ROUTES)(
    'gets the security headers and a request id, and no page of another site may read: %s %s',
    async ([method, path]) => {
      for (const headers of [{}, { host: 'evil.example' }]) {
        const answer = await send(method, path, { 'x-request-id': 'mine-1', ...headers })
        expect(answer.headers).toMatchObject({
          'x-request-id': 'mine-1',
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'content-security-policy': expect.stringContaining("default-src 'self'"),
        })
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
      }
    },
  )

  test('without a request id, or with one that is none, gets a new one', async () => {
    for (const headers of [{}, { 'x-request-id': 'a b' }, { 'x-request-id': 'x'.repeat(200) }]) {
      const { headers: answered } = await send('GET', '/nowhere', headers)
      expect(answered['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    }
  })
})

describe('an address', () => {
  test('where there is nothing is answered with 404 and what to do', async () => {
    const { status, error } = await send('GET', '/api/v1/nothing?quiet=1')
    expect(status).toBe(404)
    expect(error).toEqual({
      code: 'route_not_found',
      message: 'there is nothing at GET /api/v1/nothing',
      fix: ERRORS.route_not_found.fix,
    })
  })

  test('that does not take a method names those it takes', async () => {
    const answer = await send('PATCH', '/api/v1/projects', JSON_BODY, '{}')
    expect(answer).toMatchObject({ status: 405, error: { code: 'method_not_allowed' } })
    expect(answer.headers.allow?.split(', ').toSorted()).toEqual(['GET', 'POST'])
  })

  test.for([
    '/api/v1/projects/default/models/%2e%2e',
    '/api/v1/projects/default/models/..%2f..',
    '/api/v1/projects/default/models/a%2Fb',
    '/api/v1/projects/default/models/a%00b',
    '/api/v1/projects/default/models/a%5Cb',
    '/api/v1/projects/..%2fdefault/models',
    '/api/v1/projects/default/artifacts/sha256:..%2f..%2fetc%2fpasswd',
    '/api/v1/projects/default/models/%ff',
    '/api/v1/projects/default/models/%',
  ])('with slashes, dots or broken escapes in a name is refused as a name: %s', async (path) => {
    const { status, error } = await send('GET', path)
    expect({ status, code: error?.code }).toEqual({ status: 400, code: 'invalid_request' })
  })

  test.for(['/api/v1/projects/default/../default/models', '/api/v1/projects//models', '//api/v1/projects'])(
    'is never tidied up: %s',
    async (path) => {
      expect([400, 404]).toContain((await send('GET', path)).status)
    },
  )

  test('with a name as long as may be is answered, and one that is longer refused', async () => {
    const at = (name: string) => send('GET', `/api/v1/projects/default/models/${encodeURIComponent(name)}`)
    expect(await at('模'.repeat(256))).toMatchObject({ status: 404, error: { code: 'model_not_found' } })
    expect(await at('模'.repeat(257))).toMatchObject({ status: 400, error: { code: 'invalid_request' } })
    expect((await at('模'.repeat(1000))).status).toBeGreaterThanOrEqual(400)
  })
})

describe('a body', () => {
  test.for(['{', '{"name":}', 'name', '{"name":"a"} x', "{'name':'a'}", '\u0000'])(
    'that is not JSON is refused: %j',
    async (body) => {
      expect(await create(body)).toMatchObject({ status: 400, error: { code: 'invalid_request' } })
    },
  )

  test.for(['[]', 'null', '1', '"a"', '{}', '{"name":1}', '{"name":{}}', ''])(
    'that is no %j is refused',
    async (body) => {
      expect(await create(body)).toMatchObject({
        status: 400,
        error: { code: 'invalid_request', where: expect.stringContaining('body') },
      })
    },
  )

  test('that is nested without end is refused, however it is nested', async () => {
    for (const body of [
      '['.repeat(30_000),
      `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`,
      `{"name":${'['.repeat(65)}${']'.repeat(65)}}`,
    ])
      expect(await create(body)).toMatchObject({ status: 400, error: { code: 'invalid_request' } })
  })

  test.for([
    '{"__proto__":{"name":"sly"}}',
    '{"name":"sly","__proto__":{"a":1}}',
    '{"name":"sly","constructor":{"prototype":{"a":1}}}',
  ])('that reaches for prototypes is refused: %s', async (body) => {
    expect(await create(body)).toMatchObject({ status: 400, error: { code: 'invalid_request' } })
    expect(await projects()).not.toContain('sly')
    expect(({} as { a?: number }).a).toBeUndefined()
  })

  test('larger than allowed is refused, and one just as large is read', async () => {
    const sized = (bytes: number) => JSON.stringify({ name: 'x'.repeat(bytes - '{"name":""}'.length) })
    expect(await create(sized(MAX_BODY))).toMatchObject({ status: 400, error: { where: 'body.name' } })
    expect(await create(sized(MAX_BODY + 1))).toMatchObject({ status: 413, error: { code: 'payload_too_large' } })
  })

  test.for([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    undefined,
  ])('of the type %s, which a form of another site could send, is refused', async (type) => {
    const headers = type === undefined ? {} : { 'content-type': type }
    expect(await create('{"name":"formed"}', headers)).toMatchObject({
      status: 415,
      error: { code: 'content_type_refused' },
    })
    expect(await projects()).not.toContain('formed')
  })

  test('of JSON with a charset is read', async () => {
    expect((await create('{"name":"charset"}', { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201)
  })
})
