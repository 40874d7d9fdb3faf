import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SteadError } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fakeInstallation } from './fake-installation.fixture.ts'
import { sampleModel, sampleSignature, sampleVersion } from './samples.fixture.ts'

const { given, run, calls, url, close } = fakeInstallation()
let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'stead-cli-'))))
afterAll(async () => rm(folder, { recursive: true, force: true }))

const file = async (name: string, content: string | Buffer) => {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}
const bodyOf = (name: string) => calls().find((call) => call.name === name)?.request.body

describe('model push', () => {
  const received: Buffer[] = []
  /** Of the upload under way. */
  let arriving = Buffer.alloc(0)
  let breaksOff = false
  const registry = () =>
    given({
      grantArtifact: ({ params }) => {
        if (received.some((bytes) => digestText(bytes) === params.digest)) return { kind: 'stream', size: 1 }
        throw new SteadError('artifact_not_found')
      },
      beginUpload: ({ params, body }) => {
        arriving = Buffer.alloc(0)
        return { digest: params.digest, size: body.size, received: 0, complete: false }
      },
      getUpload: ({ params }) => ({ digest: params.digest, size: 3 << 20, received: arriving.length, complete: false }),
      appendUpload: ({ params, query }, { octets, headers, cut }) => {
        expect(headers['content-length']).toBe(`${octets.length}`)
        expect(query.offset).toBe(arriving.length)
        arriving = Buffer.concat([arriving, octets])
        const complete = digestText(arriving) === params.digest
        if (complete) received.push(arriving)
        else if (breaksOff) cut()
        return { digest: params.digest, size: 3 << 20, received: arriving.length, complete }
      },
      createVersion: ({ body }) => sampleVersion({ created: !body.ifNew }),
      setAlias: () => sampleModel(),
    })
  const digestText = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

  test('sends a file once, names the version and prints its signature', async () => {
    await registry()
    const path = await file('weather.onnx', Buffer.alloc(3 << 20, 7))
    const { code, stdout, stderr } = await run([
      'model',
      'push',
      'weather',
      path,
      '--alias',
      'champion',
      '--commit',
      'abc',
      '--description',
      'a sum',
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(
      [
        'weather version 1',
        '  onnx, 470 B in one file, known as champion',
        '         NAME  DATATYPE  SHAPE',
        '  takes  x     FP32      [rows, 2]',
        '  gives  y     FP32      [*, 1]',
        '',
      ].join('\n'),
    )
    expect(calls().map(({ name }) => name)).toEqual([
      'grantArtifact',
      'beginUpload',
      'appendUpload',
      'appendUpload',
      'appendUpload',
      'createVersion',
      'setAlias',
    ])
    expect(bodyOf('createVersion')).toMatchObject({
      files: [{ path: 'weather.onnx', digest: digestText(received[0] ?? Buffer.of()) }],
      provenance: { commit: 'abc' },
      description: 'a sum',
    })
    expect(bodyOf('setAlias')).toEqual({ version: 1 })
    await close()
    await registry()
    const again = await run(['model', 'push', 'weather', path, '--if-new', '--json'])
    expect(calls().map(({ name }) => name)).toEqual(['grantArtifact', 'createVersion'])
    expect(JSON.parse(again.stdout)).toMatchObject({ model: 'weather', version: 1, created: false })
  })

  test('goes on by itself after the connection broke', async () => {
    await registry()
    breaksOff = true
    const bytes = Buffer.alloc(3 << 20, 'another')
    const { code, stderr } = await run(['model', 'push', 'weather', await file('broken.onnx', bytes)])
    breaksOff = false
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(received.at(-1)?.equals(bytes)).toBe(true)
    const sent = calls().filter(({ name }) => name === 'appendUpload')
    expect(sent.map(({ request }) => request.query)).toEqual([0, 1 << 20, 2 << 20].map((offset) => ({ offset })))
  })

  test('takes a declared signature from the line or from a file', async () => {
    await registry()
    const model = await file('index.mjs', 'export {}')
    const text = JSON.stringify(sampleSignature)
    for (const signature of [text, await file('signature.json', text), `@${join(folder, 'signature.json')}`]) {
      expect(
        (await run(['model', 'push', 'weather', model, '--runtime', 'javascript', '--signature', signature])).code,
      ).toBe(0)
    }
    expect(
      calls()
        .filter(({ name }) => name === 'createVersion')
        .map(({ request }) => request.body),
    ).toMatchObject(Array(3).fill({ runtime: 'javascript', signature: sampleSignature }))
  })

  test('refuses a signature that is none before anything is sent', async () => {
    await registry()
    const { code, stderr } = await run([
      'model',
      'push',
      'weather',
      await file('m.onnx', ''),
      '--signature',
      '{"inputs":[{"name":"x","datatype":"FLOAT","shape":[1]}],"outputs":[]}',
    ])
    expect(code).toBe(2)
    expect(stderr).toContain('signature.inputs.0.datatype')
    expect(calls()).toEqual([])
  })

  test('shows its progress on a terminal', async () => {
    await registry()
    const { stderr } = await run(['model', 'push', 'weather', await file('new.onnx', 'never seen before')], {
      isTTY: true,
      env: { STEAD_URL: url(), NO_COLOR: '1' },
    })
    expect(stderr).toContain('reading  ')
    expect(stderr).toContain('uploading  ')
    expect(stderr.endsWith('\r\u001b[2K')).toBe(true)
  })
})
