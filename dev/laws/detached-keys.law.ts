import { readFile, stat, writeFile } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { credentials } from '@grpc/grpc-js'
import { createJoinToken, revokeJoinToken } from '@stead/contracts'
import { afterAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../services/certificate.ts'
import { addConsumer, askSums, bearer, startClosed, statusOf, withKey } from './consumers.ts'
import { inferUrl, rest, rows } from './load.ts'
import { freePort, start, startPlatform, until } from './platform.ts'
import type { Platform } from './platform.ts'
import { grpcAsk, settled } from './serving.ts'

describe('a closed runner without its server', () => {
  let platform: Platform
  afterAll(() => platform?.stop())

  test('honours the keys it knows for as long as it may, then none, and again what the server says when it is back', async () => {
    platform = await startClosed({ env: { STEAD_DETACHED_KEYS: '10s' } })
    const shop = await addConsumer(platform, 'shop')
    const [kept, gone] = [await shop.key('kept'), await shop.key('gone')]
    await until('the key counts', async () => expect(await statusOf(platform, bearer(gone.secret))).toBe(200))

    const path = join(platform.home, 'runner-0', 'admission.json')
    await until('it is kept', async () => expect(await readFile(path, 'utf8')).toContain(gone.id))

    platform.server.kill('SIGKILL')
    await platform.server.exited
    const lostAt = performance.now()
    const runner = platform.runners[0]!
    runner.kill('SIGKILL')
    const again = await platform.restartRunnerAlone(0)
    expect(await statusOf(platform, bearer(kept.secret))).toBe(200)
    expect(await statusOf(platform, bearer('stead_key_other'))).toBe(401)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const text = await readFile(path, 'utf8')
    expect(text).toContain('sha256:')
    for (const secret of [kept.secret, gone.secret]) expect(text).not.toContain(secret)

    expect(await settled(async () => (await statusOf(platform, bearer(kept.secret))) === 503, 20_000)).toBe(true)
    expect(performance.now() - lostAt).toBeLessThan(15_000)
    const refused = await askSums(platform, bearer(kept.secret))
    expect(refused.headers).toMatchObject({ 'stead-failure': 'detached_too_long' })
    expect(refused.json.error).toContain('STEAD_DETACHED_KEYS')
    expect(await statusOf(platform)).toBe(503)
    expect((await rest(`${again.rest}/v2/health/ready`)).status).toBe(200)

    await platform.restartServer()
    await until('keys count again', async () => expect(await statusOf(platform, bearer(kept.secret))).toBe(200))
    await shop.revoke(gone.id)
    await until('the key is refused', async () => expect(await statusOf(platform, bearer(gone.secret))).toBe(401))
  })
})

describe('a runner with a certificate and a join token', () => {
  test('encrypts both protocols, and goes on with the keys it knows when its token is revoked', async () => {
    const platform = await startClosed()
    const certificate = makeCertificate()
    const [cert, key] = [join(platform.home, 'cert.pem'), join(platform.home, 'key.pem')]
    await writeFile(cert, certificate.cert)
    await writeFile(key, certificate.key, { mode: 0o600 })
    const [port, grpc] = [await freePort(), await freePort()]
    const joining = await platform.client.call(createJoinToken, { body: { name: 'elsewhere' } })
    const runner = start('runner', {
      STEAD_HOME: join(platform.home, 'encrypted'),
      STEAD_RUNNER_NAME: 'encrypted',
      STEAD_TOKEN: joining.secret,
      STEAD_URL: platform.url,
      STEAD_RUNNER_PORT: String(port),
      STEAD_GRPC_PORT: String(grpc),
      STEAD_TLS_CERT: cert,
      STEAD_TLS_KEY: key,
    })
    try {
      const { secret } = await (await addConsumer(platform, 'shop')).key('k')
      const askRest = () =>
        new Promise<number>((resolve, reject) => {
          const url = inferUrl(`https://localhost:${port}`, 'sums')
          const headers = { ...bearer(secret), 'content-type': 'application/json' }
          httpsRequest(url, { method: 'POST', ca: certificate.cert, headers, agent: false }, (response) => {
            response.resume()
            resolve(response.statusCode ?? 0)
          })
            .on('error', reject)
            .end(rows([[1, 1]]))
        })
      await until('it serves', async () => expect(await askRest()).toBe(200), runner)
      const secure = credentials.createSsl(Buffer.from(certificate.cert))
      expect(await grpcAsk(`localhost:${grpc}`, 'ServerLive', {}, { credentials: secure })).toEqual({ live: true })
      const metadata = withKey(secret)
      const asked = grpcAsk(`localhost:${grpc}`, 'ModelMetadata', { name: 'sums' }, { metadata, credentials: secure })
      expect(await asked).toMatchObject({ name: 'sums' })

      await platform.client.call(revokeJoinToken, { params: { token: joining.id } })
      const isMember = async () => (await platform.runnerStatuses()).find(({ name }) => name === 'encrypted')?.connected
      await until('it is no member any more', async () => expect(await isMember()).toBe(false))
      expect(await askRest()).toBe(200)
      expect(runner.output()).toContain('STEAD_TOKEN takes a join token')
      expect(runner.output()).not.toContain(joining.secret)
    } finally {
      runner.kill('SIGKILL')
      await runner.exited
      await platform.stop()
    }
  })
})

describe('a runner that others can reach', () => {
  test('does not start without a join token', async () => {
    const runner = start('runner', { STEAD_HOME: '/nonexistent', STEAD_HOST: '0.0.0.0' })
    expect((await runner.exited).code).toBe(1)
    expect(runner.output()).toContain('STEAD_TOKEN')
  })

  test('refuses everybody while its installation is open to everybody, and says what to do', async () => {
    const platform = await startPlatform({ runners: 0 })
    try {
      const [port, grpc] = [await freePort(), await freePort()]
      const { secret } = await platform.client.call(createJoinToken, { body: { name: 'elsewhere' } })
      const runner = start('runner', {
        STEAD_HOME: join(platform.home, 'exposed'),
        STEAD_HOST: '0.0.0.0',
        STEAD_TOKEN: secret,
        STEAD_URL: platform.url,
        STEAD_RUNNER_PORT: String(port),
        STEAD_GRPC_PORT: String(grpc),
      })
      const base = `http://127.0.0.1:${port}`
      try {
        await until(
          'it has heard of the server',
          async () => expect((await rest(`${base}/v2`)).text).toContain('make an owner'),
          runner,
        )
        expect((await rest(`${base}/v2`)).status).toBe(503)
        expect((await rest(`${base}/v2/health/live`)).status).toBe(200)
      } finally {
        runner.kill('SIGKILL')
        await runner.exited
      }
    } finally {
      await platform.stop()
    }
  })
})
