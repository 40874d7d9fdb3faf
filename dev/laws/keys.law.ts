import { Metadata, status } from '@grpc/grpc-js'
import { ConsumerName, createToken, ProjectName, readUsage, tryDeployment } from '@stead/contracts'
import type { DeploymentName } from '@stead/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addConsumer,
  askSums,
  bearer,
  openInferStream,
  startClosed,
  statusOf,
  streamFate,
  withKey,
} from './consumers.ts'
import { grpcCaller, grpcRows, inferUrl, rest, rows, startLoad } from './load.ts'
import { until } from './platform.ts'
import type { Platform } from './platform.ts'
import { grpcAsk, grpcCode, pause, settled } from './serving.ts'

const BODY = rows([[1, 1]])
describe('a closed runner of two front ends', () => {
  let platform: Platform
  let shop: Awaited<ReturnType<typeof addConsumer>>
  beforeAll(async () => {
    platform = await startClosed({ frontEnds: 2 })
    await platform.deploy('others', 'adder', 1)
    shop = await addConsumer(platform, 'shop')
  })
  afterAll(() => platform?.stop())

  test('answers health to everybody and everything else to nobody who shows no key, in the form of each protocol', async () => {
    const { rest: base, grpc } = platform.runners[0]!
    for (const path of ['/v2/health/live', '/v2/health/ready']) expect((await rest(base + path)).status).toBe(200)
    for (const path of [
      '/',
      '/v2',
      '/v2/models',
      '/v1/models',
      '/v2/models/sums',
      '/v2/models/stats',
      '/metrics',
      '/x',
    ])
      expect({ path, status: (await rest(base + path)).status }).toEqual({ path, status: 401 })
    for (const headers of [
      {},
      bearer('stead_key_unknown'),
      { authorization: 'Digest x' },
      { 'x-api-key': '' },
    ] as Record<string, string>[]) {
      const refused = await askSums(platform, headers)
      expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } })
      expect(refused.json.error).toMatch(/key/)
    }
    expect((await rest(`${base}/v2/models/sums/load`, '{}')).status).toBe(401)
    expect((await rest(`${base}/v2/repository/models/sums/unload`, '{}')).status).toBe(401)
    const caller = grpcCaller(grpc)
    expect(await grpcCode(caller.infer(grpcRows('sums', [[1, 1]])))).toBe(status.UNAUTHENTICATED)
    caller.close()
    for (const method of [
      'ServerMetadata',
      'ModelMetadata',
      'ModelStatistics',
      'RepositoryIndex',
      'RepositoryModelUnload',
    ])
      expect(await grpcCode(grpcAsk(grpc, method, {}))).toBe(status.UNAUTHENTICATED)
    const stream = openInferStream(grpc, new Metadata())
    expect(await stream.ended).toMatchObject({ code: status.UNAUTHENTICATED })
    stream.close()
  })

  test('takes a key as Bearer, in its own header, and as the password of Basic; never in the address', async () => {
    const { secret } = await shop.key('ways')
    await until('the key counts', async () => expect(await statusOf(platform, bearer(secret))).toBe(200))
    const basic = `Basic ${Buffer.from(`anybody:${secret}`).toString('base64')}`
    const ways: Record<string, string>[] = [
      { 'x-api-key': secret },
      { authorization: basic },
      { authorization: `bearer ${secret}` },
    ]
    for (const headers of ways) expect(await statusOf(platform, headers)).toBe(200)
    const base = platform.runners[0]!.rest
    for (const path of [
      `/v2/models/sums/infer?key=${secret}`,
      `/v2/models/sums/infer?a=${secret}`,
      `/v2/models/${secret}/infer`,
    ]) {
      const refused = await rest(base + path, BODY, { headers: bearer(secret) })
      expect(refused).toMatchObject({ status: 400, headers: { 'stead-failure': 'token_in_url' } })
      expect(refused.text).not.toContain(secret)
    }
  })

  test('shows what a key is not for, and what belongs to others, as what is not there', async () => {
    const { secret: narrow } = await shop.key('narrow', ['others'])
    const { secret: foreign } = await (await addConsumer(platform, 'stranger', { project: 'elsewhere' })).key('all')
    const { rest: base, grpc } = platform.runners[0]!
    await until('the key counts', async () =>
      expect((await askSums(platform, bearer(narrow), 'others')).status).toBe(200),
    )
    const nothing = (text: string, name: string) => text.replaceAll(name, 'NAME')
    for (const [secret, seen] of [
      [narrow, ['others']],
      [foreign, []],
    ] as const) {
      for (const path of ['', '/ready', '/config', '/stats'])
        for (const hidden of ['sums', 'sums/versions/1']) {
          const there = await rest(`${base}/v2/models/${hidden}${path}`, undefined, { headers: bearer(secret) })
          const absent = await rest(`${base}/v2/models/${hidden.replace('sums', 'nosuch')}${path}`, undefined, {
            headers: bearer(secret),
          })
          expect([there.status, nothing(there.text, 'sums')]).toEqual([404, nothing(absent.text, 'nosuch')])
        }
      const there = await askSums(platform, bearer(secret))
      expect([there.status, nothing(there.text, 'sums')]).toEqual([
        404,
        nothing((await askSums(platform, bearer(secret), 'nosuch')).text, 'nosuch'),
      ])
      const headers = bearer(secret)
      const listed = await rest(`${base}/v2/models`, undefined, { headers })
      expect(listed.json.models).toEqual(seen)
      const { json: index } = await rest(`${base}/v2/repository/index`, '{}', { headers })
      expect((index as unknown as { name: string }[]).map(({ name }) => name)).toEqual(seen)
      const { json: counted } = await rest(`${base}/v2/models/stats`, undefined, { headers })
      expect((counted.model_stats as { name: string }[]).map(({ name }) => name)).toEqual(seen)
      const metadata = withKey(secret)
      for (const method of ['ModelMetadata', 'ModelReady', 'ModelStatistics'])
        expect(await grpcCode(grpcAsk(grpc, method, { name: 'sums' }, { metadata }))).toBe(status.NOT_FOUND)
    }
  })

  test('describes itself, and tells of the health of a deployment, only to those who may know', async () => {
    const { secret } = await shop.key('curious')
    await until('the key counts', async () => expect(await statusOf(platform, bearer(secret))).toBe(200))
    const { grpc } = platform.runners[0]!
    const reflection = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'
    // list_services: field 7, a text.
    const list = Buffer.from([0x3a, 0x01, 0x2a])
    expect(await streamFate(grpc, reflection, list, new Metadata())).toBe(status.UNAUTHENTICATED)
    expect(await streamFate(grpc, reflection, list, withKey(secret))).toBe('answered')
    const watch = '/grpc.health.v1.Health/Watch'
    const sums = Buffer.from([0x0a, 0x04, ...Buffer.from('sums')])
    expect(await streamFate(grpc, watch, sums, new Metadata())).toBe(status.UNAUTHENTICATED)
    expect(await streamFate(grpc, watch, sums, withKey(secret))).toBe('answered')
    expect(await streamFate(grpc, watch, Buffer.alloc(0), new Metadata())).toBe('answered')
  })

  test('keeps a rate exactly, over both front ends and both protocols', async () => {
    const [rate, burst] = [40, 10]
    const { secret } = await (await addConsumer(platform, 'hasty', { limits: { rate, burst } })).key('k')
    await until('the key counts', async () => expect(await statusOf(platform, bearer(secret))).toBe(200))
    await pause(1_000)
    const { grpc } = platform.runners[0]!
    const callers = Array.from({ length: 4 }, () => grpcCaller(grpc))
    let [admitted, refused] = [0, 0]
    const from = performance.now()
    const until3s = () => performance.now() - from < 3_000
    const byRest = async () => {
      while (until3s()) {
        const { status: code, headers } = await askSums(platform, bearer(secret))
        if (code === 200) admitted += 1
        else {
          refused += 1
          expect(code).toBe(429)
          expect(headers).toMatchObject({ 'retry-after': '1', 'stead-failure': 'rate_exceeded' })
        }
      }
    }
    const byGrpc = async (at: number) => {
      while (until3s())
        await callers[at]!.infer(grpcRows('sums', [[1, 1]]), withKey(secret)).then(
          () => (admitted += 1),
          (error: { code: number; metadata: Metadata }) => {
            refused += 1
            expect(error.code).toBe(status.RESOURCE_EXHAUSTED)
            expect(error.metadata.get('retry-after')).toEqual(['1'])
          },
        )
    }
    await Promise.all([...Array.from({ length: 6 }, byRest), ...callers.map((_, at) => byGrpc(at))])
    const seconds = (performance.now() - from) / 1000
    for (const caller of callers) caller.close()
    expect(refused).toBeGreaterThan(100)
    expect(admitted).toBeLessThanOrEqual(burst + rate * seconds)
    // What is due is lost only where nobody comes for longer than a burst takes.
    expect(admitted).toBeGreaterThanOrEqual(rate * 2)
  })

  test('refuses when a quota is used up, until the day ends or there is more of it', async () => {
    const hungry = await addConsumer(platform, 'hungry', { limits: { perDay: 5 } })
    const { secret } = await hungry.key('k')
    await until('the key counts', async () => expect(await statusOf(platform, bearer(secret))).toBe(200))
    for (let asked = 1; asked < 5; asked++) expect(await statusOf(platform, bearer(secret))).toBe(200)
    expect(await settled(async () => (await statusOf(platform, bearer(secret))) === 429, 4_000)).toBe(true)
    const { headers } = await askSums(platform, bearer(secret))
    expect(headers).toMatchObject({ 'stead-failure': 'quota_exhausted' })
    const untilMidnight = (86_400_000 - (Date.now() % 86_400_000)) / 1000
    expect(Math.abs(Number(headers['retry-after']) - untilMidnight)).toBeLessThan(5)
    await hungry.limit({ perDay: 1_000 })
    expect(await settled(async () => (await statusOf(platform, bearer(secret))) === 200, 2_000)).toBe(true)
  })

  test('refuses a revoked key within two seconds under load, and ends the streams that it opened', async () => {
    const [gone, kept] = [await shop.key('gone'), await shop.key('kept')]
    await until('the key counts', async () => expect(await statusOf(platform, bearer(kept.secret))).toBe(200))
    const load = startLoad(platform.runners, 'sums', {
      rest: 8,
      grpc: 0,
      openPerSecond: 0,
      headers: bearer(kept.secret),
    })
    const { grpc } = platform.runners[0]!
    const streams = Array.from({ length: 4 }, () => openInferStream(grpc, withKey(gone.secret)))
    const staying = openInferStream(grpc, withKey(kept.secret))
    for (const stream of [...streams, staying]) stream.send(grpcRows('sums', [[1, 1]]))
    expect(await settled(() => streams.every(({ answers }) => answers.length === 1))).toBe(true)
    const talking = setInterval(() => streams[0]!.send(grpcRows('sums', [[1, 1]])), 5)

    await shop.revoke(gone.id)
    const revokedAt = performance.now()
    for (const { ended } of streams) {
      const { code, at } = await ended
      expect(code).toBe(status.UNAUTHENTICATED)
      expect(at - revokedAt).toBeLessThan(2_000)
    }
    clearInterval(talking)
    await until('the key is refused', async () => expect(await statusOf(platform, bearer(gone.secret))).toBe(401))
    expect(performance.now() - revokedAt).toBeLessThan(2_000)

    staying.send(grpcRows('sums', [[1, 1]]))
    expect(await settled(() => staying.answers.length === 2)).toBe(true)
    for (const stream of [...streams, staying]) stream.close()
    expect((await load.stop()).flatMap(({ error }) => error ?? [])).toEqual([])
  })

  test('lets the server try a deployment, a monitor read the metrics, and an API token load and unload', async () => {
    const { rest: base } = platform.runners[0]!
    const project = ProjectName.parse('default')
    const request = { inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [1, 2], data: [1, 2] }] }
    const params = { project, deployment: 'sums' as DeploymentName }
    expect(await platform.client.call(tryDeployment, { params, body: { request } })).toMatchObject({ status: 200 })

    const { secret: key } = await shop.key('mere')
    const token = (acts: ['installation.metrics'] | null) =>
      platform.client.call(createToken, { body: { name: `for ${String(acts)}`, acts } })
    const [monitor, owner] = [await token(['installation.metrics']), await token(null)]
    const metrics = async (secret: string) =>
      (await rest(`${base}/metrics`, undefined, { headers: bearer(secret) })).status
    await until('the monitor is known', async () => expect(await metrics(monitor.secret)).toBe(200))
    expect([await metrics(key), await metrics(owner.secret)]).toEqual([403, 401])
    expect(await statusOf(platform, bearer(monitor.secret))).toBe(401)

    const change = async (verb: 'load' | 'unload', secret: string, name = 'others') =>
      (await rest(`${base}/v2/repository/models/${name}/${verb}`, '{}', { headers: bearer(secret) })).status
    await until('the key counts', async () => expect(await statusOf(platform, bearer(key))).toBe(200))
    expect(await change('unload', key)).toBe(403)
    for (const name of ['others', 'nosuch']) expect(await change('unload', 'stead_pat_made_up', name)).toBe(401)
    expect(await change('unload', owner.secret, 'nosuch')).toBe(404)
    expect(await change('unload', owner.secret)).toBe(200)
    expect((await askSums(platform, bearer(key), 'others')).headers['stead-failure']).toBe('parked')
    expect(await change('load', owner.secret)).toBe(200)
  })

  test('counts every request of a key once, those of a runner that is told to stop as well', async () => {
    const counted = await addConsumer(platform, 'counted')
    const { secret } = await counted.key('k')
    await until('the key counts', async () =>
      expect((await rest(`${platform.runners[0]!.rest}/v2`, undefined, { headers: bearer(secret) })).status).toBe(200),
    )
    const caller = grpcCaller(platform.runners[0]!.grpc)
    for (let asked = 0; asked < 20; asked++) {
      await askSums(platform, bearer(secret))
      await caller.infer(grpcRows('others', [[1, 1]]), withKey(secret))
    }
    const broken = inferUrl(platform.runners[0]!.rest, 'sums')
    expect((await rest(broken, '{"inputs":[]}', { headers: bearer(secret) })).status).toBe(400)
    caller.close()
    platform.runners[0]!.kill('SIGTERM')
    await platform.restartRunner(0)
    const params = { project: ProjectName.parse('default'), consumer: ConsumerName.parse('counted') }
    const { points } = await platform.client.call(readUsage, { params, query: {} })
    expect(points.map(({ deployment, requests, failed }) => ({ deployment, requests, failed }))).toEqual([
      { deployment: 'others', requests: 20, failed: 0 },
      { deployment: 'sums', requests: 21, failed: 1 },
    ])
  })
})
