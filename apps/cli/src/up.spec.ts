import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSupervisor } from '@stead/chassis'
import type { Supervisor } from '@stead/chassis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chooseAddresses, environmentOf, localUrl, partPath } from './platform.ts'
import { startInstallation } from './up.ts'

/** Stand-ins that do what a supervisor can see of the real ones, and write down when they begin and end. */
const SERVER = `
  import { appendFileSync, existsSync, readFileSync } from 'node:fs'
  import { createServer } from 'node:http'
  const { STEAD_PORT, STEAD_HOST, STEAD_JOIN_SECRET, LOG, KNOWN } = process.env
  appendFileSync(LOG, 'server begins\\n')
  process.on('SIGTERM', () => { appendFileSync(LOG, 'server ends\\n'); process.exit(0) })
  createServer((request, response) => {
    if (request.url === '/die') process.exit(1)
    if (request.url.endsWith('/status') && request.headers.authorization !== 'Bearer ' + STEAD_JOIN_SECRET) response.statusCode = 401
    const runners = existsSync(KNOWN) ? [JSON.parse(readFileSync(KNOWN, 'utf8'))] : []
    response.end(JSON.stringify(request.url.endsWith('/health') ? { ready: true } : { runners }))
  }).listen(Number(STEAD_PORT), STEAD_HOST)`
const RUNNER = `
  import { appendFileSync, writeFileSync } from 'node:fs'
  const { STEAD_URL, STEAD_RUNNER_PORT, STEAD_GRPC_PORT, LOG, KNOWN } = process.env
  const answer = await fetch(STEAD_URL + '/api/v1/health')
  appendFileSync(LOG, 'runner begins ' + answer.ok + '\\n')
  process.on('SIGTERM', () => { appendFileSync(LOG, 'runner ends\\n'); process.exit(0) })
  writeFileSync(KNOWN, JSON.stringify({ token: process.env.STEAD_TOKEN, name: 'alpha', connected: true, rest: 'http://127.0.0.1:' + STEAD_RUNNER_PORT, grpc: '127.0.0.1:' + STEAD_GRPC_PORT }))
  setInterval(() => {}, 1000)`

let folder = ''
let supervisors: { server: Supervisor; runner: Supervisor }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stead-up-'))
  await writeFile(join(folder, 'server.mjs'), SERVER)
  await writeFile(join(folder, 'runner.mjs'), RUNNER)
  const quiet = { info: () => {}, warn: () => {}, error: () => {} }
  const make = () =>
    createSupervisor({ log: quiet, output: () => {}, backoff: { firstMs: 10, longestMs: 50 }, probeEveryMs: 10 })
  supervisors = { server: make(), runner: make() }
})
afterEach(async () => {
  await supervisors.runner.stop()
  await supervisors.server.stop()
  await rm(folder, { recursive: true, force: true })
})

const log = async () => (await readFile(join(folder, 'log'), 'utf8')).trim().split('\n')
const start = async () =>
  startInstallation(
    {
      serverPath: join(folder, 'server.mjs'),
      runnerPath: join(folder, 'runner.mjs'),
      addresses: await chooseAddresses({ STEAD_PORT: '0', STEAD_RUNNER_PORT: '0', STEAD_GRPC_PORT: '0' }),
      env: { LOG: join(folder, 'log'), KNOWN: join(folder, 'known') },
    },
    supervisors,
  )

describe('an installation on one machine', () => {
  test('starts server and runner at once, stands when both do, and ends the runner first', async () => {
    const { server, runner } = await start()
    expect(runner).toMatchObject({ name: 'alpha' })
    expect((await fetch(`${server}/api/v1/health`)).ok).toBe(true)
    await supervisors.runner.stop()
    await supervisors.server.stop()
    const lines = await log()
    expect(
      lines
        .slice(0, 2)
        .map((line) => line.split(' ', 2).join(' '))
        .toSorted(),
    ).toEqual(['runner begins', 'server begins'])
    expect(lines.slice(2)).toEqual(['runner ends', 'server ends'])
  })

  test('gives both a secret of their own, by which the runner joins', async () => {
    const { server } = await start()
    const { token } = JSON.parse(await readFile(join(folder, 'known'), 'utf8')) as { token: string }
    expect(token).toMatch(/^[\w-]{43}$/)
    const status = (secret: string) =>
      fetch(`${server}/api/v1/status`, { headers: { authorization: `Bearer ${secret}` } })
    expect([(await status(token)).ok, (await status('another')).ok]).toEqual([true, false])
  })

  test('starts a server that died again, at the same address', async () => {
    const { server } = await start()
    await fetch(`${server}/die`).catch(() => {})
    const isBack = async () =>
      fetch(`${server}/api/v1/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    while (!(await isBack())) await new Promise((resolve) => setTimeout(resolve, 10))
    expect((await log()).filter((line) => line === 'server begins')).toHaveLength(2)
  })
})

describe('addresses', () => {
  test('a port that is taken is named, with the flag that chooses another', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const { port } = holder.address() as AddressInfo
    try {
      const refused = chooseAddresses({ STEAD_PORT: '0', STEAD_RUNNER_PORT: `${port}` })
      await expect(refused).rejects.toMatchObject({
        message: `port ${port} on 127.0.0.1 is taken`,
        fix: expect.stringContaining('--runner-port') as string,
      })
    } finally {
      await new Promise((resolve) => holder.close(resolve))
    }
    await expect(chooseAddresses({ STEAD_PORT: '70a' })).rejects.toThrow('STEAD_PORT is "70a"')
  })

  test('flags become the environment that both programs read', () => {
    expect(environmentOf({ port: 1, host: '::', home: 'x', 'runner-port': 2, 'grpc-port': undefined })).toEqual({
      STEAD_PORT: '1',
      STEAD_HOST: '::',
      STEAD_HOME: 'x',
      STEAD_RUNNER_PORT: '2',
    })
  })

  test('a server that listens everywhere is reached on this machine', () => {
    expect([localUrl('0.0.0.0', 1), localUrl('::', 1), localUrl('::1', 1), localUrl('10.0.0.5', 1)]).toEqual([
      'http://127.0.0.1:1',
      'http://[::1]:1',
      'http://[::1]:1',
      'http://10.0.0.5:1',
    ])
  })

  test('a program that is not there is said to be no part of this package', () => {
    expect(() => partPath('nothing' as 'server')).toThrow('not part of this package')
  })
})
