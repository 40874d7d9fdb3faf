import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createConnections, HTTP_LIMITS, type ConnectionOptions } from './connections.ts'

const opened: (Server | Socket)[] = []
afterEach(() => {
  for (const one of opened.splice(0))
    if ('close' in one) one.close()
    else one.destroy()
})

const SHORT = { stallMs: 200, wholeMs: 100_000 }

async function serve(answer: RequestListener, options: Partial<ConnectionOptions> = {}, limits: object = {}) {
  const connections = createConnections({
    ...SHORT,
    refusal: (status) => ({ body: `refused ${status}`, headers: ['content-type: text/plain'] }),
    ...options,
  })
  const server = createServer({ ...HTTP_LIMITS, ...limits }, (request, response) => {
    connections.note(response)
    answer(request, response)
  })
  server.on('clientError', connections.clientError)
  opened.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Says the pieces one after another and hears until the other side ends. */
async function speak(port: number, pieces: readonly string[], everyMs = 20): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  opened.push(socket)
  socket.on('error', () => {})
  const heard: Buffer[] = []
  socket.on('data', (chunk: Buffer) => heard.push(chunk))
  const ended = new Promise<void>((resolve) => socket.once('end', resolve).once('close', () => resolve()))
  for (const piece of pieces) {
    if (socket.destroyed) break
    socket.write(piece)
    await Promise.race([pause(everyMs), ended])
  }
  await ended
  return Buffer.concat(heard).toString()
}
const whole: RequestListener = async (request, response) => {
  try {
    const chunks = await request.toArray()
    response.end(`heard ${Buffer.concat(chunks as Buffer[]).length}`)
  } catch {
    response.destroy()
  }
}
const head = (length: number, more = '') =>
  `POST / HTTP/1.1\r\nhost: a\r\n${more}content-length: ${length}\r\nconnection: close\r\n\r\n`

test('a body that stops coming is refused with 408, whatever came before', async () => {
  const port = await serve(whole)
  for (const pieces of [[head(10)], [head(10), '12345']]) {
    const heard = await speak(port, pieces)
    expect(heard).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[^]*connection: close\r\n\r\nrefused 408$/)
  }
  const chunked = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\n123'
  expect(await speak(port, [chunked])).toContain('refused 408')
})

test('a body that keeps coming may take its time where it is taken in as it comes, and elsewhere has a bound', async () => {
  const options = {
    wholeMs: 400,
    mayTrickle: ({ headers }: { headers: Record<string, unknown> }) => 'x-octets' in headers,
  }
  const port = await serve(whole, options)
  const trickle = Array.from('123456789012345678901234567890')
  expect(await speak(port, [head(30, 'x-octets: 1\r\n'), ...trickle], 30)).toContain('heard 30')
  expect(await speak(port, [head(30), ...trickle], 30)).toContain('refused 408')
})

test('a body that waits for a reader is no slow one', async () => {
  const port = await serve((request, response) => void setTimeout(() => whole(request, response), 600))
  expect(await speak(port, [head(200_000) + 'x'.repeat(200_000)])).toContain('heard 200000')
})

test('an answer may take longer than a body', async () => {
  const port = await serve((_request, response) => void setTimeout(() => response.end('late'), 600))
  expect(await speak(port, ['GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'])).toContain('late')
})

test('headers that do not come, and a connection that says nothing, end with 408', async () => {
  const port = await serve(whole, {}, { headersTimeout: 200, connectionsCheckingInterval: 50 })
  for (const pieces of [['GET / HTTP/1.1\r\nhost: a\r\n'], [''], ['G', 'E', 'T']])
    expect(await speak(port, pieces)).toContain('refused 408')
  const trickle = Array.from({ length: 40 }, (_, at) => `x-${at}: y\r\n`)
  expect(await speak(port, ['GET / HTTP/1.1\r\nhost: a\r\n', ...trickle])).toContain('refused 408')
})

test('what is no HTTP is 400 and too many headers are 431, once', async () => {
  const port = await serve(whole)
  for (const [said, status] of [
    ['hello\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nhost : a\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ] as const) {
    const heard = await speak(port, [said])
    expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`])
    expect(heard).toContain(`refused ${status}`)
  }
})

test('a request whose body is broken gets one answer', async () => {
  const port = await serve(whole)
  const heard = await speak(port, ['POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'])
  expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400'])
})

test('what is no HTTP behind a request takes nothing from its answer', async () => {
  const later = await serve((_request, response) => void setTimeout(() => response.end('mine'), 100))
  const heard = await speak(later, ['GET / HTTP/1.1\r\nhost: a\r\n\r\nno request\r\n\r\n'])
  expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
  expect(heard).toContain('mine')
})

test('what is no HTTP in the middle of an answer ends the connection, and stands in no answer', async () => {
  const port = await serve((_request, response) => void response.write('half'))
  const heard = await speak(port, ['GET / HTTP/1.1\r\nhost: a\r\n\r\n', 'no request\r\n\r\n'], 50)
  expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200'])
  expect(heard).not.toContain('refused')
})
