import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createGuard, createLog } from '@stead/chassis'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from './app.ts'
import { serveConsole } from './console.ts'

let folder: string
let app: FastifyInstance

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stead-console-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Stead</title>')
  await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'export {}')
  await writeFile(join(folder, 'assets', 'main-1a2b.js.gz'), gzipSync('export {}'))
  app = appOver(folder)
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

function appOver(directory: string): FastifyInstance {
  const made = createApp({
    guard: createGuard({ allowedHosts: [] }),
    log: createLog({ name: 'test', level: 'fatal' }),
    maxBody: 1000,
  })
  serveConsole(made, directory)
  return made
}

const ask = (url: string, headers: Record<string, string> = {}, from = app) =>
  from.inject({ method: 'GET', url, headers: { host: 'localhost', ...headers } })
const html = { accept: 'text/html,application/xhtml+xml' }

test('every view of the console is the one page, which is never kept', async () => {
  for (const view of ['/', '/p/default/deployments/forecast?range=1h', '/platform', '/no/such/view']) {
    const answer = await ask(view, html)
    expect(answer.body, view).toContain('<title>Stead</title>')
    expect(answer.headers['cache-control']).toBe('no-cache')
  }
})

test('the page may run nothing but its own files', async () => {
  const policy = String((await ask('/', html)).headers['content-security-policy'])
  expect(policy).toContain("default-src 'self'")
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
})

test('the document for foreign pages has no origin, asks nobody, and is held by no other site', async () => {
  const answer = await ask('/frame.html', html)
  expect(answer.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'cache-control': 'no-store',
  })
  const policy = String(answer.headers['content-security-policy']).split('; ')
  expect(policy).toEqual(
    expect.arrayContaining([
      'sandbox allow-scripts',
      "default-src 'none'",
      "connect-src 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
    ]),
  )
  expect(policy.join()).not.toMatch(/https?:|\*|allow-same-origin|allow-top|allow-popups|allow-forms/)
})

test('built files are kept for good, and come in the form that the browser takes', async () => {
  const answer = await ask('/assets/main-1a2b.js', { 'accept-encoding': 'gzip' })
  expect(answer.headers).toMatchObject({
    'content-encoding': 'gzip',
    'cache-control': expect.stringMatching('immutable'),
  })
})

test('what is of a protocol, or asked for by a program, is told as not found and is no page', async () => {
  const addresses: [string, Record<string, string>][] = [
    ['/api/v1/nothing', html],
    ['/v2/nothing', html],
    ['/assets/gone.js', html],
    ['/nothing', { accept: 'application/json' }],
  ]
  for (const [address, headers] of addresses) {
    const answer = await ask(address, headers)
    expect(answer.statusCode, address).toBe(404)
    expect(answer.json()).toMatchObject({ error: { code: 'route_not_found' } })
  }
})

test('files beside the console cannot be reached through it', async () => {
  for (const address of ['/../package.json', '/assets/..%2f..%2fpackage.json', '/%2e%2e/package.json'])
    expect((await ask(address)).statusCode, address).toBeGreaterThanOrEqual(400)
})

test('a server whose console was not built says so, and where its API is', async () => {
  const bare = appOver(join(folder, 'nowhere'))
  const answer = await ask('/', html, bare)
  expect(answer.statusCode).toBe(200)
  expect(answer.body).toContain('/api/v1/openapi.json')
  await bare.close()
})
