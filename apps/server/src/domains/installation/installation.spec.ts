import { METRICS_CONTENT_TYPE } from '@stead/chassis'
import {
  beginUpload,
  createProject,
  DeploymentName,
  ENDPOINTS,
  ERRORS,
  installationStatus,
  openApi,
  ProjectName,
  putArtifact,
  readPlatform,
  serverHealth,
  swapDeployment,
  VersionNumber,
} from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leaveOut } from '../../../../../dev/services/left-out.ts'
import { startPostgres } from '../../../../../dev/services/postgres.ts'
import {
  DEFAULT,
  deploy,
  digestOf,
  pushVersion,
  type ScratchServer,
  startScratchServer,
} from '../../scratch-server.fixture.ts'
import { startFakeRunner, type FakeRunner } from '../runners/fake-runner.fixture.ts'
import { VERSION } from './installation.ts'

let server: ScratchServer
let runner: FakeRunner
const nothing = { params: undefined, query: undefined, body: undefined }

beforeAll(async () => {
  server = await startScratchServer()
  runner = await startFakeRunner(server.client, 'runner-0')
})
afterAll(async () => {
  await runner?.fallSilent()
  await server?.close()
})

test('the server is in health while its database answers', async () => {
  expect(await server.client.call(serverHealth, nothing)).toEqual({ ready: true, version: VERSION })
})

test('a server whose database is gone is not ready, and says so', async (context) => {
  const postgres = await startPostgres()
  if ('missing' in postgres) {
    leaveOut('health without a database', postgres.missing)
    return context.skip()
  }
  const bereft = await startScratchServer({ STEAD_DATABASE_URL: await postgres.createDatabase() })
  try {
    expect((await fetch(`${bereft.url}/api/v1/health`)).status).toBe(200)
    await postgres.stop()
    const answer = await fetch(`${bereft.url}/api/v1/health`)
    expect(answer.status).toBe(503)
    expect(await answer.json()).toEqual({ ready: false, version: VERSION })
    // The page of metrics needs no database.
    expect((await fetch(`${bereft.url}/metrics`)).status).toBe(200)
  } finally {
    await bereft.close()
  }
})

test('the status tells the version, the storage and who is connected', async () => {
  expect(await server.client.call(installationStatus, nothing)).toMatchObject({
    version: VERSION,
    database: 'embedded',
    artifacts: server.home,
    runners: [{ name: 'runner-0', connected: true, frontEnds: 1 }],
  })
})

test('the platform tells what is stored, what it takes and how much room is left', async () => {
  const before = await server.client.call(readPlatform, nothing)
  expect(before).toMatchObject({
    version: VERSION,
    database: { kind: 'embedded' },
    artifacts: { kind: 'files', place: server.home },
    uploads: { count: 0, size: 0 },
    runners: [{ name: 'runner-0', runtimes: ['onnx', 'javascript'] }],
  })
  expect(Date.parse(before.startedAt)).toBeLessThanOrEqual(Date.now())
  expect(before.database.size).toBeGreaterThan(1_000_000)
  expect(before.artifacts.free).toBeGreaterThan(0)

  await server.client.call(createProject, { ...nothing, body: { name: ProjectName.parse('other') } })
  const body = Buffer.from('0123456789')
  const digest = digestOf(body)
  // Bytes that two projects own are there once.
  for (const project of [DEFAULT, ProjectName.parse('other')]) {
    await server.client.send(putArtifact, { params: { project, digest } }, { body, size: body.length })
  }
  const begun = { params: { project: DEFAULT, digest: digestOf('unfinished') }, query: undefined, body: { size: 10 } }
  await server.client.call(beginUpload, begun)
  const after = await server.client.call(readPlatform, nothing)
  expect(after.artifacts).toMatchObject({ count: before.artifacts.count + 1, size: before.artifacts.size + 10 })
  expect(after.uploads).toEqual({ count: 1, size: 0 })
  expect(after.startedAt).toBe(before.startedAt)
})

interface Operation {
  readonly operationId: string
  readonly 'x-act': string
  readonly summary: string
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: object }[]
  readonly requestBody?: object
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>
}
interface Described {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, object> }
}

describe('the description in OpenAPI', () => {
  let api: Described
  beforeAll(async () => {
    api = (await server.client.call(openApi, nothing)) as unknown as Described
  })
  const operationOf = ({ path, method }: { path: string; method: string }) =>
    api.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]

  test('is of 3.1 and has as many operations as there are endpoints, each with a name of its own', () => {
    expect(api.openapi).toMatch(/^3\.1\./)
    const names = Object.values(api.paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId))
    expect(names.toSorted()).toEqual(Object.keys(ENDPOINTS).toSorted())
  })

  test.for(Object.entries(ENDPOINTS))('%s is there, with its act and all its failures', ([name, endpoint]) => {
    const operation = operationOf(endpoint)
    expect(operation).toMatchObject({ operationId: name, 'x-act': endpoint.act, summary: endpoint.says })
    const named = [...endpoint.path.matchAll(/:(\w+)/g)].map(([, parameter = '']) => parameter)
    const inPath = operation?.parameters.filter((parameter) => parameter.in === 'path') ?? []
    expect(inPath.map((parameter) => parameter.name).toSorted()).toEqual(named.toSorted())
    expect(inPath.every(({ required }) => required)).toBe(true)
    expect(operation?.requestBody !== undefined).toBe(endpoint.body !== undefined || endpoint.streams?.in === 'octets')
    expect(operation?.responses).toHaveProperty(String(endpoint.status ?? 200))
    for (const code of endpoint.fails) {
      expect(operation?.responses[ERRORS[code].status]?.description).toContain(`\`${code}\``)
    }
  })

  test('leaves no schema empty, and refers to nothing that is not there', () => {
    const empty: string[] = []
    const dangling: string[] = []
    const walk = (node: unknown, where: string) => {
      if (typeof node !== 'object' || node === null) return
      const entries = Object.entries(node)
      if (entries.length === 0 && !Array.isArray(node)) empty.push(where)
      for (const [key, value] of entries) {
        if (key === '$ref') {
          if (!Object.keys(api.components.schemas).some((name) => value === `#/components/schemas/${name}`))
            dangling.push(where)
        } else if (key !== 'default') walk(value, `${where}/${key}`) // a default is a value, and no schema
      }
    }
    walk(api, '')
    expect(empty).toEqual([])
    expect(dangling).toEqual([])
  })
})

describe('the page of metrics', () => {
  const scrape = async () => {
    const answer = await fetch(`${server.url}/metrics`)
    expect(answer.headers.get('content-type')).toBe(METRICS_CONTENT_TYPE)
    return answer.text()
  }
  /** The value of a sample, 0 where there is none. */
  const valueOf = (page: string, sample: string) =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`${sample} `))
        ?.slice(sample.length + 1) ?? 0,
    )

  test('is readable line by line: every sample belongs to a family that was announced before it', async () => {
    const page = await scrape()
    expect(page.endsWith('\n')).toBe(true)
    const families = new Map<string, string>()
    for (const line of page.slice(0, -1).split('\n')) {
      if (line === '# EOF') continue
      const [, family, type] = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line) ?? []
      if (family !== undefined && type !== undefined) families.set(family, type)
      if (line.startsWith('# ')) {
        expect(line).toMatch(/^# (TYPE \w+ (counter|gauge|histogram)|HELP \w+ \S.*)$/)
        continue
      }
      const [, name = ''] =
        /^(\w+)(?:\{\w+="(?:[^"\\\n]|\\[\\"n])*"(?:,\w+="(?:[^"\\\n]|\\[\\"n])*")*\})? (?:-?[\d.]+(?:e[+-]?\d+)?|\+Inf|NaN)$/.exec(
          line,
        ) ?? []
      expect(name, line).not.toBe('')
      const announced = families.has(name) || families.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram'
      expect(announced || families.has(name.replace(/_total$/, '')), line).toBe(true)
    }
    expect([...families.keys()]).toEqual(expect.arrayContaining(['stead_runners_connected', 'stead_database_bytes']))
  })

  test('counts requests by endpoint and status, without a label of whatever was asked for', async () => {
    const health = 'stead_http_requests_total{method="GET",endpoint="/api/v1/health",status="200"}'
    const none = 'stead_http_requests_total{method="GET",endpoint="none",status="404"}'
    const before = await scrape()
    await server.client.call(serverHealth, nothing)
    await server.client.call(serverHealth, nothing)
    await fetch(`${server.url}/a/place/nobody/knows`)
    const after = await scrape()
    expect(valueOf(after, health) - valueOf(before, health)).toBe(2)
    expect(valueOf(after, none) - valueOf(before, none)).toBe(1)
    expect(after).not.toContain('nobody')
    expect(valueOf(after, 'stead_http_request_duration_seconds_count{endpoint="/api/v1/health"}')).toBeGreaterThan(1)
  })

  test('counts changes by kind and by how they ended', async () => {
    const changes = (kind: string, outcome: string) => `stead_changes_total{kind="${kind}",outcome="${outcome}"}`
    await pushVersion(server.client, 'counted', 'first')
    await deploy(server.client, 'counted', 'counted')
    const { version } = await pushVersion(server.client, 'counted', 'second')
    const params = { project: DEFAULT, deployment: DeploymentName.parse('counted') }
    const swap = (to: VersionNumber) =>
      server.client.call(swapDeployment, { params, query: undefined, body: { version: to } })
    await swap(version)
    await expect(swap(VersionNumber.parse(99))).rejects.toMatchObject({ code: 'version_not_found' })
    const page = await scrape()
    expect(valueOf(page, changes('deploy', 'committed'))).toBe(1)
    expect(valueOf(page, changes('swap', 'committed'))).toBe(1)
    expect(valueOf(page, changes('swap', 'version_not_found'))).toBe(1)
  })

  test('tells who is connected and what the process takes', async () => {
    const page = await scrape()
    expect(valueOf(page, 'stead_runners_connected')).toBe(1)
    expect(valueOf(page, 'stead_database_bytes')).toBeGreaterThan(1_000_000)
    expect(valueOf(page, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000)
    expect(valueOf(page, 'process_start_time_seconds')).toBeGreaterThan(1_700_000_000)
  })
})
