import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SteadError } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fakeInstallation } from './fake-installation.fixture.ts'
import { sampleEvent, sampleGeneration, sampleModel, sampleStatus, sampleVersion } from './samples.fixture.ts'

const { given, run, calls, url } = fakeInstallation()
let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'stead-cli-'))))
afterAll(async () => rm(folder, { recursive: true, force: true }))

const file = async (name: string, content: string | Buffer) => {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}
const bodyOf = (name: string) => calls().find((call) => call.name === name)?.request.body

describe('models', () => {
  test('reads every page', async () => {
    const pages: Record<string, object> = {
      '': { models: [sampleModel()], next: 'weather', total: 2 },
      weather: {
        models: [sampleModel({ name: 'zebra', latestVersion: null, latest: null, deployments: [], aliases: {} })],
        next: null,
        total: 2,
      },
    }
    await given({ listModels: ({ query }) => pages[query.after ?? ''] })
    const { stdout } = await run(['models'])
    const [head, first, second] = stdout.split('\n')
    expect(head).toMatch(/^MODEL +LATEST +VERSIONS +ALIASES +CREATED/)
    expect(first).toMatch(/^weather +2 +2 +champion=2/)
    expect(second).toMatch(/^zebra +- /)
    expect((JSON.parse((await run(['models', '--json'])).stdout) as { models: unknown[] }).models).toHaveLength(2)
  })

  test('with a name lists its versions', async () => {
    await given({ listVersions: () => ({ versions: [sampleVersion({ aliases: ['champion'] })], next: null }) })
    expect((await run(['models', 'weather'])).stdout).toMatch(/^1 +champion +onnx +470 B/m)
  })

  test('of a model that is not there are refused with the fix of the platform', async () => {
    await given({
      listVersions: () => {
        throw new SteadError('model_not_found', 'there is no model "nothing"')
      },
    })
    const { code, stderr } = await run(['models', 'nothing'])
    expect(code).toBe(3)
    expect(stderr).toBe('stead: there is no model "nothing"\n  fix: List the models with: stead models\n')
  })
})

test('aliases and deletions name what they did', async () => {
  await given({
    setAlias: () => sampleModel(),
    deleteAlias: () => {},
    deleteVersion: () => {},
    deleteModel: () => {},
    deleteDeployment: () => {},
  })
  expect((await run(['model', 'alias', 'weather', 'champion', 'v2'])).stdout).toBe('weather: champion is version 2\n')
  expect((await run(['model', 'alias', 'weather', 'champion', '--remove'])).stdout).toBe(
    'weather: alias champion is removed\n',
  )
  expect((await run(['model', 'delete', 'weather', '--version', '2'])).stdout).toBe('weather version 2 is deleted\n')
  expect((await run(['model', 'delete', 'weather'])).stdout).toBe('weather is deleted\n')
  expect((await run(['delete', 'forecast', '--yes', '--json'])).stdout).toBe('{"deleted":{"deployment":"forecast"}}\n')
  expect((await run(['delete', 'forecast'], { answer: 'forecast' })).code).toBe(0)
  const before = calls().length
  expect(await run(['delete', 'forecast'], { answer: 'y' })).toMatchObject({
    code: 1,
    stderr: 'stead: nothing was deleted\n',
  })
  expect(calls().length).toBe(before)
})

describe('status, history and events', () => {
  test('status shows runners, routes and engines', async () => {
    await given({ installationStatus: () => sampleStatus('127.0.0.1:7080') })
    const { stdout } = await run(['status'])
    expect(stdout).toContain('Stead 0.1.0, database embedded, artifacts files')
    expect(stdout).toMatch(/^alpha +connected +http:\/\/127\.0\.0\.1:7080 +127\.0\.0\.1:7081 +42 +1\.0 MiB/m)
    expect(stdout).toMatch(/^forecast +default +weather +2 \(90 %\), 3 \(10 %\), shadow 4 \(50 %\) +2/m)
    expect(stdout).toMatch(/^forecast +2 +serving +alpha +4711 +84\.0 MiB +0/m)
    const document = JSON.parse((await run(['status', 'forecast', '--json'])).stdout) as {
      deployments: { routes: unknown; engines: unknown[] }[]
    }
    expect(Object.keys(document)).toEqual(['version', 'database', 'artifacts', 'runners', 'deployments'])
    expect(document.deployments[0]).toMatchObject({
      routes: [
        { version: 2, weight: 90 },
        { version: 3, weight: 10 },
      ],
      engines: [{ version: 2, state: 'serving', hostPid: 4711, runner: 'alpha' }],
    })
  })

  test('history tells each generation and how long the change took', async () => {
    await given({
      deploymentHistory: ({ query }) => ({
        generations: [sampleGeneration({ kind: 'rollback', restores: 1 })].slice(0, query.limit),
        next: null,
      }),
    })
    expect((await run(['history', 'forecast', '--limit', '5'])).stdout).toMatch(
      /^2 +rollback to 1 +weather .* 3\.8 ms +local +lower error$/m,
    )
  })

  test('events are told oldest first, and followed without a gap or a double', async () => {
    const controller = new AbortController()
    await given({
      listEvents: () => ({ events: [sampleEvent(2), sampleEvent(1)], next: null }),
      streamEvents: ({ query }) => {
        if ((query.after ?? 0) >= 4) controller.abort(new Error('seen enough'))
        return [2, 3, 4].map(sampleEvent)
      },
    })
    expect(
      (JSON.parse((await run(['events', '--json'])).stdout) as { events: { sequence: number }[] }).events.map(
        ({ sequence }) => sequence,
      ),
    ).toEqual([1, 2])
    const { stdout } = await run(['events', '--follow', '--json'], { signal: controller.signal })
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { sequence: number }).sequence),
    ).toEqual([1, 2, 3, 4])
    expect(
      calls()
        .filter(({ name }) => name === 'streamEvents')
        .map(({ request }) => request.query),
    ).toEqual([
      { after: 2, project: 'default' },
      { after: 4, project: 'default' },
    ])
  })
})

describe('golden requests', () => {
  const data = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }] })
  const outputs = [{ name: 'y', datatype: 'FP32', shape: [1, 1], data: [3] }]
  const keeper = () =>
    given({ addGolden: ({ body }) => ({ name: 'golden-1', createdAt: '2026-01-02T03:04:05Z', ...body }) })

  test.each([
    [[], { kind: 'valid' }],
    [['--assert', 'range', '--min', '-5', '--output', 'y'], { kind: 'range', min: -5, output: 'y' }],
    [
      ['--assert', 'close', '--tolerance', '0.1', '--expect', JSON.stringify({ outputs })],
      { kind: 'close', tolerance: 0.1, outputs },
    ],
    [['--assert', 'exact', '--expect', JSON.stringify(outputs)], { kind: 'exact', outputs }],
  ])('are kept with %j', async (more, assertion) => {
    await keeper()
    const { code, stdout } = await run(['golden', 'forecast', 'add', '--data', '-', '--name', 'first', ...more], {
      input: data,
    })
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `forecast: golden request first is kept (${assertion.kind})\n`,
    })
    expect(bodyOf('addGolden')).toEqual({ name: 'first', request: JSON.parse(data) as unknown, assertion })
  })

  test('that are no request are refused here, with the place', async () => {
    await keeper()
    const { code, stderr } = await run(['golden', 'forecast', 'add', '--data', '{"inputs":[{"name":"x"}]}'])
    expect(code).toBe(2)
    expect(stderr).toContain('data.inputs.0.datatype')
  })

  test('are listed, recorded and removed', async () => {
    await given({
      listGolden: () => ({
        golden: [
          {
            name: 'first',
            request: JSON.parse(data) as object,
            assertion: { kind: 'range', min: 1, max: 2 },
            createdAt: '2026-01-02T03:04:05Z',
          },
        ],
      }),
      recordGolden: ({ body }) => ({ recording: body.count }),
      removeGolden: () => {},
    })
    expect((await run(['golden', 'forecast', 'list'])).stdout).toMatch(/^first +≥ 1, ≤ 2 +x \[1, 2\]/m)
    expect(
      (await run(['golden', 'forecast', 'record', '--count', '3', '--redact', 'x', '--redact', 'z'])).stdout,
    ).toContain('the next 3 requests are kept')
    expect(bodyOf('recordGolden')).toEqual({ count: 3, redact: ['x', 'z'], assertion: 'valid' })
    expect((await run(['golden', 'forecast', 'remove', 'first'])).stdout).toContain('first is removed')
  })
})

describe('backup and restore', () => {
  test('a backup appears whole and leaves nothing beside it', async () => {
    await given({ backupInstallation: () => Buffer.alloc(100_000, 1) })
    const path = join(folder, 'all.tar')
    expect((await run(['backup', path])).stdout).toBe(`${path} holds everything (97.7 KiB)\n`)
    expect((await readFile(path)).equals(Buffer.alloc(100_000, 1))).toBe(true)
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('a backup that is cut off leaves the earlier one and no part of itself', async () => {
    await given({ backupInstallation: (_request, { cut }) => cut() })
    const path = await file('kept.tar', 'earlier')
    expect((await run(['backup', path])).code).toBe(4)
    expect(await readFile(path, 'utf8')).toBe('earlier')
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('a restore sends the file and says what it brought', async () => {
    await given({
      restoreInstallation: ({ query }, { octets }) => ({
        tables: { models: octets.length },
        artifacts: query.replace === 'true' ? 1 : 0,
        lostSecrets: [{ project: 'energy', webhook: 'hook-1', name: 'chat' }],
      }),
    })
    const { stdout, stderr } = await run(['restore', await file('in.tar', '12345'), '--replace'])
    expect(stdout).toMatch(/^models +5$/m)
    expect(stdout).toMatch(/^artifacts +1$/m)
    expect(stderr).toContain('stead webhooks change hook-1 --new-secret --project energy')
    expect((await run(['restore', join(folder, 'absent.tar')])).stderr).toContain('there is no such file')
  })
})

test('projects and the description of the API are printed', async () => {
  const project = { name: 'energy', description: 'load', createdAt: '2026-01-02T03:04:05Z' }
  await given({
    listProjects: () => ({ projects: [project] }),
    getProject: () => ({ ...project, models: 2, versions: 8, deployments: 1 }),
    createProject: () => project,
    changeProject: () => project,
    openApi: () => ({ openapi: '3.1.0' }),
  })
  expect((await run(['projects'])).stdout).toMatch(/^energy +\d+ d ago +load$/m)
  expect((await run(['project', '--project', 'energy'])).stdout).toMatch(/^energy +2 +8 +1 +\d+ d ago$/m)
  expect((await run(['projects', 'create', 'energy', '--json'])).stdout).toBe(`${JSON.stringify(project)}\n`)
  const { stdout } = await run(['project', 'change', '--description', 'load'])
  expect(stdout).toBe('project energy is changed\n')
  expect((await run(['project', 'change'])).code).toBe(2)
  expect(JSON.parse((await run(['openapi'])).stdout)).toEqual({ openapi: '3.1.0' })
})

test('the token and the project go with the request', async () => {
  await given({ listModels: () => ({ models: [], next: null, total: 0 }) })
  const { stderr } = await run(['models', '--project', 'energy'], {
    env: { STEAD_URL: `${url()}/`, STEAD_TOKEN: 'secret' },
  })
  expect(stderr).toContain('stead model push')
  expect(calls()[0]).toMatchObject({
    request: { params: { project: 'energy' } },
    headers: { authorization: 'Bearer secret' },
  })
})
