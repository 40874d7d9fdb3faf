import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface Row {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** Every process of this machine that runs; one that ended and is not yet buried does not count. */
async function processes(): Promise<Row[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { maxBuffer: 64 * 2 ** 20 })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined || state!.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent), command: command! }]
  })
}

/** The engine hosts of a runner, loaded or not. */
export async function hostsOf(runner: number): Promise<number[]> {
  return (await processes()).filter(({ parent }) => parent === runner).map(({ pid }) => pid)
}

/** Those of these that still run. */
export async function alive(pids: readonly number[]): Promise<number[]> {
  const running = new Set((await processes()).map(({ pid }) => pid))
  return pids.filter((pid) => running.has(pid))
}
