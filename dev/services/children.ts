import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

export const run = promisify(execFile)

/** A port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}

/** A server process that is gone when it is stopped, or at the latest when this process ends. */
export function startServer(command: string, parameters: readonly string[], options: SpawnOptions = {}) {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let said = ''
  const listen = (chunk: Buffer) => void (said = (said + chunk.toString()).slice(-4000))
  child.stdout?.on('data', listen)
  child.stderr?.on('data', listen)
  child.on('error', (error) => void (said += error.message))
  const killAtEnd = () => void child.kill('SIGKILL')
  process.once('exit', killAtEnd)
  return {
    child,
    said: () => said,
    async stop(signal: NodeJS.Signals = 'SIGKILL') {
      process.off('exit', killAtEnd)
      if (hasEnded(child)) return
      child.kill(signal)
      await once(child, 'exit')
    },
  }
}

/** Waits until somebody listens at the port; fails when the process ends first, with its last words. */
export async function untilListening(port: number, server: ReturnType<typeof startServer>): Promise<void> {
  while (!(await listens(port))) {
    if (hasEnded(server.child)) throw new Error(`The server ended before it listened: ${server.said()}`)
    await pause(50)
  }
}

const hasEnded = (child: ChildProcess) =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
