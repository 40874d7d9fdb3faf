import { networkInterfaces } from 'node:os'
import type { ErrorBody } from '@stead/contracts'
import { expect, test } from 'vitest'
import { startScratchServer } from '../../scratch-server.fixture.ts'
import { grpcAddress, runnerOrigin, type RunnerPeer } from './runner-address.ts'

const HERE: RunnerPeer = { remote: '127.0.0.1', local: '127.0.0.1', forwarded: false }
const FAR: RunnerPeer = { remote: '::ffff:10.0.0.5', local: '::ffff:10.0.0.1', forwarded: false }
const origin = (rest: string, peer: RunnerPeer, hosts: string[] = []) => {
  try {
    return runnerOrigin(rest, peer, hosts)
  } catch (error) {
    return (error as { code: string; where: string }).where
  }
}

test.each([
  ['http://127.0.0.1:7080', HERE, [], 'http://127.0.0.1:7080'],
  ['127.0.0.1:7080', HERE, [], 'http://127.0.0.1:7080'],
  ['http://localhost:7080/', HERE, [], 'http://localhost:7080'],
  ['http://[::1]:7080', HERE, [], 'http://[::1]:7080'],
  ['http://0.0.0.0:7080', HERE, [], 'http://127.0.0.1:7080'],
  ['http://10.0.0.5:7080', FAR, [], 'http://10.0.0.5:7080'],
  ['https://10.0.0.5:7080', FAR, [], 'https://10.0.0.5:7080'],
  ['http://0.0.0.0:7080', FAR, [], 'http://10.0.0.5:7080'],
  ['http://[::]:7080', { ...FAR, remote: 'fd00::5' }, [], 'http://[fd00::5]:7080'],
  ['http://[fd00:0::5]:7080', { ...FAR, remote: 'fd00::5' }, [], 'http://[fd00::5]:7080'],
  ['http://127.0.0.1:7080', { ...FAR, local: '10.0.0.5' }, [], 'http://127.0.0.1:7080'],
  ['http://runner-1.internal:7080', FAR, ['Runner-1.internal'], 'http://runner-1.internal:7080'],
  ['http://10.9.9.9:7080', { ...HERE, forwarded: true }, ['10.9.9.9'], 'http://10.9.9.9:7080'],
  ['http://[fd00::9]:7080', FAR, ['fd00:0:0::9'], 'http://[fd00::9]:7080'],
] as const)('%s from %o, with %j named, is asked at %4$s', (rest, peer, hosts, asked) => {
  expect(origin(rest, peer, [...hosts])).toBe(asked)
})

test.each([
  ['http://127.0.0.1:7080', FAR],
  ['http://localhost:7080', FAR],
  ['http://2130706433:7080', FAR],
  ['http://[::ffff:127.0.0.1]:7080', FAR],
  ['http://[::ffff:10.0.0.5]:7080', FAR],
  ['http://10.0.0.6:7080', FAR],
  ['http://169.254.169.254', FAR],
  ['http://169.254.169.254', HERE],
  ['http://metadata.internal', HERE],
  ['http://evil.example:7080', HERE],
  ['http://127.0.0.1.evil.example:7080', HERE],
  ['http://127.0.0.1:7080', { ...HERE, forwarded: true }],
  ['http://0.0.0.0:7080', { ...HERE, forwarded: true }],
  ['http://me:secret@127.0.0.1:7080', HERE],
  ['http://127.0.0.1:7080@evil.example', HERE],
  ['http://127.0.0.1:7080/admin', HERE],
  ['http://127.0.0.1:7080/?x', HERE],
  ['http://127.0.0.1:7080/#', HERE],
  ['http://127.0.0.1:7080\\x', HERE],
  ['file:///etc/passwd', HERE],
  ['ftp://127.0.0.1', HERE],
  ['http://', HERE],
  ['', HERE],
] as const)('%s from %o is refused', (rest, peer) => {
  expect(origin(rest, peer)).toBe('query.rest')
})

test('a runner on this machine may listen on any of its addresses', () => {
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  for (const { address, family, scopeid } of own) {
    if (scopeid) continue
    const rest = `http://${family === 'IPv6' ? `[${address}]` : address}:7080`
    expect(origin(rest, HERE)).toBe(rest)
  }
})

test('a gRPC address is a host and a port', () => {
  const at = (grpc: string) => grpcAddress(grpc, 'http://10.0.0.5:7080')
  for (const fine of ['127.0.0.1:7081', '[::1]:7081', 'runner-0:7081']) expect(at(fine)).toBe(fine)
  for (const everywhere of ['0.0.0.0:7081', '[::]:7081']) expect(at(everywhere)).toBe('10.0.0.5:7081')
  for (const wrong of ['', 'a', 'a:b', 'a:1/x', '$(id):1', 'a b:1', 'a:1\n', 'http://a:1'])
    expect(() => at(wrong)).toThrow('query.grpc')
})

test('a runner that names another address than its own is not registered', async () => {
  const server = await startScratchServer({ STEAD_RUNNER_HOSTS: 'runner-1.internal' })
  const register = (rest: string, headers: Record<string, string> = {}) => {
    const query = new URLSearchParams({ rest, grpc: 'a:1', pid: '1', frontEnds: '1', runtimes: 'onnx' })
    return fetch(`${server.url}/api/v1/runners/r/desired?${query}`, { headers })
  }
  for (const [rest, headers] of [
    ['http://169.254.169.254/', {}],
    ['http://evil.example', {}],
    ['http://127.0.0.1:7080', { 'x-forwarded-for': '10.0.0.1' }],
  ] as const) {
    const refused = await register(rest, headers)
    const { error } = (await refused.json()) as ErrorBody
    expect([refused.status, error.code, error.where]).toEqual([400, 'invalid_request', 'query.rest'])
  }
  const status = async () =>
    (await (await fetch(`${server.url}/api/v1/status`)).json()) as { runners: { rest: string }[] }
  expect((await status()).runners).toEqual([])
  for (const rest of ['0.0.0.0:7080', 'http://runner-1.internal:7080/']) {
    const taken = await register(rest, rest.startsWith('0') ? {} : { forwarded: 'for=10.0.0.1' })
    expect(taken.status).toBe(200)
    await taken.body?.cancel()
  }
  await server.close()
})
