import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { leaveOut } from '../../../../../dev/services/left-out.ts'
import { startS3 } from '../../../../../dev/services/s3.ts'
import type { Database } from '../../database/database.ts'
import { describeOnDatabases, embeddedScratch, type ScratchDatabases } from '../../database/scratch.fixture.ts'
import type { ArtifactStore } from '../artifacts/artifacts.store.ts'
import { openS3Artifacts } from '../artifacts/artifacts.s3.ts'
import { addLoggedModel, addRun, serveFilesOn, type ServedFiles } from './files.fixture.ts'

const RUN = '0123456789abcdef0123456789abcdef'
const MODEL = `m-${RUN}`
const PROXY = '/api/2.0/mlflow-artifacts/artifacts'
const ROOT = `1/${RUN}/artifacts`

const s3 = await startS3()
if ('missing' in s3) leaveOut('files of runs in S3', s3.missing)
else afterAll(() => s3.stop())

describeOnDatabases('files of runs, kept in files', (databases) => laws(databases, async () => undefined))
describe.skipIf('missing' in s3)('files of runs, kept in S3', () =>
  laws(embeddedScratch(), async () => {
    if ('missing' in s3) return undefined
    const aside = await mkdtemp(join(tmpdir(), 'stead-aside-'))
    const store = await openS3Artifacts({ ...s3, url: `s3://${s3.bucket}/files/${randomUUID()}`, aside })
    return {
      ...store,
      async close() {
        await store.close()
        await rm(aside, { recursive: true, force: true })
      },
    }
  }),
)

function laws(databases: ScratchDatabases, openStore: () => Promise<ArtifactStore | undefined>): void {
  let database: Database
  let served: ServedFiles
  let store: ArtifactStore | undefined
  beforeEach(async () => {
    database = await databases.open()
    store = await openStore()
    served = await serveFilesOn(database, store)
    await addRun(database, RUN)
    await addLoggedModel(database, MODEL)
  })
  afterEach(async () => {
    await served?.close()
    await store?.close()
  })
  const call = (path: string, init?: RequestInit) => fetch(served.url + path, init)
  const put = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    call(`${PROXY}/${path}`, { method: 'PUT', body, headers })
  const json = async (path: string, init?: RequestInit) => (await call(path, init)).json() as Promise<object>
  const post = (path: string, body: object) =>
    call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

  test('what is put by the proxy comes back, whatever its type and name', async () => {
    const bytes = randomBytes(3_000_000)
    for (const [name, type] of [
      ['model.pkl', 'application/octet-stream'],
      ['input.json', 'application/json'],
      ['page.html', 'text/html'],
      ['ü 東京 100%.txt', 'text/plain'],
      ['form', 'application/x-www-form-urlencoded'],
    ] as const) {
      const path = `${ROOT}/sub/${encodeURIComponent(name)}`
      const answer = await put(path, bytes, { 'content-type': type })
      expect([answer.status, await answer.json()]).toEqual([200, {}])
      const got = await call(`${PROXY}/${path}`)
      expect(got.status).toBe(200)
      expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true)
    }
    const listed = (await json(`${PROXY}?path=${ROOT}/sub`)) as { files: { path: string }[] }
    expect(listed.files.map(({ path }) => path)).toEqual([
      'form',
      'input.json',
      'model.pkl',
      'page.html',
      'ü 東京 100%.txt',
    ])
    expect(await json(`${PROXY}?path=${ROOT}`)).toEqual({ files: [{ path: 'sub', is_dir: true }] })
    expect(await json(`${PROXY}?path=${ROOT}/nothing`)).toEqual({})
    expect(await json(`${PROXY}?path=${ROOT}/sub/form`)).toEqual({})
  })

  test('an empty file is one, with and without a type, and may be replaced', async () => {
    for (const [path, nothing] of [
      [`${ROOT}/empty`, ''],
      [`${ROOT}/typeless`, new Uint8Array()],
    ] as const) {
      expect((await put(path, nothing)).status).toBe(200)
      const got = await call(`${PROXY}/${path}`)
      expect([got.status, got.headers.get('content-length'), await got.text()]).toEqual([200, '0', ''])
      expect((await put(path, 'more')).status).toBe(200)
      expect(await (await call(`/p/default${PROXY}/${path}`)).text()).toBe('more')
    }
  })

  test('a file is told with its headers, in parts, and by HEAD; no browser runs it', async () => {
    await put(`${ROOT}/plots/plot ü.svg`, '<svg onload="alert(1)"/>')
    const path = `${PROXY}/${ROOT}/plots/${encodeURIComponent('plot ü.svg')}`
    const whole = await call(path)
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-length': '24',
      'content-disposition': `attachment; filename="plot _.svg"; filename*=UTF-8''plot%20%C3%BC.svg`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
      'accept-ranges': 'bytes',
    })
    const etag = whole.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"sha256:[0-9a-f]{64}"$/)
    const head = await call(path, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([200, '24', etag])
    const part = await call(path, { headers: { range: 'bytes=1-3', 'if-range': etag } })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 1-3/24', 'svg'])
    const other = await call(path, { headers: { range: 'bytes=1-3', 'if-range': '"sha256:other"' } })
    expect(other.status).toBe(200)
    const behind = await call(path, { headers: { range: 'bytes=24-' } })
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, 'bytes */24'])
    await put(`${ROOT}/MLmodel`, 'flavors: {}')
    const model = await call(`${PROXY}/${ROOT}/MLmodel`)
    expect(model.headers.get('content-type')).toBe('text/plain')
    expect(model.headers.get('content-disposition')).toBe('attachment; filename=MLmodel')
  })

  test('what is not there is told in the form of the protocol; removing it is no failure', async () => {
    const missing = await call(`${PROXY}/${ROOT}/none`)
    expect([missing.status, await missing.json()]).toMatchObject([404, { error_code: 'RESOURCE_DOES_NOT_EXIST' }])
    expect((await call(`${PROXY}/${ROOT}/none`, { method: 'DELETE' })).status).toBe(200)
    await put(`${ROOT}/a/b`, 'x')
    const folder = await call(`${PROXY}/${ROOT}/a`)
    expect(folder.status).toBe(404)
    const blocked = await put(`${ROOT}/a`, 'x')
    expect([blocked.status, await blocked.json()]).toMatchObject([400, { error_code: 'INVALID_PARAMETER_VALUE' }])
    expect((await call(`${PROXY}/${ROOT}/a`, { method: 'DELETE' })).status).toBe(200)
    expect(await json(`${PROXY}?path=${ROOT}`)).toEqual({})
  })

  test('no way of telling a file takes a path that leads elsewhere', async () => {
    for (const path of [
      '..%2fx',
      '%252e%252e/x',
      '/etc/passwd',
      '%2fetc%2fpasswd',
      'a//b',
      '..%5cx',
      'C:/x',
      'a%23b',
      'a%00b',
      '',
    ]) {
      const asked = decodeURIComponent(path)
      const query = encodeURIComponent(asked)
      const answers = [
        await call(`${PROXY}/${path}`),
        await put(path, 'x'),
        await call(`${PROXY}/${path}`, { method: 'DELETE' }),
        await call(`/get-artifact?run_id=${RUN}&path=${query}`),
        await call(`/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${RUN}&path=${query}`, { method: 'POST', body: 'x' }),
        await call(`/model-versions/get-artifact?name=m&version=1&path=${query}`),
        await call(`/ajax-api/2.0/mlflow/logged-models/${MODEL}/artifacts/files?artifact_file_path=${query}`),
        await post(`/api/2.0/mlflow-artifacts/mpu/create/${path === '' ? '..%2f' : path}`, { path: 'f', num_parts: 1 }),
      ]
      if (path !== '') {
        answers.push(
          await call(`${PROXY}?path=${query}`),
          await call(`/api/2.0/mlflow/artifacts/list?run_id=${RUN}&path=${query}`),
        )
      }
      for (const answer of answers) {
        expect([400, 404]).toContain(answer.status)
        expect(await answer.json()).toHaveProperty('error_code')
      }
      const { rows } = await sql`select * from files`.execute(database.kysely)
      expect(rows).toEqual([])
    }
  })

  test('an upload that breaks off leaves what was there', async () => {
    await put(`${ROOT}/f`, 'before')
    const sending = request(`${served.url}${PROXY}/${ROOT}/f`, {
      method: 'PUT',
      agent: false,
      headers: { 'content-length': 1_000_000 },
    })
    sending.on('error', () => {})
    sending.write(Buffer.alloc(300_000))
    await pause(50)
    sending.destroy()
    await pause(50)
    expect(await (await call(`${PROXY}/${ROOT}/f`)).text()).toBe('before')
    const incoming = await readdir(join(served.home, 'artifacts', 'incoming')).catch(() => [])
    expect(incoming).toEqual([])
  })

  test('files of runs and logged models are listed from their own top, and fetched as browsers do', async () => {
    await put(`${ROOT}/model/MLmodel`, 'flavors: {}')
    await put(`1/models/${MODEL}/artifacts/model.pkl`, 'pickle')
    expect(await json(`/api/2.0/mlflow/artifacts/list?run_uuid=${RUN}`)).toEqual({
      root_uri: `mlflow-artifacts:/${ROOT}`,
      files: [{ path: 'model', is_dir: true }],
    })
    expect(await json(`/api/2.0/mlflow/artifacts/list?run_id=${RUN}&path=model`)).toMatchObject({
      files: [{ path: 'model/MLmodel', is_dir: false, file_size: 11 }],
    })
    expect(await (await call(`/get-artifact?run_uuid=${RUN}&path=model/MLmodel`)).text()).toBe('flavors: {}')
    expect(await json(`/api/2.0/mlflow/logged-models/${MODEL}/artifacts/directories`)).toMatchObject({
      files: [{ path: 'model.pkl', is_dir: false, file_size: 6 }],
    })
    const file = `/ajax-api/2.0/mlflow/logged-models/${MODEL}/artifacts/files?artifact_file_path=model.pkl`
    expect(await (await call(file)).text()).toBe('pickle')
    const upload = `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${RUN}&path=notes/a.txt`
    expect((await call(upload, { method: 'POST', body: 'note' })).status).toBe(200)
    expect(await (await call(`/get-artifact?run_id=${RUN}&path=notes/a.txt`)).text()).toBe('note')
    const large = await call(upload, { method: 'POST', body: Buffer.alloc(11 * 2 ** 20) })
    expect([large.status, await large.json()]).toMatchObject([
      400,
      { message: 'Artifact size is too large. Max size is 10MB.' },
    ])
    const unknown = await call('/api/2.0/mlflow/artifacts/list?run_id=nope')
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { message: 'Run with id=nope not found' }])
  })

  test('a run whose files are elsewhere is told so', async () => {
    await addRun(database, 'elsewhere', 's3://bucket/1/elsewhere/artifacts')
    const answer = await call('/api/2.0/mlflow/artifacts/list?run_id=elsewhere')
    expect(answer.status).toBe(400)
  })

  test('a file of many parts, brought in any order, is one file', async () => {
    const parts = [randomBytes(300_000), randomBytes(1_500_000), randomBytes(10)]
    const about = { path: '/home/somebody/big.bin', num_parts: 3 }
    const created = (await (await post(`/api/2.0/mlflow-artifacts/mpu/create/${ROOT}/deep`, about)).json()) as {
      upload_id: string
      credentials: { url: string; part_number: number; headers: Record<string, string> }[]
    }
    const upload_id = created.upload_id
    const sent = await Promise.all(
      created.credentials.toReversed().map(async ({ url, part_number, headers }) => {
        const answer = await fetch(url, { method: 'PUT', headers, body: parts[part_number - 1]! })
        expect(answer.status).toBe(200)
        return { part_number, etag: answer.headers.get('etag') }
      }),
    )
    const stranger = await fetch(created.credentials[0]!.url, { method: 'PUT', body: 'x' })
    expect(stranger.status).toBe(404)
    const complete = (named: object[], folder = `${ROOT}/deep`) =>
      post(`/api/2.0/mlflow-artifacts/mpu/complete/${folder}`, { path: about.path, upload_id, parts: named })
    expect((await complete(sent, ROOT)).status).toBe(404)
    expect((await complete([{ part_number: 1, etag: 'other' }])).status).toBe(400)
    expect((await complete(sent)).status).toBe(200)
    const got = await call(`${PROXY}/${ROOT}/deep/big.bin`)
    expect(Buffer.from(await got.arrayBuffer()).equals(Buffer.concat(parts))).toBe(true)
    expect(await readdir(join(served.home, 'multiparts'))).toEqual([])
    expect((await complete(sent)).status).toBe(404)
    const second = (await (await post(`/api/2.0/mlflow-artifacts/mpu/create/${ROOT}`, about)).json()) as typeof created
    const gone = { path: about.path, upload_id: second.upload_id }
    expect((await post(`/api/2.0/mlflow-artifacts/mpu/abort/${ROOT}`, gone)).status).toBe(200)
    expect(await readdir(join(served.home, 'multiparts'))).toEqual([])
  })

  test('an address that lapses is given where the store has one', async () => {
    await put(`${ROOT}/f`, 'direct')
    const answer = await call(`/api/2.0/mlflow-artifacts/presigned/${ROOT}/f`)
    if (store === undefined) {
      expect([answer.status, await answer.json()]).toMatchObject([501, { error_code: 'NOT_IMPLEMENTED' }])
    } else {
      const { url, file_size } = (await answer.json()) as { url: string; file_size: number }
      expect([await (await fetch(url)).text(), file_size]).toEqual(['direct', 6])
    }
  })

  test('an address by which a file of a run is fetched lapses when it is wanted to', async () => {
    await put(`${ROOT}/f`, 'direct')
    const ask = async (body: object) => {
      const answer = await post('/api/2.0/mlflow/artifacts/presigned-download-url', body)
      return { status: answer.status, told: (await answer.json()) as Record<string, unknown> }
    }
    const { status, told } = await ask({ run_id: RUN, path: 'f', expiration: 60 })
    if (store === undefined) {
      const why = expect.stringContaining('not supported for proxied artifact storage') as string
      expect([status, told]).toMatchObject([400, { error_code: 'INVALID_PARAMETER_VALUE', message: why }])
    } else {
      const url = told.presigned_url as string
      expect([status, await (await fetch(url)).text(), told.file_size]).toEqual([200, 'direct', 6])
      expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('60')
    }
    const wrongs: [object, number][] = [
      [{ run_id: RUN, path: 'f', expiration: 0 }, 400],
      [{ run_id: RUN, path: 'f', expiration: 604_801 }, 400],
      [{ run_id: RUN, path: '../f' }, 400],
      [{ run_id: RUN, path: 'none' }, 404],
      [{ run_id: RUN }, 400],
      [{ run_id: 'nope', path: 'f' }, 404],
    ]
    for (const [body, expected] of wrongs) expect((await ask(body)).status, JSON.stringify(body)).toBe(expected)
  })

  test('no address is given for bringing a file past the server, and clients are told so for good', async () => {
    const wrongs: [object, number][] = [
      [{ run_id: RUN, path: 'f' }, 400],
      [{ model_id: MODEL, path: 'f' }, 400],
      [{ run_id: RUN, model_id: MODEL, path: 'f' }, 400],
      [{ path: 'f' }, 400],
      [{ run_id: RUN }, 400],
      [{ run_id: RUN, path: '/etc/passwd' }, 400],
      [{ run_id: 'nope', path: 'f' }, 404],
      [{ model_id: 'm-nope', path: 'f' }, 404],
    ]
    for (const [body, expected] of wrongs)
      expect((await post('/api/2.0/mlflow/artifacts/presigned-upload-url', body)).status, JSON.stringify(body)).toBe(
        expected,
      )
  })
}
