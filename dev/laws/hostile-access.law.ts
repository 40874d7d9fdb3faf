import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ENDPOINTS, TOKEN_PREFIXES } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { eachOf, lines, say, sayForever } from './hostile-callers.ts'
import { inferUrl, rest, rows } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { codeOf } from './serving.ts'

const SECRET = `${TOKEN_PREFIXES.person}Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmE`
const JSON_TYPE = 'content-type: application/json'

describe('callers who play with the protocol', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({ env: { STEAD_LOG: 'trace' } })
    await platform.push('adder', addConstant(1))
    await platform.push('adder', addConstant(2))
    await platform.deploy('sums', 'adder', 1)
    slow = Object.values(ports()).flatMap(slowCallers)
  })
  afterAll(() => platform.stop())
  /** Opened at once, and looked at in the end. */
  let slow: ReturnType<typeof slowCallers>

  const ports = () => ({
    server: { base: platform.url, write: '/api/v1/projects/default/deployments/sums/swap', read: '/api/v1/status' },
    runner: { base: platform.runners[0]!.rest, write: '/v2/models/sums/infer', read: '/v2/models/sums' },
  })
  const hostOf = (base: string) => `host: ${new URL(base).host}`

  async function expectUntouched(): Promise<void> {
    const { table } = await platform.deployment('sums')
    expect(table).toMatchObject({ generation: 1, routes: [{ version: 1 }], parked: null })
    const { json } = await rest(inferUrl(platform.runners[0]!.rest, 'sums'), rows([[1, 2]]))
    expect(json.outputs).toMatchObject([{ data: [2, 3] }])
  }

  /** Each is what one reader takes for one request and another for two. */
  const AMBIGUOUS: readonly (readonly [string, readonly string[], string?])[] = [
    ['a length and chunks', ['content-length: 5', 'transfer-encoding: chunked']],
    ['chunks and a length', ['transfer-encoding: chunked', 'content-length: 5']],
    ['chunks and a length of nothing', ['transfer-encoding: chunked', 'content-length: 0']],
    ['two lengths', ['content-length: 5', 'content-length: 6']],
    ['two lengths in one', ['content-length: 5, 6']],
    ['the same length twice', ['content-length: 5', 'content-length: 5']],
    ['a length with a sign', ['content-length: +5']],
    ['a negative length', ['content-length: -5']],
    ['a length in hexadecimal', ['content-length: 0x5']],
    ['a length with a space in it', ['content-length: 1 5']],
    ['a length beyond all', ['content-length: 99999999999999999999999']],
    ['no length in its header', ['content-length:']],
    ['chunks and another coding after them', ['transfer-encoding: chunked, identity']],
    ['chunks twice', ['transfer-encoding: chunked, chunked']],
    ['chunks in two headers', ['transfer-encoding: chunked', 'transfer-encoding: identity']],
    ['no coding at all', ['transfer-encoding: identity', 'content-length: 5']],
    ['a coding that only sounds like chunks', ['transfer-encoding: xchunked']],
    ['chunks in quotes', ['transfer-encoding: "chunked"']],
    ['chunks behind a tab', ['transfer-encoding:\tchunked', 'content-length: 5']],
    ['chunks behind a control character', ['transfer-encoding: \u000bchunked', 'content-length: 5']],
    ['a space before the colon', ['transfer-encoding : chunked']],
    ['a length with a space before the colon', ['content-length : 5']],
    ['a folded header', ['x: y\r\n content-length: 5']],
    ['a folded coding', ['transfer-encoding:\r\n chunked']],
    ['a header without a name', [': x']],
    ['a header without a colon', ['content-length']],
    ['a header that ends in a bare line feed', ['x: y\ncontent-length: 5']],
    ['a header with a bare carriage return', ['x: y\rcontent-length: 5']],
    ['a NUL in a header', ['x: y\0z']],
    ['a NUL in the name of a header', ['x\0y: z']],
    ['a chunk size that is none', ['transfer-encoding: chunked'], 'zz\r\n'],
    ['a chunk size with a sign', ['transfer-encoding: chunked'], '+2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk size in C', ['transfer-encoding: chunked'], '0x2\r\n{}\r\n0\r\n\r\n'],
    ['a chunk size beyond all', ['transfer-encoding: chunked'], 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'],
    ['a chunk longer than it says', ['transfer-encoding: chunked'], '1\r\n{}\r\n0\r\n\r\n'],
    ['chunks ended by bare line feeds', ['transfer-encoding: chunked'], '2\n{}\n0\n\n'],
    ['a chunk extension with a line feed', ['transfer-encoding: chunked'], '2;a\nb\r\n{}\r\n0\r\n\r\n'],
    ['a chunk extension with a carriage return', ['transfer-encoding: chunked'], '2;a\rb\r\n{}\r\n0\r\n\r\n'],
    ['a chunk extension without an end', ['transfer-encoding: chunked'], `2;${'a'.repeat(100_000)}\r\n{}\r\n`],
  ]
  const SMUGGLED = (base: string) =>
    lines('POST /v2/repository/models/sums/unload HTTP/1.1', hostOf(base), JSON_TYPE, 'content-length: 2') + '{}'

  test.each(AMBIGUOUS.map(([what, headers, body = '0\r\n\r\n']) => [what, { headers, body }] as const))(
    'a request with %s is answered once at most, and nothing behind it is read',
    async (_, { headers, body }) => {
      for (const { base, write } of Object.values(ports())) {
        const head = lines(`POST ${write} HTTP/1.1`, hostOf(base), JSON_TYPE, ...headers)
        const { answers, closed, text } = await say(base, head + body + SMUGGLED(base))
        expect(answers.length, text).toBeLessThanOrEqual(1)
        for (const status of answers) expect([400, 413, 501], text).toContain(status)
        expect(closed, text).toBe(true)
      }
      await expectUntouched()
    },
  )

  test.each([
    ['a bare line feed after it', 'GET /x HTTP/1.1\nhost: a\n\n'],
    ['a tab in it', 'GET\t/x HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['a version that there is not', 'GET /x HTTP/9.9\r\nhost: a\r\n\r\n'],
    ['the version of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a method that there is not', 'SWAP /x HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['a NUL in it', 'GET /\0 HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['a header before it', 'x: y\r\nGET /x HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['TLS instead of it', '\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000\u00a1\u0003\u0003'],
    ['a chunked answer instead of it', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
  ])('a first line with %s is refused once, and the connection ends', async (_, bytes) => {
    for (const { base } of Object.values(ports())) {
      const { answers, closed, text } = await say(base, bytes.replace('host: a', hostOf(base)))
      expect(answers, text).toHaveLength(1)
      expect([400, 403, 405, 505], text).toContain(answers[0])
      expect(closed).toBe(true)
      expect(text).toMatch(/\{"error":/)
    }
  })

  test('an address with a host in it reaches nothing, whichever host is the wrong one', async () => {
    for (const { base, read } of Object.values(ports())) {
      const own = new URL(base).host
      for (const [target, host] of [
        [`http://evil.example${read}`, own],
        [`http://${own}${read}`, 'evil.example'],
        [`http://${own}${read}`, own],
        [`http://me:${SECRET}@${own}${read}`, own],
        [`//evil.example${read}`, own],
        ['evil.example:80', own],
        ['*', own],
      ] as const) {
        const { answers, text } = await say(base, lines(`GET ${target} HTTP/1.1`, `host: ${host}`, 'connection: close'))
        expect(answers, target).toHaveLength(1)
        expect([400, 403, 404], `${target}: ${text}`).toContain(answers[0])
        expect(text).not.toContain(SECRET)
      }
      const tunnel = await say(base, lines('CONNECT evil.example:443 HTTP/1.1', `host: ${own}`))
      expect(tunnel.answers.filter((status) => status < 400)).toEqual([])
      expect(tunnel.closed).toBe(true)
      const upgrade = ['connection: upgrade, close', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__']
      expect((await say(base, lines(`GET ${read} HTTP/1.1`, `host: ${own}`, ...upgrade))).answers).not.toContain(101)
    }
  })

  test('headers too large are 431 with a reason, on both ports', async () => {
    for (const { base, read } of Object.values(ports())) {
      const large = lines(`GET ${read} HTTP/1.1`, hostOf(base), `x: ${'y'.repeat(17_000)}`)
      const { answers, closed, text } = await say(base, large)
      expect([answers, closed]).toEqual([[431], true])
      expect(text).toContain('16 KiB')
    }
  })

  const CLIMBING = [
    '..',
    '.',
    '%2e%2e',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '%252e%252e%252fetc%252fpasswd',
    '..%5c..%5cetc',
    '%c0%ae%c0%ae%c0%af',
    '..%00',
    'a%00b',
    'a%0d%0ax-evil:%201',
    '%ed%a0%80',
    '%ff%fe',
    '/etc/passwd',
    '__proto__',
    'constructor',
  ]
  test('a name that climbs out of its place is none, in every parameter of every path', async () => {
    const asked = Object.values(ENDPOINTS).flatMap(({ method, path }) => {
      const parameters = path.match(/:[a-zA-Z]+/g) ?? []
      return parameters.flatMap((_, which) =>
        CLIMBING.map((name) => {
          let at = 0
          const filled = path.replaceAll(/:([a-zA-Z]+)/g, (__, parameter: string) =>
            at++ === which ? name : parameter === 'project' ? 'default' : 'x',
          )
          return [method, filled] as const
        }),
      )
    })
    await eachOf(asked, async ([method, path]) => {
      const { answers, text } = await say(
        platform.url,
        lines(`${method} ${path} HTTP/1.1`, hostOf(platform.url), 'connection: close', 'accept: application/json'),
      )
      expect(answers, `${method} ${path}`).toHaveLength(1)
      expect(answers[0], `${method} ${path}: ${text}`).toBeGreaterThanOrEqual(400)
      expect(answers[0], `${method} ${path}: ${text}`).toBeLessThan(500)
      expect(text.toLowerCase()).not.toContain('\r\nx-evil')
      expect(text).not.toContain('root:')
    })
    await expectUntouched()
  })

  test('the files of the console are those, and no others', async () => {
    for (const path of [
      '/assets/../index.html',
      '/assets/..%2findex.html',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/assets/..%2f..%2fpackage.json',
      '/assets/..%5c..%5cpackage.json',
      '/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      '/assets/....//....//etc/passwd',
      '/assets/.hidden%00.js',
      '/assets//etc/passwd',
      '/assets/',
      '/assets',
      '/theme.js/../../package.json',
      '/..%2f..%2f..%2fetc%2fpasswd',
      '/../../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/etc/passwd',
      '/.git/config',
      '/package.json',
    ]) {
      const { answers, text } = await say(
        platform.url,
        lines(`GET ${path} HTTP/1.1`, hostOf(platform.url), 'connection: close'),
      )
      expect(answers, path).toHaveLength(1)
      expect([400, 403, 404], `${path}: ${text}`).toContain(answers[0])
    }
  })

  test('the names of models on the runner climb nowhere either', async () => {
    const { base } = ports().runner
    for (const name of CLIMBING)
      for (const path of [
        `/v2/models/${name}`,
        `/v2/models/${name}/infer`,
        `/v2/models/sums/versions/${name}/infer`,
        `/v1/models/${name}:predict`,
        `/v2/repository/models/${name}/load`,
        `/v2/repository/models/${name}/unload`,
      ]) {
        const isRead = path.endsWith(name)
        const head = [`${isRead ? 'GET' : 'POST'} ${path} HTTP/1.1`, hostOf(base), 'connection: close']
        const body = isRead ? '' : rows([[1, 1]])
        const { answers, text } = await say(
          base,
          lines(...head, ...(isRead ? [] : [JSON_TYPE, `content-length: ${body.length}`])) + body,
        )
        expect(answers, path).toHaveLength(1)
        expect(answers[0], `${path}: ${text}`).toBeGreaterThanOrEqual(400)
        expect(answers[0], `${path}: ${text}`).toBeLessThan(500)
        expect(text.toLowerCase()).not.toContain('\r\nx-evil')
      }
    await expectUntouched()
  })

  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const BOMBS: readonly (readonly [string, string])[] = [
    ['nested deeply', deep(100_000)],
    ['nested in lists', '['.repeat(100_000)],
    ['of very many names', `{${Array.from({ length: 100_000 }, (_, at) => `"k${at}":0`).join()}}`],
    ['of very many items', `{"acts":[${'"x",'.repeat(100_000)}"x"],"name":[${'0,'.repeat(100_000)}0]}`],
    ['with a prototype', '{"__proto__":{"isOwner":true}}'],
    ['with a prototype within', '{"name":"a","limits":{"__proto__":{"x":1}}}'],
    ['with a constructor', '{"constructor":{"prototype":{"isOwner":true}}}'],
    ['with U+0000', String.raw`{"name":"a\u0000b","password":"a\u0000b"}`],
    ['with half a surrogate pair', String.raw`{"name":"\ud800","password":"\udfff"}`],
    ['with line ends in a name', String.raw`{"name":"a\r\nx-evil: 1","model":"a\r\nb","size":"1\r\n"}`],
    ['with a number beyond all', '{"name":1e999,"size":1e999,"version":-1e999,"days":1e999}'],
    ['that is a list', '[]'],
    ['that is null', 'null'],
    ['that is no UTF-8', '{"name":"\u00ff\u00fe"}'],
  ]
  /** Several hundred of these are read at once, on whatever machine: that each is answered is what counts. */
  const HOWEVER_LONG_MS = 120_000
  test.each(BOMBS)('a body %s is refused by every address that takes one', async (_, body) => {
    const taking = Object.values(ENDPOINTS).filter(({ body: schema, method }) => schema && method !== 'GET')
    expect(taking.length).toBeGreaterThan(15)
    await eachOf(taking, async ({ method, path }) => {
      const filled = path.replaceAll(/:([a-zA-Z]+)/g, (__, name: string) => (name === 'project' ? 'default' : 'x'))
      const head = [`${method} ${filled} HTTP/1.1`, hostOf(platform.url), JSON_TYPE, 'connection: close']
      const { answers, text } = await say(
        platform.url,
        lines(...head, `content-length: ${Buffer.byteLength(body, 'latin1')}`) + body,
        HOWEVER_LONG_MS,
      )
      expect(answers, `${method} ${filled}`).toHaveLength(1)
      expect(answers[0], `${method} ${filled}: ${text}`).toBeGreaterThanOrEqual(400)
      expect(answers[0], `${method} ${filled}: ${text}`).toBeLessThan(500)
      expect(text.toLowerCase()).not.toContain('\r\nx-evil')
      expect(text.length, `${method} ${filled}`).toBeLessThan(16_384)
    })
    expect(({} as { isOwner?: boolean }).isOwner).toBeUndefined()
    await expectUntouched()
  })

  test('a credential in an address is refused by every port at every address, and is in no answer and no log', async () => {
    const paths = Object.values(ENDPOINTS).map(
      ({ method, path }) => [method, path.replaceAll(/:[a-zA-Z]+/g, 'x')] as const,
    )
    const asked = [
      ...paths.map(([method, path]) => [platform.url, method, path] as const),
      ...['/', '/nowhere', '/metrics', '/api/v1/%zz'].map((path) => [platform.url, 'GET', path] as const),
      ...['/v2', '/v2/models/sums', '/metrics', '/nowhere'].map(
        (path) => [platform.runners[0]!.rest, 'GET', path] as const,
      ),
    ]
    await eachOf(asked, async ([base, method, path]) => {
      for (const query of [
        `token=${SECRET}`,
        `x=${SECRET}`,
        `x=${SECRET.replace('_', '%5F')}`,
        `access_token=hunter2`,
      ]) {
        const { answers, text } = await say(
          base,
          lines(`${method} ${path}?${query} HTTP/1.1`, hostOf(base), 'connection: close'),
        )
        expect(answers, `${method} ${path}?${query}: ${text}`).toEqual([400])
        expect(text).toContain('do not belong in an address')
        expect(text).not.toMatch(/Zm9v|hunter2/)
      }
    })
    for (const { output } of [platform.server, ...platform.runners]) expect(output()).not.toMatch(/Zm9v|hunter2/)
  })

  test('the server asks nobody that a runner did not come from', async () => {
    let asked = 0
    const canary = createServer((_request, response) => {
      asked += 1
      response.end('{}')
    })
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
    const { port } = canary.address() as AddressInfo
    for (const [address, headers] of [
      [`http://127.0.0.1:${port}`, { 'x-forwarded-for': '10.0.0.1' }],
      [`http://127.0.0.1:${port}/path`, {}],
      [`http://me@127.0.0.1:${port}`, {}],
      [`http://[::ffff:127.0.0.1]:${port}`, {}],
      ['http://169.254.169.254', {}],
      ['http://evil.example', {}],
      ['file:///etc/passwd', {}],
    ] as const) {
      const query = new URLSearchParams({ rest: address, grpc: 'a:1', pid: '1', frontEnds: '1', runtimes: 'onnx' })
      const refused = await rest(`${platform.url}/api/v1/runners/evil/desired?${query}`, undefined, { headers })
      expect([refused.status, codeOf(refused)], address).toEqual([400, 'invalid_request'])
    }
    const { status } = await rest(
      `${platform.url}/api/v1/projects/default/deployments/sums/try`,
      JSON.stringify({ request: JSON.parse(rows([[1, 1]])) as unknown }),
    )
    expect([status, asked]).toEqual([200, 0])
    expect((await platform.runnerStatuses()).map(({ name }) => name)).toEqual(['runner-0'])
    canary.close()
  })

  /** How a connection is held without a request ever being made of it. */
  function slowCallers({ base, write }: { base: string; write: string }) {
    const head = (...more: string[]) => lines(`POST ${write} HTTP/1.1`, hostOf(base), JSON_TYPE, ...more)
    return [
      { says: 'nothing', ...sayForever(base, '', '', 1_000) },
      { says: 'half a line', ...sayForever(base, 'GET /', '', 1_000) },
      { says: 'a header now and then', ...sayForever(base, `POST ${write} HTTP/1.1\r\n`, 'x: y\r\n', 1_000) },
      { says: 'a head and no body', ...sayForever(base, head('content-length: 10'), '', 1_000) },
      { says: 'half a body', ...sayForever(base, `${head('content-length: 10')}{`, '', 1_000) },
      { says: 'half a chunk', ...sayForever(base, `${head('transfer-encoding: chunked')}5\r\n{`, '', 1_000) },
    ]
  }

  test('who holds connections without asking anything is sent away, and keeps nobody else waiting', async () => {
    const crowd = Object.values(ports()).flatMap(({ base }) =>
      Array.from({ length: 200 }, () => sayForever(base, 'GET / HTTP/1.1\r\n', 'x: y\r\n', 500)),
    )
    await expectUntouched()
    for (const { says, heard } of slow) {
      const { answers, closed, text } = await heard(60_000)
      expect([closed, answers], `${says}: ${text}`).toEqual([true, [408]])
      expect(text).toContain('did not come in time')
    }
    for (const { stop } of crowd) stop()
    await expectUntouched()
  })
})
