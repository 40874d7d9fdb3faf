import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AccountName,
  createAccount,
  createAccountToken,
  ENDPOINTS,
  exportAudit,
  listAudit,
  ProjectName,
} from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkLog } from '../../apps/cli/src/audit-log.ts'
import { addConstant } from '../fixtures/onnx/models.ts'
import { eachOf, firstAnswer, lines, say, sayForever } from './hostile-callers.ts'
import { rows } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'

const project = ProjectName.parse('default')
const JSON_TYPE = 'content-type: application/json'

describe('strangers at a closed installation', () => {
  let platform: Platform
  let folder: string
  let silent: ReturnType<typeof sayForever>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stead-strangers-'))
    platform = await startPlatform({ closed: true })
    await platform.push('adder', addConstant(1))
    await platform.deploy('sums', 'adder', 1)
    silent = sayForever(`http://${platform.runners[0]!.grpc}`, '', '', 1_000)
  })
  afterAll(async () => {
    await platform?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const hostOf = (base: string) => `host: ${new URL(base).host}`

  test('are refused before any of a body is waited for, whatever is announced', async () => {
    for (const [base, method, path, type] of [
      [platform.url, 'POST', '/api/v1/projects/default/deployments/sums/swap', JSON_TYPE],
      [
        platform.url,
        'PUT',
        `/api/v1/projects/default/artifacts/sha256:${'0'.repeat(64)}`,
        'content-type: application/octet-stream',
      ],
      [platform.url, 'POST', '/api/v1/restore', 'content-type: application/octet-stream'],
      [platform.runners[0]!.rest, 'POST', '/v2/models/sums/infer', JSON_TYPE],
      [platform.runners[0]!.rest, 'POST', '/v2/repository/models/sums/unload', JSON_TYPE],
    ] as const)
      for (const framing of ['content-length: 1000000', 'transfer-encoding: chunked']) {
        const head = lines(`${method} ${path} HTTP/1.1`, hostOf(base), type, framing)
        expect([401, 404], `${path} ${framing}`).toContain(await firstAnswer(base, head))
      }
  })

  const ODD = ['a%00b', 'a%0d%0ab', '%2e%2e%2f', '__proto__', 'x'.repeat(299) + '%F0%9F%98%80', '%E2%80%AE', '\u00ff']
  const ODD_PROJECTS = ['__proto__', 'a%00b', '%2e%2e', 'default%00', 'DEFAULT', 'default%2f..']

  test('and what they ask for break nothing: every address answers them, and the server goes on', async () => {
    const asked = Object.values(ENDPOINTS).flatMap(({ method, path }) => [
      ...ODD.map((odd) => [
        method,
        path.replaceAll(/:([a-zA-Z]+)/g, (_, name) => (name === 'project' ? 'default' : odd)),
      ]),
      ...ODD_PROJECTS.map((odd) => [
        method,
        path.replaceAll(/:([a-zA-Z]+)/g, (_, name) => (name === 'project' ? odd : 'x')),
      ]),
    ])
    const { pid } = platform.server
    await eachOf(asked, async ([method, path]) => {
      const { answers, text } = await say(
        platform.url,
        lines(`${method} ${path} HTTP/1.1`, hostOf(platform.url), 'connection: close'),
      )
      expect(answers, `${method} ${path}`).toHaveLength(1)
      expect(answers[0], `${method} ${path}: ${text}`).toBeLessThan(500)
    })
    expect(platform.server.pid).toBe(pid)
    expect(platform.server.output()).not.toMatch(/unexpectedly|invalid byte|0x00/)
  })

  test('a token that is malformed, doubled or enormous is as good as none', async () => {
    for (const base of [platform.url, platform.runners[0]!.rest])
      for (const headers of [
        ['authorization: Bearer'],
        ['authorization: Bearer '],
        ['authorization: Bearer \u00ff\u00fe'],
        [`authorization: Bearer ${'a'.repeat(15_000)}`],
        ['authorization: Bearer a', 'authorization: Bearer b'],
        ['authorization: Basic !!!!'],
        ['authorization: Basic OjpAOg=='],
        ['authorization: Negotiate x'],
        ['x-api-key: a', 'x-api-key: b'],
        ['cookie: stead_session=; stead_session=a; stead_session'],
        [`cookie: ${'stead_session=a; '.repeat(800)}`],
        ['cookie: __proto__=a; stead_session=%00'],
        ['x-forwarded-for: 127.0.0.1', 'forwarded: for=127.0.0.1'],
        ['x-forwarded-user: ada', 'x-remote-user: ada', 'x-stead-actor: local'],
      ]) {
        const path = base === platform.url ? '/api/v1/projects/default/models' : '/v2/models/sums'
        const { answers, text } = await say(
          base,
          lines(`GET ${path} HTTP/1.1`, hostOf(base), 'connection: close', ...headers),
        )
        expect(answers, `${headers.join()}: ${text}`).toEqual([401])
      }
  })

  test('odd names in refused attempts are in the audit log, and it stays whole', async () => {
    const account = AccountName.parse('robot')
    const { client } = platform
    await client.call(createAccount, { params: { project }, body: { name: account, roles: ['viewer'] } })
    const { secret } = await client.call(createAccountToken, { params: { project, account }, body: { name: 'odd' } })
    for (const odd of ODD) {
      const { answers, text } = await say(
        platform.url,
        lines(
          `POST /api/v1/projects/default/deployments/${odd}/swap HTTP/1.1`,
          hostOf(platform.url),
          `authorization: Bearer ${secret}`,
          'connection: close',
        ),
      )
      expect([400, 403], `${odd}: ${text}`).toContain(answers[0])
    }
    const path = join(folder, 'audit.jsonl')
    const denied = async () => {
      const { entries } = await client.call(listAudit, { params: { project }, query: { outcome: 'denied' } })
      return entries.filter(({ act }) => act === 'deployment.swap').length
    }
    await expect.poll(denied).toBeGreaterThanOrEqual(ODD.length - 1)
    const response = await client.open(exportAudit, { params: { project } })
    await writeFile(path, Buffer.from(await response.arrayBuffer()))
    expect((await checkLog(path, {})).entries).toBeGreaterThanOrEqual(ODD.length - 1)
    const { broken } = await client.call(listAudit, { params: { project }, query: {} })
    expect(broken).toBeNull()
  })

  test('a connection to the gRPC port that says nothing ends', async () => {
    const { closed } = await silent.heard(60_000)
    expect(closed).toBe(true)
    const { answers } = await say(
      platform.runners[0]!.rest,
      lines(
        'POST /v2/models/sums/infer HTTP/1.1',
        hostOf(platform.runners[0]!.rest),
        JSON_TYPE,
        'connection: close',
        `content-length: ${rows([[1, 1]]).length}`,
      ) + rows([[1, 1]]),
    )
    expect(answers).toEqual([401])
  })
})
