import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Where the tests keep what they fetched or built: outside of the repository, shared by all runs. */
export function cacheDirectory(): string {
  return process.env.STEAD_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'stead')
}

/** Runs `make` in one process at a time; the others wait and then find what it made. A maker that died is passed over. */
export async function oneMaker<T>(name: string, make: () => Promise<T>): Promise<T> {
  const mark = join(cacheDirectory(), `${name}.making`)
  await mkdir(cacheDirectory(), { recursive: true })
  while (!(await tryMark(mark))) {
    if (await isAbandoned(mark)) await rm(mark, { force: true })
    await pause(100)
  }
  try {
    return await make()
  } finally {
    await rm(mark, { force: true })
  }
}

async function tryMark(mark: string): Promise<boolean> {
  try {
    await writeFile(mark, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function isAbandoned(mark: string): Promise<boolean> {
  const pid = Number(await readFile(mark, 'utf8').catch(() => ''))
  if (pid === 0) return false // gone, or about to be written
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}
