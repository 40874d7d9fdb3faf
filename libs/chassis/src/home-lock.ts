import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'

export interface HomeLock {
  /** Gives the home free. The end of the process, however it comes, does the same. */
  release(): void
}

/** A person can mend it: no stack is worth showing. */
export class HomeInUseError extends Error {
  override readonly name = 'HomeInUseError'
}

/** Keeps every other process out of a home. The lock is the kernel's, on `<home>/lock`, held through an exclusive SQLite
 *  transaction that never writes: it ends with the process, even by SIGKILL, so there is no stale lock to clear away.
 *  `<home>/lock.holder` only tells a refused process whom it met. `variable` names the setting that chooses the home. */
export async function lockHome(home: string, variable = 'STEAD_HOME'): Promise<HomeLock> {
  await mkdir(home, { recursive: true })
  const lock = takeLock(join(home, 'lock'))
  const note = join(home, 'lock.holder')
  if (lock === undefined) throw new HomeInUseError(await refusal(home, note, variable))
  await writeFile(`${note}.new`, String(process.pid))
  await rename(`${note}.new`, note)
  let held = true
  return {
    release() {
      if (held) lock.close()
      held = false
    },
  }
}

function takeLock(path: string): DatabaseSync | undefined {
  const file = new DatabaseSync(path)
  try {
    file.exec('begin exclusive')
    return file
  } catch (error) {
    file.close()
    if (error instanceof Error && /database is locked/.test(error.message)) return undefined
    throw error
  }
}

async function refusal(home: string, note: string, variable: string): Promise<string> {
  const pid = await holder(note)
  const who = pid === undefined ? 'another process' : pid === process.pid ? 'this process itself' : `the process ${pid}`
  return `The home ${home} is in use by ${who}. Stop it first, or choose another home with ${variable}.`
}

/** The lock is taken a moment before the note is written: a note that names a process long gone is read again. */
async function holder(note: string): Promise<number | undefined> {
  for (let tries = 0; tries < 10; tries++) {
    const pid = Number(await readFile(note, 'utf8').catch(() => ''))
    if (pid > 0 && isAlive(pid)) return pid
    await pause(50)
  }
  return undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
