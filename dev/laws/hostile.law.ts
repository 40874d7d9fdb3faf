import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { grpcCaller, grpcRows, rows } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { grpcAsk, grpcCode } from './serving.ts'

interface Spoken {
  readonly status: number
  readonly head: string
}

/** One request as bytes, so that every header is exactly what a browser would send. */
function speak(base: string, lines: readonly string[], body = ''): Promise<Spoken> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ host: hostname, port: Number(port) }, () =>
      socket.write(
        `${lines.join('\r\n')}\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ),
    )
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => {
      const head = text.split('\r\n\r\n', 1)[0]!
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head })
    })
  })
}

describe('a hostile page and a rebound name', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform()
    await platform.push('adder', addConstant(1))
    await platform.push('adder', addConstant(2))
    await platform.deploy('sums', 'adder', 1)
  })
  afterAll(() => platform.stop())

  /** A write and a read of each HTTP port, which do something when they are not refused. */
  const ports = () =>
    [
      {
        port: 'server',
        base: platform.url,
        write: '/api/v1/projects/default/deployments/sums/swap',
        body: JSON.stringify({ version: 2 }),
        read: '/api/v1/status',
      },
      {
        port: 'runner',
        base: platform.runners[0]!.rest,
        write: '/v2/models/sums/infer',
        body: rows([[1, 1]]),
        read: '/v2/models/sums',
      },
      {
        port: 'repository of the runner',
        base: platform.runners[0]!.rest,
        write: '/v2/repository/models/sums/unload',
        body: '{}',
        read: '/v2',
      },
    ] as const
  const hostOf = (base: string) => new URL(base).host
  const JSON_TYPE = 'content-type: application/json'
  const noCors = ({ head }: Spoken) => expect(head.toLowerCase()).not.toContain('access-control-')

  test.each([
    ['a foreign origin', [JSON_TYPE, 'origin: https://evil.example'], 403],
    ['the origin of a sandboxed frame', [JSON_TYPE, 'origin: null'], 403],
    ['its own name at another port as origin', [JSON_TYPE, 'origin: http://127.0.0.1:1'], 403],
    ['another scheme as origin', [JSON_TYPE, 'origin: file://'], 403],
    ['a cross-site fetch', [JSON_TYPE, 'sec-fetch-site: cross-site', 'sec-fetch-mode: cors'], 403],
    [
      'a no-cors fetch',
      ['content-type: text/plain;charset=UTF-8', 'sec-fetch-site: cross-site', 'sec-fetch-mode: no-cors'],
      403,
    ],
    ['a form', ['content-type: application/x-www-form-urlencoded'], 415],
    ['a form with files', ['content-type: multipart/form-data; boundary=x'], 415],
    ['a form of plain text', ['content-type: text/plain'], 415],
    ['a type that only begins well', ['content-type: application/json-evil'], 415],
    ['a beacon without a type, from another site', ['sec-fetch-site: cross-site'], 403],
  ] as const)('%s changes nothing on any port', async (_, headers, status) => {
    for (const { base, write, body } of ports()) {
      const refused = await speak(base, [`POST ${write} HTTP/1.1`, `host: ${hostOf(base)}`, ...headers], body)
      expect(refused.status, write).toBe(status)
      noCors(refused)
    }
    await expectUntouched()
  })

  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'localhost.',
    '2130706433',
    '127.1',
    '0x7f.0.0.1',
    '[::ffff:127.0.0.1]',
    'user@127.0.0.1',
    '',
  ])('the host name "%s" is refused on every port, for reads as well', async (name) => {
    for (const { base, write, read, body } of ports()) {
      const refused = [
        await speak(base, [`GET ${read} HTTP/1.1`, `host: ${name}`]),
        await speak(base, [`POST ${write} HTTP/1.1`, `host: ${name}`, JSON_TYPE], body),
        await speak(base, [`POST ${write} HTTP/1.1`, `host: ${name}`, JSON_TYPE, `origin: http://${name}`], body),
      ]
      for (const spoken of refused) {
        expect([400, 403], `${base} ${name}: ${spoken.head}`).toContain(spoken.status)
        noCors(spoken)
      }
    }
    await expectUntouched()
  })

  test('two host names, or none, are refused', async () => {
    for (const { base, read } of ports()) {
      const twice = await speak(base, [`GET ${read} HTTP/1.1`, `host: ${hostOf(base)}`, 'host: evil.example'])
      const never = await speak(base, [`GET ${read} HTTP/1.1`])
      expect([twice.status, never.status]).toEqual([400, 400])
    }
  })

  test('no answer ever carries a CORS header, preflights included', async () => {
    for (const { base, write, read, body } of ports()) {
      const asked = [
        ...['https://evil.example', `http://${hostOf(base)}`].map((origin) =>
          speak(base, [
            `OPTIONS ${write} HTTP/1.1`,
            `host: ${hostOf(base)}`,
            `origin: ${origin}`,
            'access-control-request-method: POST',
            'access-control-request-headers: content-type',
            'access-control-request-private-network: true',
          ]),
        ),
        speak(base, [`GET ${read} HTTP/1.1`, `host: ${hostOf(base)}`, `origin: http://${hostOf(base)}`]),
        speak(base, [`GET ${read} HTTP/1.1`, `host: ${hostOf(base)}`, 'origin: https://evil.example']),
        speak(base, [`GET /nowhere HTTP/1.1`, `host: ${hostOf(base)}`]),
        speak(
          base,
          [`POST ${write} HTTP/1.1`, `host: ${hostOf(base)}`, JSON_TYPE, 'origin: https://evil.example'],
          body,
        ),
      ]
      const [preflight, own, same] = await Promise.all(asked)
      expect(preflight!.status).toBe(403)
      expect(own!.status).toBeGreaterThanOrEqual(400)
      expect(same!.status).toBe(200)
      for (const spoken of await Promise.all(asked)) noCors(spoken)
    }
    await expectUntouched()
  })

  test('gRPC refuses a foreign authority, for every kind of call', async () => {
    const { grpc } = platform.runners[0]!
    for (const authority of ['evil.example', 'evil.example:7081', 'localhost.evil.example', 'localhost.']) {
      const options = { 'grpc.default_authority': authority }
      for (const [method, request] of [
        ['ModelInfer', grpcRows('sums', [[1, 1]])],
        ['ServerLive', {}],
        ['ModelMetadata', { name: 'sums' }],
        ['RepositoryIndex', {}],
        ['RepositoryModelUnload', { model_name: 'sums' }],
        ['RepositoryModelLoad', { model_name: 'sums', parameters: {} }],
      ] as const)
        expect(await grpcCode(grpcAsk(grpc, method, request, { options })), `${authority} ${method}`).toBe(7)
    }
    await expectUntouched()
  })

  async function expectUntouched(): Promise<void> {
    const { table } = await platform.deployment('sums')
    expect(table).toMatchObject({ generation: 1, routes: [{ version: 1 }], parked: null })
    const caller = grpcCaller(platform.runners[0]!.grpc)
    const { answer } = await caller.infer(grpcRows('sums', [[1, 1]]))
    caller.close()
    expect(answer.modelVersion).toBe('1')
  }
})
