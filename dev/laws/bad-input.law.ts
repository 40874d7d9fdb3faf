import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest'
import { NO_PARAMETERS } from '../../apps/runner/src/inference/request.ts'
import { addConstant, identity } from '../fixtures/onnx/models.ts'
import { counted } from './counts.ts'
import { grpcCaller, grpcRows, inferUrl, rest, rows } from './load.ts'
import type { GrpcCaller, RestAnswer } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { raw, zeros } from './raw-requests.ts'
import { codeOf, grpcAsk, grpcCode, settled } from './serving.ts'
import { deep, input, WRONG } from './wrong-requests.ts'

const MAX_BODY = 256 * 1024
const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

describe('bad input', () => {
  let platform: Platform
  let caller: GrpcCaller
  let pids: number[]
  beforeAll(async () => {
    platform = await startPlatform({ env: { STEAD_MAX_BODY: String(MAX_BODY) } })
    await platform.push('adder', addConstant(1))
    await platform.push('wide', identity('INT64', [-1]))
    await platform.deploy('sums', 'adder', 1)
    await platform.deploy('wide', 'wide', 1)
    caller = grpcCaller(platform.runners[0]!.grpc)
    pids = await processes()
  })
  afterAll(async () => {
    caller?.close()
    await platform.stop()
  })
  const runner = () => platform.runners[0]!.rest
  const native = (path: string) => `${platform.url}/api/v1/projects/default/${path}`
  const processes = async () => [
    platform.server.pid,
    ...(await platform.runnerStatuses()).flatMap(({ pid, engines }) => [
      pid,
      ...engines.map(({ hostPid }) => hostPid!),
    ]),
  ]

  let stored: string[]
  beforeEach(async () => {
    stored = await filesOf(platform.home)
  })
  /** Whatever came in, all processes are the same ones, all ports answer, and nothing was kept. */
  afterEach(async () => {
    const { json } = await rest(inferUrl(runner(), 'sums'), rows([[1, 2]]))
    expect(json.outputs).toMatchObject([{ data: [2, 3] }])
    await caller.infer(grpcRows('sums', [[1, 2]]))
    expect((await platform.deployment('sums')).table.generation).toBe(1)
    expect(await processes()).toEqual(pids)
    expect(await settled(async () => (await filesOf(platform.home)).join() === stored.join(), 3_000)).toBe(true)
  })

  test.each(WRONG)('a request with %s is a clear 400', async (_, text) => {
    const body = Buffer.from(text, 'latin1')
    for (const url of [inferUrl(runner(), 'sums'), inferUrl(runner(), 'sums/versions/1')]) {
      const { status, json } = await rest(url, body)
      expect([status, typeof json.error]).toEqual([400, 'string'])
      expect(json.error!.length).toBeGreaterThan(5)
      expect(json.error!.length).toBeLessThan(1000)
    }
  })

  test('raw tensors that lie about their lengths are a clear 400', async () => {
    const head = (size: unknown, shape = [1, 2]) =>
      JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape, parameters: { binary_data_size: size } }] })
    const bytes = Buffer.from(Float32Array.of(1, 2).buffer)
    const send = (text: string, length: string, tail: Buffer) =>
      rest(inferUrl(runner(), 'sums'), Buffer.concat([Buffer.from(text), tail]), {
        headers: { 'inference-header-content-length': length, 'content-type': 'application/octet-stream' },
      })
    expect((await send(head(8), String(head(8).length), bytes)).status).toBe(200)
    for (const [text, length, tail] of [
      [head(8), '99999', bytes],
      [head(8), '-1', bytes],
      [head(8), '1e2', bytes],
      [head(8), String(head(8).length), bytes.subarray(0, 7)],
      [head(7), String(head(7).length), bytes.subarray(0, 7)],
      [head(8), String(head(8).length), Buffer.concat([bytes, bytes])],
      [head(-8), String(head(-8).length), bytes],
      [head(2 ** 53), String(head(2 ** 53).length), bytes],
      [head('8'), String(head('8').length), bytes],
      [head(8, [2 ** 40, 2]), String(head(8, [2 ** 40, 2]).length), bytes],
    ] as const)
      expect((await send(text, length, tail)).status, `${text} ${length}`).toBe(400)
  })

  test('gRPC calls with the like are INVALID_ARGUMENT, and bytes that are no message as well', async () => {
    const good = grpcRows('sums', [[1, 2]])
    const [x] = good.inputs
    for (const changed of [
      { ...good, inputs: [] },
      { ...good, inputs: [{ ...x!, name: 'z' }] },
      { ...good, inputs: [x!, x!], raw: [...good.raw, ...good.raw] },
      { ...good, inputs: [{ ...x!, datatype: 'INT64' }] },
      { ...good, inputs: [{ ...x!, shape: [-1, 2] }] },
      { ...good, inputs: [{ ...x!, shape: [-1, -2] }] },
      { ...good, inputs: [{ ...x!, shape: [2 ** 50, 2] }] },
      { ...good, inputs: [{ ...x!, shape: [2] }] },
      { ...good, raw: [good.raw[0]!.subarray(0, 7)] },
      { ...good, raw: [...good.raw, ...good.raw] },
      { ...good, inputs: [{ ...x!, contents: [Buffer.from([0xff, 0xff])] }], raw: [] },
      { ...good, outputs: [{ name: 'z', parameters: NO_PARAMETERS }] },
    ])
      expect(await grpcCode(caller.infer(changed)), JSON.stringify(changed.inputs)).toBe(3)
    expect(await grpcCode(caller.infer({ ...good, modelName: 'nobody' }))).toBe(5)
    expect(await grpcCode(caller.infer({ ...good, modelVersion: '99' }))).toBe(5)
    expect(await grpcCode(caller.infer({ ...good, raw: [new Uint8Array(MAX_BODY + 1)] }))).toBe(8)
    expect(await grpcCode(grpcAsk(platform.runners[0]!.grpc, 'ModelMetadata', { name: '../sums' }))).toBe(5)
  })

  test('what is not there is 404, however its name is spelt', async () => {
    const names = [
      'nobody',
      '..',
      '.',
      '%2e%2e',
      '..%2f..%2fetc%2fpasswd',
      '..%5c..',
      '%00',
      'sums%00',
      'sums%2f',
      'SUMS',
    ]
    names.push('__proto__', 'constructor', 'a'.repeat(5000), '%ff', '%', encodeURIComponent('sums\r\nx-evil: 1'))
    for (const name of names) {
      const answers = await Promise.all([
        raw(runner(), `POST /v2/models/${name}/infer HTTP/1.1`, ['content-type: application/json'], rows([[1, 2]])),
        raw(runner(), `GET /v2/models/${name} HTTP/1.1`),
        raw(runner(), `GET /v2/models/sums/versions/${name} HTTP/1.1`),
        raw(runner(), `GET /v2/models/${name}/stats HTTP/1.1`),
        raw(runner(), `POST /v2/repository/models/${name}/unload HTTP/1.1`, ['content-type: application/json'], '{}'),
        raw(platform.url, `GET /api/v1/projects/default/deployments/${name} HTTP/1.1`),
        raw(platform.url, `GET /api/v1/projects/${name}/models HTTP/1.1`),
        raw(platform.url, `GET /api/v1/projects/default/models/${name}/versions/1 HTTP/1.1`),
        raw(platform.url, `GET /api/v1/projects/default/models/adder/versions/${name} HTTP/1.1`),
        raw(platform.url, `GET /api/v1/projects/default/artifacts/${name} HTTP/1.1`),
        raw(platform.url, `GET /api/v1/projects/default/artifacts/${name}/grant HTTP/1.1`),
      ])
      for (const { status, text } of answers) {
        expect([400, 404, 414], `${name.slice(0, 60)}: ${text.slice(0, 200)}`).toContain(status)
        expect(text).not.toContain('x-evil: 1\r')
      }
    }
  })

  test('no path of a bundle leads out of it', async () => {
    const bytes = addConstant(1)
    const upload = (path: string) =>
      rest(native('models/evil/versions'), JSON.stringify({ files: [{ path, digest: digestOf(bytes) }] }))
    const paths = ['../x.onnx', 'a/../../x.onnx', '/etc/x.onnx', './x.onnx', 'a//x.onnx', 'a/./x.onnx', '..', '.', '']
    paths.push('..\\x.onnx', 'C:\\x.onnx', 'a\0.onnx', 'a\n.onnx', 'x/', `${'a'.repeat(300)}.onnx`, 'a/'.repeat(300))
    for (const path of paths) {
      const answer = await upload(path)
      expect([answer.status, codeOf(answer)], JSON.stringify(path)).toEqual([400, 'invalid_request'])
      const file = await rest(
        `${runner()}/v2/repository/models/sums/load`,
        JSON.stringify({ parameters: { [`file:${path}`]: Buffer.from(bytes).toString('base64') } }),
      )
      expect(file.status, JSON.stringify(path)).toBe(400)
    }
    expect((await rest(native('models/evil'))).status).toBe(404)
  })

  test('bodies that are too large are 413, and their connection goes on or ends in good order', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const large = JSON.stringify({ inputs: [input({ data: Array(MAX_BODY).fill(1) })] })
    for (const [url, body] of [
      [inferUrl(runner(), 'sums'), large],
      [`${runner()}/v2/repository/models/sums/load`, large],
      [native('deployments/sums/swap'), JSON.stringify({ version: 1, reason: 'x'.repeat(MAX_BODY) })],
    ] as const) {
      expect((await rest(url, body, { agent })).status).toBe(413)
      expect((await rest(`${new URL(url).origin}/v2/models/sums`, undefined, { agent })).status).toBeLessThan(500)
    }
    agent.destroy()
    // Without a length, so that it is only found out on the way.
    for (const [base, path] of [
      [runner(), '/v2/models/sums/infer'],
      [platform.url, '/api/v1/projects/default/deployments/sums/swap'],
    ] as const) {
      const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
      const headers = ['content-type: application/json', 'transfer-encoding: chunked']
      expect((await raw(base, `POST ${path} HTTP/1.1`, headers, `${chunk.repeat(8)}0\r\n\r\n`)).status).toBe(413)
    }
  })

  test('a bomb of zeros is never inflated beyond the bound', async () => {
    const megabytes = counted({ test: 128, conformance: 1024 })
    const bomb = await zeros(megabytes)
    expect(bomb.length).toBeLessThan(megabytes * 1100)
    // The most the runner ever had: what is given back at once shows as well.
    const memory = async () => {
      const status = await readFile(`/proc/${platform.runners[0]!.pid}/status`, 'utf8')
      return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
    }
    const before = await memory()
    for (const [encoding, path] of [
      ['gzip', 'sums'],
      ['x-gzip', 'sums'],
      ['gzip', 'sums/versions/1'],
    ] as const) {
      // The bound on what arrives is the first line; a smaller bomb gets as far as the second.
      for (const body of [bomb, await zeros(64)]) {
        const { status } = await rest(inferUrl(runner(), path), body, { headers: { 'content-encoding': encoding } })
        expect(status).toBe(413)
      }
    }
    expect(
      (await rest(inferUrl(runner(), 'sums'), 'no gzip', { headers: { 'content-encoding': 'gzip' } })).status,
    ).toBe(400)
    const brotli = await rest(inferUrl(runner(), 'sums'), '{}', { headers: { 'content-encoding': 'br' } })
    expect(brotli.status).toBe(501)
    const native413 = await rest(native('deployments/sums/swap'), await zeros(64), {
      headers: { 'content-encoding': 'gzip' },
    })
    expect(native413.status).toBeGreaterThanOrEqual(400)
    expect(native413.status).toBeLessThan(500)
    expect((await memory()) - before).toBeLessThan(48)
  })

  test('an upload that is cut off, or not what it says, leaves nothing behind', async () => {
    const bytes = randomBytes(3 * 2 ** 20)
    const digest = digestOf(bytes)
    const { port } = new URL(platform.url)
    for (const sent of [0, 1, 65_536, bytes.length - 1]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => {
          const head = `PUT /api/v1/projects/default/artifacts/${digest} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`
          socket.write(`${head}content-type: application/octet-stream\r\ncontent-length: ${bytes.length}\r\n\r\n`)
          socket.write(bytes.subarray(0, sent), () => setTimeout(() => socket.destroy(), 50))
        })
        socket.on('error', () => {})
        socket.on('close', () => resolve())
      })
    }
    const wrong = await fetch(native(`artifacts/${digest}`), {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes.subarray(1),
    })
    expect([wrong.status, ((await wrong.json()) as { error: { code: string } }).error.code]).toEqual([
      400,
      'digest_mismatch',
    ])
    for (const spelt of [digest.toUpperCase(), digest.slice(0, -1), `md5:${'0'.repeat(32)}`, `${digest}%2f..`]) {
      const answer = await fetch(native(`artifacts/${spelt}`), {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream' },
        body: 'x',
      })
      expect(answer.status).toBe(400)
    }
    expect((await rest(native(`artifacts/${digest}`))).status).toBe(404)
    const version = await rest(native('models/half/versions'), JSON.stringify({ files: [{ path: 'm.onnx', digest }] }))
    expect([version.status, codeOf(version)]).toEqual([404, 'artifact_not_found'])
    expect((await rest(native('models/half'))).status).toBe(404)
  })

  test('a request that could be read as two is refused, and nothing behind it is read', async () => {
    const inner =
      'POST /v2/repository/models/sums/unload HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'
    for (const [base, path] of [
      [runner(), '/v2/models/sums/infer'],
      [platform.url, '/api/v1/projects/default/deployments/sums/swap'],
    ] as const) {
      for (const lines of [
        ['content-length: 5', 'transfer-encoding: chunked'],
        ['transfer-encoding: chunked', 'content-length: 5'],
        ['content-length: 5', 'content-length: 6'],
        ['transfer-encoding: chunked, identity'],
        ['transfer-encoding: xchunked'],
        ['transfer-encoding : chunked'],
        ['content-length: +5'],
        ['content-length: 0x5'],
        ['x: y\n content-length: 5'],
      ]) {
        const headers = ['content-type: application/json', ...lines]
        const { status, answers } = await raw(base, `POST ${path} HTTP/1.1`, headers, `0\r\n\r\n${inner}`, true)
        expect([0, 400, 501], lines.join()).toContain(status)
        expect(answers, lines.join()).toBeLessThanOrEqual(1)
      }
    }
  })

  test('headers that are too many or too large are refused', async () => {
    for (const base of [runner(), platform.url]) {
      const { status } = await raw(base, 'GET /v2/models/sums HTTP/1.1', [`x-large: ${'a'.repeat(200_000)}`])
      expect([0, 431]).toContain(status)
      const many = Array.from({ length: 20_000 }, (_, at) => `x-${at}: y`)
      expect([0, 431]).toContain((await raw(base, 'GET /v2/models/sums HTTP/1.1', many)).status)
      expect([0, 404, 414, 431]).toContain((await raw(base, `GET /${'a'.repeat(100_000)} HTTP/1.1`)).status)
    }
  })

  test('the native API refuses malformed bodies with its own error, and keeps nothing of them', async () => {
    for (const body of [
      '{',
      '[]',
      '"x"',
      'null',
      '{"version": "one two"}',
      '{"version": -1}',
      '{"version": 1e300}',
      '{"version": {}}',
      `{"version":1,"config":${deep(100_000)}}`,
      '{"version":1,"reason":"\\u0000"}',
      '{"version":1,"__proto__":{"x":1}}',
      '{"version":1,"reason":"\\ud800"}',
    ]) {
      const answer = await rest(native('deployments/sums/swap'), body)
      expect(answer.status, body.slice(0, 80)).toBeGreaterThanOrEqual(400)
      expect(answer.status, body.slice(0, 80)).toBeLessThan(500)
      expect(codeOf(answer)).toBeDefined()
    }
  })

  test('integers beyond 2^53 come and go exactly, in every form', async () => {
    const wide = [2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n), 0n, 1n]
    const inputs = [{ name: 'x', datatype: 'INT64', shape: [wide.length] }]
    const body = JSON.stringify({ inputs }).replace('}]}', `,"data":[${wide.join(',')}]}]}`)
    const { status, text } = await rest(inferUrl(runner(), 'wide'), body)
    expect([status, text]).toEqual([200, expect.stringContaining(`[${wide.join(',')}]`)])
    expect(text.replaceAll(/\s/g, '')).toContain(`[${wide.join(',')}]`)

    const bytes = Buffer.from(BigInt64Array.from(wide).buffer)
    const head = JSON.stringify({
      parameters: { binary_data_output: true },
      inputs: [{ ...inputs[0], parameters: { binary_data_size: bytes.length } }],
    })
    const answer = await fetch(inferUrl(runner(), 'wide'), {
      method: 'POST',
      headers: { 'inference-header-content-length': String(head.length), 'content-type': 'application/octet-stream' },
      body: Buffer.concat([Buffer.from(head), bytes]),
    })
    const got = Buffer.from(await answer.arrayBuffer())
    expect(got.subarray(Number(answer.headers.get('inference-header-content-length')))).toEqual(bytes)

    const asked = { ...grpcRows('wide', []), inputs: [{ ...inputs[0]!, parameters: NO_PARAMETERS, contents: [] }] }
    const { answer: told } = await caller.infer({ ...asked, raw: [bytes] })
    expect(Buffer.from(told.raw[0]!)).toEqual(bytes)
    // One more than there is, in each direction.
    for (const beyond of [2n ** 63n, -(2n ** 63n) - 1n]) {
      const refused: RestAnswer = await rest(inferUrl(runner(), 'wide'), body.replace(String(wide[2]), String(beyond)))
      expect(refused.status).toBe(400)
    }
  })
})

/** Files of the artifact store and of the runner's copies, and registered models would show in the database's answers. */
async function filesOf(home: string): Promise<string[]> {
  const folders = (await readdir(home)).filter((name) => /artifacts|blobs|incoming|runner/.test(name))
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(home, folder), { recursive: true })).map((file) => join(folder, file)),
    ),
  )
  return files.flat().toSorted()
}
