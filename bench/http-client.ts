import { connect, type Socket } from 'node:net'

/** The least an HTTP/1.1 client can be: one request at a time on a connection that stays open, and answers that carry
 *  a content-length. Node's own client takes several times the processor time, which on a small machine would be
 *  taken from the server under test. */
export interface Connection {
  /** `body` is a view of what the socket gave. Rejections of the connection reject the request under way. */
  ask(request: Uint8Array): Promise<Answer>
  close(): void
}

export interface Answer {
  readonly status: number
  readonly head: string
  readonly body: Buffer
}

export async function openConnection(port: number): Promise<Connection> {
  const socket = await connected(port)
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined
  let parts: Buffer[] = []
  let size = 0
  let wanted = 0

  function fail(error: Error): void {
    waiting?.reject(error)
    waiting = undefined
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the server closed the connection')))
  socket.on('data', (chunk: Buffer) => {
    parts.push(chunk)
    size += chunk.length
    if (size < wanted) return
    const bytes = parts.length === 1 ? chunk : Buffer.concat(parts, size)
    parts = [bytes]
    let answer: Answer | number
    try {
      answer = readAnswer(bytes)
    } catch (error) {
      return void socket.destroy(error as Error)
    }
    if (typeof answer === 'number') {
      wanted = answer
      return
    }
    parts = []
    size = wanted = 0
    const done = waiting
    waiting = undefined
    done?.resolve(answer)
  })

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
    close: () => socket.destroy(),
  }
}

/** The whole answer, or how many bytes there must be before it can be read. */
export function readAnswer(bytes: Buffer): Answer | number {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return bytes.length + 1
  const head = bytes.toString('latin1', 0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`an answer without a content-length: ${head.slice(0, 200)}`)
  const whole = end + 4 + Number(length)
  if (bytes.length < whole) return whole
  return { status: Number(head.slice(9, 12)), head, body: bytes.subarray(end + 4, whole) }
}

export function httpRequest(path: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Buffer {
  const lines = Object.entries({ 'content-type': 'application/json', ...headers, 'content-length': `${body.length}` })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${head}\r\n`), body])
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}
