import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A server that is compared: a process of ours that prints `listening PORT`. */
export interface Candidate {
  readonly port: number
  /** The roots of its process trees. */
  readonly pids: readonly number[]
  stop(): Promise<void>
}

const HERTZ = 100 // sysconf(_SC_CLK_TCK), which Linux fixes at 100 for what it shows in /proc.

export const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export function startNode(file: string, args: readonly string[] = []): Promise<Candidate> {
  return startProgram(process.execPath, ['--disable-warning=ExperimentalWarning', fileOf(file), ...args])
}

export async function startProgram(command: string, args: readonly string[]): Promise<Candidate> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text.toString()
      const found = /listening (\d+)/.exec(said)?.[1]
      if (found !== undefined) resolve(Number(found))
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', reject)
    void ended.then(() => reject(new Error(`${command} ${args.join(' ')} ended: ${said.slice(-2000)}`)))
  })
  return {
    port,
    pids: [child.pid!],
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Seconds of processor time, user and system, that these processes and their living descendants have had. */
export function processorSeconds(pids: readonly number[]): number {
  return familyOf(pids).reduce((sum, pid) => sum + ticksOf(pid), 0) / HERTZ
}

/** Resident bytes of one process. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) * 1024
}

function familyOf(pids: readonly number[]): number[] {
  return pids.flatMap((pid) => [pid, ...familyOf(childrenOf(pid))])
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
}

/** The name in parentheses may hold anything; what follows it is counted from field 3 on. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
