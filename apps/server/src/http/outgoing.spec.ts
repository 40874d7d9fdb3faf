import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createPlainServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { kindOf, peerAddress } from './addresses.ts'
import { fetchOutgoing, OutgoingError, type OutgoingOptions } from './outgoing.ts'

const opened: Server[] = []
afterEach(() => {
  for (const server of opened.splice(0)) server.close()
})
async function listening(server: Server): Promise<number> {
  opened.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
const serving = (answer: RequestListener) => listening(createServer(answer))
const LOCAL = { allow: ['loopback'] } as const
const failure = (url: string, options: OutgoingOptions = LOCAL) =>
  fetchOutgoing(url, options).then(
    () => 'answered',
    (error: unknown) => (error instanceof OutgoingError ? error.because : error),
  )

describe('an address', () => {
  test.each([
    ['1.1.1.1', 'public'],
    ['2606:4700::1111', 'public'],
    ['127.255.255.255', 'loopback'],
    ['::1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00:ec2::254', 'private'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['::ffff:8.8.8.8', 'translated'],
    ['::ffff:7f00:1', 'translated'],
    ['0:0:0:0:0:ffff:127.0.0.1', 'translated'],
    ['64:ff9b::7f00:1', 'translated'],
    ['64:ff9b:1::1', 'translated'],
    ['2002:7f00:1::', 'translated'],
    ['2001::1', 'translated'],
    ['0.0.0.0', 'special'],
    ['::', 'special'],
    ['::7f00:1', 'special'],
    ['224.0.0.1', 'special'],
    ['ff02::1', 'special'],
    ['240.0.0.1', 'special'],
    ['255.255.255.255', 'special'],
    ['localhost', 'special'],
    ['', 'special'],
  ])('%s is %s', (address, kind) => {
    expect(kindOf(address)).toBe(kind)
  })

  test('of IPv4 is never public within one of IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom('::ffff:', '64:ff9b::', '::'), (address, before) => {
        expect(kindOf(before + address)).not.toBe('public')
      }),
    )
  })

  test('of a peer is written as people write it', () => {
    expect(['::ffff:10.0.0.5', '10.0.0.5', 'fe80::1%eth0', '0:0:0:0:0:0:0:1'].map(peerAddress)).toEqual([
      '10.0.0.5',
      '10.0.0.5',
      'fe80::1',
      '::1',
    ])
  })
})

describe('what is asked', () => {
  test.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'gopher://127.0.0.1/',
    'data:text/plain,x',
    'javascript:1',
    'http://me:secret@127.0.0.1/',
    'http://me@127.0.0.1/',
    'http://',
    'http://[::1',
    '127.0.0.1',
    '',
  ])('is never "%s", even where loopback is allowed', async (url) => {
    expect(await failure(url)).toBe('refused')
  })

  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.0.0.1/',
    'http://017700000001/',
    'http://127.0.0.1./',
    'http://localhost/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://10.0.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]/',
    'http://224.0.0.1/',
    'http://①②⑦.⓪.⓪.①/',
  ])('is not %s unless it is allowed', async (url) => {
    expect(await failure(url, {})).toBe('refused')
  })

  test('is refused with its kind, and with nothing of a password', async () => {
    await expect(fetchOutgoing('http://169.254.169.254/', LOCAL)).rejects.toThrow(
      '169.254.169.254 is a link-local address, and those are not asked from here',
    )
    const refused = await fetchOutgoing('http://me:hunter2@127.0.0.1/', LOCAL).catch(String)
    expect(refused).not.toContain('hunter2')
  })

  test('is the address that was checked, however often the name changes', async () => {
    const port = await serving((request, response) => void response.end(request.headers.host))
    let asked = 0
    const resolve = async () => {
      asked += 1
      return [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
    }
    const answer = await fetchOutgoing(`http://rebound.example:${port}/`, { ...LOCAL, resolve })
    expect([await answer.text(), asked]).toEqual([`rebound.example:${port}`, 1])
  })

  test('is refused when only one of its addresses is', async () => {
    const resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]
    expect(await failure('http://mixed.example/', { ...LOCAL, resolve })).toBe('refused')
    await expect(fetchOutgoing('http://mixed.example/', { ...LOCAL, resolve })).rejects.toThrow(
      'mixed.example stands for 10.0.0.1, which is a private address',
    )
    expect(await failure('http://nobody.example/', { resolve: async () => [] })).toBe('unreachable')
  })
})

describe('an answer', () => {
  test('comes with status, headers and body, and what was sent arrived', async () => {
    const port = await serving(async (request, response) => {
      const chunks = await request.toArray()
      response.writeHead(418, { 'x-method': request.method, 'x-own': request.headers['x-own'] as string })
      response.end(Buffer.concat(chunks as Buffer[]))
    })
    const options = { ...LOCAL, method: 'POST', headers: { 'x-own': 'a' }, body: 'tea' }
    const answer = await fetchOutgoing(`http://127.0.0.1:${port}/`, options)
    expect([answer.status, answer.headers.get('x-method'), answer.headers.get('x-own'), await answer.text()]).toEqual([
      418,
      'POST',
      'a',
      'tea',
    ])
  })

  test('may be empty, and may name no body at all', async () => {
    for (const status of [200, 204, 304]) {
      const port = await serving((_request, response) => void response.writeHead(status).end())
      const answer = await fetchOutgoing(`http://127.0.0.1:${port}/`, LOCAL)
      expect([answer.status, await answer.text()]).toEqual([status, ''])
    }
  })

  test('that leads elsewhere is given back and not followed', async () => {
    let asked = 0
    const port = await serving((_request, response) => {
      asked += 1
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    })
    const answer = await fetchOutgoing(`http://127.0.0.1:${port}/`, LOCAL)
    expect([answer.status, answer.headers.get('location'), asked]).toEqual([302, 'http://169.254.169.254/', 1])
  })

  test('of too many bytes is cut off, with and without a length', async () => {
    for (const headers of [{}, { 'content-length': '3000' }]) {
      const port = await serving((_request, response) => {
        response.writeHead(200, headers)
        response.end(Buffer.alloc(3000))
      })
      expect(await failure(`http://127.0.0.1:${port}/`, { ...LOCAL, maxBytes: 2999 })).toBe('too_large')
      expect((await fetchOutgoing(`http://127.0.0.1:${port}/`, { ...LOCAL, maxBytes: 3000 })).status).toBe(200)
    }
  })

  test('that does not come, or trickles, is late', async () => {
    const silent = await serving(() => {})
    const trickling = await serving((_request, response) => {
      const beat = setInterval(() => response.write('.'), 10)
      response.once('close', () => clearInterval(beat))
    })
    const deaf = await listening(createPlainServer(() => {}))
    for (const port of [silent, trickling, deaf])
      expect(await failure(`http://127.0.0.1:${port}/`, { ...LOCAL, timeoutMs: 150 })).toBe('late')
    const stuck = { ...LOCAL, timeoutMs: 50, resolve: () => new Promise<never>(() => {}) }
    expect(await failure('http://stuck.example/', stuck)).toBe('late')
  })

  test('that breaks off, is no HTTP, or comes from nobody is none', async () => {
    const broken = await serving((_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('x', () => response.destroy())
    })
    const babbling = await listening(createPlainServer((socket) => socket.end('SSH-2.0-x\r\n')))
    const heady = await listening(
      createPlainServer((socket) =>
        socket.on('error', () => {}).end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`),
      ),
    )
    const upgrading = await listening(
      createPlainServer((socket) =>
        socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
      ),
    )
    for (const port of [broken, babbling, heady, upgrading, 1])
      expect(await failure(`http://127.0.0.1:${port}/`), String(port)).toBe('unreachable')
    await expect(fetchOutgoing('http://127.0.0.1:1/', LOCAL)).rejects.toThrow(/cannot be reached: .*ECONNREFUSED/)
  })

  test('is not waited for once the caller has gone', async () => {
    const port = await serving(() => {})
    const gone = new AbortController()
    setTimeout(() => gone.abort(new Error('the caller has gone')), 30)
    await expect(fetchOutgoing(`http://127.0.0.1:${port}/`, { ...LOCAL, signal: gone.signal })).rejects.toThrow(
      'the caller has gone',
    )
    await expect(fetchOutgoing(`http://127.0.0.1:${port}/`, { ...LOCAL, signal: gone.signal })).rejects.toThrow(
      'the caller has gone',
    )
  })
})
