import { request } from 'node:http'
import querystring from 'node:querystring'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ABSENT, type Asker, startClosedServer } from '../domains/access/askers.fixture.ts'
import { type ScratchServer, startScratchServer } from '../scratch-server.fixture.ts'
import type { MlflowRoute } from './mount.ts'

/** Every route of the protocol, as it is served, against what has gone wrong with servers of it before: a route that is
 *  added is tested here without being named. */

let open: ScratchServer
let closed: ScratchServer
let askers: readonly Asker[] = []
beforeAll(async () => {
  open = await startScratchServer({ STEAD_LOG: 'error' })
  ;({ server: closed, askers } = await startClosedServer())
})
afterAll(async () => {
  await open?.close()
  await closed?.close()
})

const NOTHING = 'f'.repeat(32)
const addressOf = ({ url }: MlflowRoute, project = 'default', part = NOTHING) =>
  url.replaceAll(/:project|:workspace_name/g, project).replaceAll(/:[a-zA-Z_]+|\*/g, part)

/** One address of each operation is enough where the prefix is no part of the question. */
const operationsOf = (server: ScratchServer) =>
  server.mlflowRoutes.filter(({ url }) => !/\/preview\/|ajax-api|^\/p\//.test(url) || !hasPlain(server, url))
const hasPlain = ({ mlflowRoutes }: ScratchServer, url: string) => {
  const plain = url
    .replace(/^\/p\/:project/, '')
    .replace('/ajax-api/', '/api/')
    .replace('/preview/', '/')
  return plain !== url && mlflowRoutes.some((route) => route.url === plain)
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** With the address exactly as it is given: `fetch` would take the dots out of it. */
function ask(
  server: ScratchServer,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const asking = request(
      { hostname, port, path, method, headers: { ...headers, ...length }, agent: false },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () =>
          resolve({ status: answer.statusCode!, text: Buffer.concat(chunks).toString(), headers: answer.headers }),
        )
        answer.on('error', reject)
      },
    )
    asking.on('error', (cause) =>
      reject(new Error(`${method} ${path.slice(0, 200)} ${body?.slice(0, 200)}`, { cause })),
    )
    asking.end(body)
  })
}

const takesBody = (method: string) => method !== 'GET'
const asJson = { 'content-type': 'application/json' }
const codeOf = ({ text }: Answer): string => {
  try {
    return (JSON.parse(text) as { error_code?: string }).error_code ?? ''
  } catch {
    return ''
  }
}

describe('every route', () => {
  test('is served under both prefixes, with and without a project before it', () => {
    const urls = new Set(open.mlflowRoutes.map(({ url }) => url))
    for (const url of urls) {
      if (!url.startsWith('/p/')) expect(urls, url).toContain(`/p/:project${url}`)
      if (/^\/api\/[23]\.0\/mlflow\//.test(url)) expect(urls, url).toContain(url.replace('/api/', '/ajax-api/'))
    }
    expect(urls.size).toBeGreaterThan(0)
  })

  test('lets in whom the table of acts names, and nobody else', { timeout: 300_000 }, async () => {
    for (const route of closed.mlflowRoutes) {
      if (/\/preview\//.test(route.url)) continue
      for (const { who, headers, may } of askers) {
        const sent = takesBody(route.method) ? { ...headers, ...asJson } : headers
        const body = takesBody(route.method) ? '{}' : undefined
        const answer = await ask(closed, route.method, addressOf(route), sent, body)
        const told = `${who}: ${route.method} ${route.url} ${answer.status} ${answer.text.slice(0, 200)}`
        const expected = may(route.act)
        if (expected === 'sign in') expect([answer.status, codeOf(answer)], told).toEqual([401, 'UNAUTHENTICATED'])
        else if (expected === 'no') expect([answer.status, codeOf(answer)], told).toEqual([403, 'PERMISSION_DENIED'])
        else if (expected === 'nothing here') {
          if (!route.url.startsWith('/p/')) continue
          const absent = await ask(closed, route.method, addressOf(route, ABSENT), sent, body)
          expect([answer.status, absent.status], told).toEqual([404, 404])
          expect(answer.text.replaceAll('default', ABSENT), told).toBe(absent.text)
        } else expect([401, 403], told).not.toContain(answer.status)
      }
    }
  })

  test('refuses what a page of another site could send', async () => {
    for (const route of operationsOf(open)) {
      const path = addressOf(route)
      const evil = { ...asJson, origin: 'https://evil.example' }
      expect((await ask(open, route.method, path, evil, takesBody(route.method) ? '{}' : undefined)).status).toBe(403)
      expect((await ask(open, route.method, path, { host: 'evil.example' })).status).toBe(403)
      if (route.method !== 'POST') continue
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
        const cross = { 'content-type': type, 'sec-fetch-site': 'cross-site' }
        expect((await ask(open, 'POST', path, cross, '{"name":"x"}')).status, `${path} ${type}`).toBe(403)
      }
    }
  })

  test('is led to no file but its own by any spelling of a path', { timeout: 300_000 }, async () => {
    const canary = join(open.home, 'canary.txt')
    const secret = 'a secret that is nobody’s'
    await writeFile(canary, secret)
    for (const route of operationsOf(open)) {
      for (const spelling of spellingsOf(canary)) {
        const path = addressOf(route, 'default', spelling)
        const values = `path=${spelling}&artifact_file_path=${spelling}&run_id=${spelling}&name=${spelling}&request_id=${spelling}`
        const text = querystring.unescape(spelling)
        const fields = {
          path: text,
          name: 'm',
          source: text,
          artifact_location: text,
          run_id: text,
          artifact_path: text,
        }
        const answer = await ask(
          open,
          route.method,
          `${path}?${values}`,
          takesBody(route.method) ? asJson : {},
          takesBody(route.method) ? JSON.stringify(fields) : undefined,
        )
        const told = `${route.method} ${path} ${answer.status} ${answer.text.slice(0, 200)}`
        expect(answer.status % 501, told).toBeLessThan(500)
        expect(answer.text, told).not.toContain(secret)
      }
    }
    expect(await readFile(canary, 'utf8')).toBe(secret)
  })

  test('says 4xx to a caller’s mistake, and never 5xx', { timeout: 300_000 }, async () => {
    const junk = fc.oneof(
      fc.constantFrom(
        null,
        true,
        0,
        -1,
        1.5,
        2 ** 53,
        1e308,
        '',
        'x',
        '0',
        'NaN',
        '\u{1F600}',
        [],
        {},
        [[]],
        [{}],
        '{}',
      ),
      fc.string({ maxLength: 50, unit: 'grapheme' }),
      fc.array(fc.constantFrom('a', 1, null, {}), { maxLength: 3 }),
    )
    const bodies = fc.record(Object.fromEntries(FIELDS.map((name) => [name, junk])), { requiredKeys: [] })
    for (const route of operationsOf(open)) {
      await fc.assert(
        fc.asyncProperty(bodies, async (fields) => {
          const query = new URLSearchParams(
            Object.entries(fields).map(([key, value]): [string, string] => [
              key,
              typeof value === 'string' ? value : JSON.stringify(value),
            ]),
          )
          const path = `${addressOf(route)}${takesBody(route.method) ? '' : `?${query}`}`
          const body = takesBody(route.method) ? JSON.stringify(fields) : undefined
          const answer = await ask(open, route.method, path, body === undefined ? {} : asJson, body)
          if (answer.status >= 500 && answer.status !== 501)
            throw new Error(`${route.method} ${path} ${body}: ${answer.status} ${answer.text}`)
          if (answer.status >= 400) expect(codeOf(answer), `${route.method} ${path} ${answer.text}`).not.toBe('')
        }),
        { numRuns: 12 },
      )
    }
  })

  test('reads no body that is too long, too deep or no JSON', { timeout: 120_000 }, async () => {
    const deep = `{"filter":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    const long = JSON.stringify({ filter: `name = '${'x'.repeat(1_000_000)}'`, name: 'x'.repeat(1_000_000) })
    for (const route of operationsOf(open).filter(({ method }) => method === 'POST')) {
      for (const body of [deep, long, '{', '"', '[1]', 'null', '\ufeff{}', `{"a":"\\ud800"}`]) {
        const answer = await ask(open, 'POST', addressOf(route), asJson, body)
        expect(answer.status % 501, `${route.url} ${body.slice(0, 40)} ${answer.text.slice(0, 200)}`).toBeLessThan(500)
      }
    }
  })
})

const FIELDS = [
  'experiment_id',
  'experiment_ids',
  'name',
  'new_name',
  'run_id',
  'run_uuid',
  'run_ids',
  'key',
  'value',
  'step',
  'timestamp',
  'metrics',
  'params',
  'tags',
  'filter',
  'filter_string',
  'order_by',
  'max_results',
  'page_token',
  'path',
  'source',
  'version',
  'alias',
  'stage',
  'status',
  'datasets',
  'models',
  'metric_key',
  'trace',
  'events',
  'url',
]

/** Of a path that leads out, the ways to write it that servers have let through. */
function spellingsOf(target: string): string[] {
  const up = '../'.repeat(12)
  const bare = target.slice(1)
  return [
    `${up}${bare}`,
    `${up.replaceAll('../', '..%2f')}${bare.replaceAll('/', '%2f')}`,
    `${up.replaceAll('../', '%2e%2e%2f')}${bare.replaceAll('/', '%2f')}`,
    `${up.replaceAll('../', '%252e%252e%252f')}${bare.replaceAll('/', '%252f')}`,
    `${up.replaceAll('../', '..%5c')}${bare.replaceAll('/', '%5c')}`,
    `a/${up}${bare}`,
    encodeURIComponent(target),
    `%2f${bare}`,
    `file:${encodeURIComponent(target)}`,
    `file:%2f%2f${encodeURIComponent(target)}`,
    `C:%5cwindows%5cwin.ini`,
    `%2f%2fhost%2f${bare}`,
    `x%23/../${bare}`,
    `x;/..;/${bare}`,
    `x%00${bare}`,
    `x%0d%0aevil:%201`,
    `%c0%ae%c0%ae/${bare}`,
    `%ef%bc%8e%ef%bc%8e/${bare}`,
    `${'a'.repeat(3000)}`,
  ]
}
