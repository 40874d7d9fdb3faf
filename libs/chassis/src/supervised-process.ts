import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { ChildSpec } from './supervise.ts'

export interface ProcessEnd {
  /** Exit code or signal, and the last line on stderr: what tells two ends apart. */
  readonly reason: string
  /** The last lines of stderr. */
  readonly lastWords: readonly string[]
}

export interface RunningProcess {
  readonly pid: number | undefined
  /** Whether it could be started at all. */
  readonly spawned: Promise<boolean>
  /** True when it called `reportReady`, false when it ended without. */
  readonly reportedReady: Promise<boolean>
  readonly end: Promise<ProcessEnd>
  /** SIGTERM goes to the process, whose children are its own business; SIGKILL to its whole group. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

const READY = 'stead:ready'
const LAST_WORDS = 20
const LONGEST_LINE = 64 * 1024
// Grandchildren may hold the pipes open for ever; what the child itself wrote is there within this.
const DRAIN_MS = 200

/** Called by a child that was started with `ready: 'message'`. Does nothing where nobody supervises. */
export function reportReady(): void {
  // The callback takes the error of a supervisor that is gone already.
  if (process.connected) process.send?.(READY, undefined, undefined, () => {})
}

/** Calls back once the process that supervises this one is gone, without which nobody would ever stop it. */
export function whenOrphaned(callback: () => void): void {
  if (process.channel) process.once('disconnect', callback)
}

export function startProcess(
  { command, args = [], env, bareEnv = false, cwd }: ChildSpec,
  onLine: (line: string, stream: 'stdout' | 'stderr') => void,
): RunningProcess {
  const child = spawn(command, args, {
    cwd,
    env: bareEnv ? { ...env } : { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own: Ctrl-C in a terminal reaches the supervisor alone, which then stops its children in order.
    detached: true,
  })
  const lastWords: string[] = []
  readLines(child.stdout, (line) => onLine(line, 'stdout'))
  readLines(child.stderr, (line) => {
    lastWords.push(line)
    if (lastWords.length > LAST_WORDS) lastWords.shift()
    onLine(line, 'stderr')
  })
  const end = endOf(child, lastWords)
  return {
    pid: child.pid,
    spawned: new Promise((resolve) => {
      child.once('spawn', () => resolve(true)).once('error', () => resolve(false))
    }),
    reportedReady: new Promise((resolve) => {
      child.on('message', (message) => message === READY && resolve(true))
      void end.then(() => resolve(false))
    }),
    end,
    kill: (signal) => (signal === 'SIGKILL' ? killGroup(child) : void child.kill(signal)),
  }
}

function endOf(child: ChildProcess, lastWords: readonly string[]): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    const finish = (how: string) => {
      const said = lastWords.findLast((line) => line.trim() !== '')
      resolve({ reason: said === undefined ? how : `${how}, saying "${said.trim()}"`, lastWords: [...lastWords] })
    }
    child.once('error', (error) => {
      // Later errors (a signal or message that found nobody) do not end a process that was started.
      if (child.pid === undefined) finish(`could not be started (${error.message})`)
    })
    child.on('error', () => {})
    child.once('exit', (code, signal) => {
      // What it leaves behind would hold its ports and files against the next life.
      killGroup(child)
      const how = signal ? `killed by ${signal}` : `exit code ${code}`
      const timer = setTimeout(() => finish(how), DRAIN_MS)
      child.once('close', () => {
        clearTimeout(timer)
        finish(how)
      })
    })
  })
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in the group.
  }
}

/** Calls back with whole lines, with the last one even if it has no end, and with pieces of an endless one. */
function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  let rest = ''
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line.replace(/\r$/, ''))
    for (; rest.length > LONGEST_LINE; rest = rest.slice(LONGEST_LINE)) onLine(rest.slice(0, LONGEST_LINE))
  })
  stream?.on('end', () => rest !== '' && onLine(rest))
}
