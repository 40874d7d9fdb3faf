import { readFile } from 'node:fs/promises'
import { totalmem } from 'node:os'

const PAGE = 4096

/** Bytes that a process has to itself: what ending it would give back. Undefined when it is gone; elsewhere than on
 *  Linux, where pages shared with other hosts cannot be told, `otherwise` is taken. */
export async function privateBytes(pid: number, otherwise: () => Promise<number>): Promise<number | undefined> {
  if (process.platform !== 'linux') return otherwise().catch(() => undefined)
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => undefined)
  if (statm === undefined) return undefined
  const [, resident = 0, shared = 0] = statm.split(' ').map(Number)
  return (resident - shared) * PAGE
}

/** Half of what this machine, or the container around us, has. */
export function defaultEngineMemory(): number {
  const constrained = process.constrainedMemory()
  return Math.floor(Math.min(constrained > 0 ? constrained : Infinity, totalmem()) / 2)
}
