import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** What came back over a connection until it ended. */
export interface Heard {
  readonly text: string
  /** The status of each answer, in order. */
  readonly answers: readonly number[]
  /** Whether the other side ended it. */
  readonly closed: boolean
}

const PATIENCE_MS = 5_000

/** Says these bytes over a connection of its own and listens until the other side ends it. */
export async function say(base: string, bytes: string, patienceMs = PATIENCE_MS): Promise<Heard> {
  const socket = open(base)
  const heard = listenTo(socket)
  socket.write(Buffer.from(bytes, 'latin1'))
  return heard(patienceMs)
}

/** The status of the first answer to these bytes, while whoever says them still has more to say. */
export async function firstAnswer(base: string, bytes: string): Promise<number> {
  const socket = open(base)
  let text = ''
  socket.write(Buffer.from(bytes, 'latin1'))
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1')
      const status = /^HTTP\/1\.1 (\d{3}) [^]*\r\n\r\n/.exec(text)?.[1]
      if (status) return Number(status)
    }
    return 0
  } finally {
    socket.destroy()
  }
}

/** Checks each, several at a time. */
export async function eachOf<T>(all: readonly T[], check: (one: T) => Promise<void>): Promise<void> {
  const left = all.values()
  const work = async () => {
    for (const one of left) await check(one)
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

/** Says a beginning, and then a piece again and again for as long as it is let. */
export function sayForever(base: string, beginning: string, piece: string, everyMs: number) {
  const socket = open(base)
  const heard = listenTo(socket)
  socket.write(Buffer.from(beginning, 'latin1'))
  const timer = setInterval(() => piece !== '' && socket.write(piece), everyMs)
  socket.once('close', () => clearInterval(timer))
  return { heard, stop: () => socket.destroy(), isOpen: () => !socket.destroyed && !socket.readableEnded }
}

function open(base: string): Socket {
  const { hostname, port } = new URL(base)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  socket.on('error', () => {})
  return socket
}

function listenTo(socket: Socket): (patienceMs: number) => Promise<Heard> {
  const chunks: Buffer[] = []
  let closed = false
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      closed = true
      resolve()
    }
    socket.once('end', end).once('close', end)
  })
  return async (patienceMs) => {
    await Promise.race([ended, pause(patienceMs, undefined, { ref: false })])
    const wasClosed = closed
    socket.destroy()
    const text = Buffer.concat(chunks).toString('latin1')
    const answers = [...text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map(([, status]) => Number(status))
    return { text, answers, closed: wasClosed }
  }
}

/** A request whose lines are exactly these. */
export const lines = (...of: string[]) => `${of.join('\r\n')}\r\n\r\n`
