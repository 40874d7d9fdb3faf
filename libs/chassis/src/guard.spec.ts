import { createServer } from 'node:http'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createGuard, type GuardedRequest } from './guard.ts'

const guard = createGuard({ allowedHosts: ['stead.example.com', 'kite.example.com:8443', 'FD00:0:0::1'], port: 7070 })
const get = (headers: GuardedRequest['headers']) => guard({ method: 'GET', headers })
const post = (headers: GuardedRequest['headers']) =>
  guard({ method: 'POST', headers: { host: 'localhost', 'content-type': 'application/json', ...headers } })

describe('the Host', () => {
  test.each([
    'localhost',
    'LOCALHOST:7070',
    'localhost:1',
    '127.0.0.1:65535',
    '[::1]',
    '[::1]:7070',
    'stead.example.com',
    'Stead.Example.COM:7070',
    'kite.example.com:8443',
    '[fd00::1]:7070',
    '[FD00::1]',
  ])('%s is let in', (host) => {
    expect(get({ host })).toBeUndefined()
  })

  test.each([
    'evil.example',
    'localhost.evil.example',
    'evil.example:7070',
    'localhost.',
    'stead.example.com.',
    'stead.example.com:7071',
    'kite.example.com',
    'kite.example.com:7070',
    '\u212Aite.example.com:8443', // the Kelvin sign lower-cases to k
    'user@localhost',
    'localhost@evil.example',
    'localhost:7070@evil.example',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '127.0.0.2',
    '127.0.0.1.nip.io',
    '0.0.0.0',
    '::1',
    '[::1',
    '::1]',
    '[::1]evil.example',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::1%25lo]',
    'localhost:',
    'localhost:0',
    'localhost:080',
    'localhost:65536',
    'localhost:-1',
    'localhost:7070:7070',
    'localhost, evil.example',
    'localhost evil.example',
    ' localhost',
    'localhost\t',
    'localhost/',
    'localhost#',
    'localhost\\',
    'ｌocalhost',
    'locaⅼhost',
    'local%68ost',
    'http://localhost',
    '',
  ])('%j is refused', (host) => {
    expect(get({ host })).toMatchObject({ status: 403, code: 'host_not_allowed' })
  })

  test('no text but a known name with a port in range passes', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.string(), fc.constantFrom('localhost', '127.0.0.1', '[::1]'), fc.string())
        .map((part) => part.join('')),
      fc.tuple(fc.domain(), fc.nat(70_000)).map(([name, port]) => `${name}:${port}`),
    )
    const fine = /^(localhost|127\.0\.0\.1|\[::1\])(:[1-9][0-9]{0,4})?$/i
    fc.assert(
      fc.property(hostile, (host) => {
        const port = Number(host.split(':').at(-1))
        const expected = fine.test(host) && !(port > 65_535)
        expect(get({ host }) === undefined).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('the answer does not change when asked again, nor after the memory has overflowed', () => {
    const hosts = Array.from({ length: 1500 }, (_, i) => (i % 2 ? `localhost:${i}` : `evil${i}.example`))
    const ask = () => hosts.map((host) => get({ host })?.code)
    const first = ask()
    expect(first.filter((code) => code === undefined)).toHaveLength(750)
    expect(ask()).toEqual(first)
  })

  test('a missing Host is refused in HTTP/1.1 and let pass in HTTP/1.0, unless a page calls', () => {
    expect(get({})).toMatchObject({ status: 400, code: 'host_missing' })
    expect(guard({ method: 'GET', headers: {}, httpVersion: '1.0' })).toBeUndefined()
    expect(guard({ headers: { origin: 'http://evil.example' }, httpVersion: '1.0' })).toMatchObject({ status: 400 })
  })

  test('a second Host is refused, however it is cased and whichever comes first', () => {
    const request = { method: 'GET', headers: { host: 'localhost' } }
    const rawHeaders = ['Host', 'localhost', 'Accept', 'host', 'hOsT', 'evil.example']
    expect(guard({ ...request, rawHeaders })).toMatchObject({ status: 400, code: 'host_repeated' })
    expect(guard({ ...request, rawHeaders: rawHeaders.slice(0, 4) })).toBeUndefined()
    expect(get({ host: ['localhost', 'localhost'] })).toMatchObject({ code: 'host_repeated' })
  })

  test('Node really shows a second Host in what the guard reads', async () => {
    const server = createServer((request, response) => response.end(guard(request)?.code ?? 'let in'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.end('GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n')
    const answer = (await socket.toArray()).join('')
    server.close()
    // Whether Node itself or the guard turns it away, it must not be let in.
    expect(answer).toMatch(/host_repeated|400 Bad Request/)
  })
})

describe('the Origin', () => {
  test.each([
    ['localhost:7070', 'http://localhost:7070'],
    ['LocalHost:7070', 'http://localhost:7070'],
    ['localhost', 'http://localhost'],
    ['localhost:80', 'http://localhost'],
    ['stead.example.com', 'https://stead.example.com'],
    ['stead.example.com', 'https://stead.example.com:443'],
    ['[::1]:7070', 'http://[::1]:7070'],
  ])('a page of %s may call as %s', (host, origin) => {
    expect(post({ host, origin })).toBeUndefined()
  })

  test.each([
    'null',
    '',
    'http://evil.example',
    'http://localhost:3000',
    'http://localhost',
    'http://stead.example.com:7070',
    'http://localhost:7070.evil.example',
    'http://localhost:7070@evil.example',
    'http://evil.example@localhost:7070',
    'http://localhost:7070/',
    'http://localhost:7070, http://evil.example',
    'https://localhost:443',
    'file://localhost:7070',
    'localhost:7070',
  ])('%j may not call localhost:7070, not even to read', (origin) => {
    expect(get({ host: 'localhost:7070', origin })).toMatchObject({ status: 403, code: 'origin_not_allowed' })
  })

  test('an allowed name cannot vouch for a Host that is not', () => {
    expect(post({ host: 'evil.example', origin: 'http://evil.example' })).toMatchObject({ code: 'host_not_allowed' })
  })
})

describe('a change', () => {
  test('is refused when the browser says that another site asks, while following a link is not', () => {
    expect(post({ 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403, code: 'cross_site' })
    expect(post({ 'sec-fetch-site': 'same-origin' })).toBeUndefined()
    expect(get({ host: 'localhost', 'sec-fetch-site': 'cross-site' })).toBeUndefined()
  })

  test.each([
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/octet-stream',
    'application/json ;a=b',
  ])('may carry %s', (contentType) => {
    expect(post({ 'content-length': '2', 'content-type': contentType })).toBeUndefined()
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'text/plain; application/json',
    'application/jsonp',
    'application/json, text/plain',
    undefined,
  ])('may not carry %s', (contentType) => {
    const refusal = { status: 415, code: 'content_type_not_allowed' }
    expect(post({ 'content-length': '2', 'content-type': contentType })).toMatchObject(refusal)
    expect(post({ 'transfer-encoding': 'chunked', 'content-type': contentType })).toMatchObject(refusal)
    const unheardOf = {
      method: 'FROB',
      headers: { host: 'localhost', 'content-length': '2', 'content-type': contentType },
    }
    expect(guard(unheardOf)).toMatchObject(refusal)
  })

  test('without a body needs no content type', () => {
    expect(post({ 'content-type': undefined })).toBeUndefined()
    expect(post({ 'content-type': undefined, 'content-length': '0' })).toBeUndefined()
  })

  test('may carry what the port was configured to take, and then nothing else', () => {
    const events = createGuard({ allowedHosts: [], contentTypes: ['application/cloudevents+json'] })
    const send = (type: string) =>
      events({ method: 'POST', headers: { host: 'localhost', 'content-length': '2', 'content-type': type } })
    expect(send('application/cloudevents+json')).toBeUndefined()
    expect(send('application/json')?.fix).toBe('Send application/cloudevents+json.')
  })
})

test('a name without a port is good on every port when the guard knows none', () => {
  const anyPort = createGuard({ allowedHosts: ['stead.example.com'] })
  expect(anyPort({ headers: { host: 'stead.example.com:1234' } })).toBeUndefined()
})

test.each(['http://stead.example.com', 'stead.example.com/', '*', '', 'a b', '[:::]'])(
  'a configuration that allows %j is refused with what to write instead',
  (entry) => {
    expect(() => createGuard({ allowedHosts: [entry] })).toThrow(/Write a name/)
  },
)

test('a message shows what was sent without control characters and in bounded length', () => {
  const message = get({ host: `evil\u001b[31m\n${'x'.repeat(5000)}` })?.message ?? ''
  expect(message).not.toMatch(/\p{Cc}/u)
  expect(message.length).toBeLessThan(160)
})
