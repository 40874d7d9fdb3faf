import { open, rename, rm } from 'node:fs/promises'
import type { Context } from './command.ts'
import type { Platform } from './connect.ts'
import { Failure } from './failures.ts'

/** Whose log is meant: that of the project, unless the installation's is asked for. */
export interface WhichLog {
  readonly installation: boolean
}

/** Writes a log to a file, which appears, or is replaced, only once it is whole. Returns its size in bytes. */
export async function exportLog(
  platform: Platform,
  { installation }: WhichLog,
  file: string,
  { url, terminal }: Pick<Context, 'url' | 'terminal'>,
): Promise<number> {
  const { exportAudit, exportInstallationAudit } = platform.contracts
  const response = installation
    ? await platform.open(exportInstallationAudit, {})
    : await platform.open(exportAudit, {})
  const part = `${file}.part`
  let bytes = 0
  try {
    const handle = await open(part, 'w', 0o600)
    try {
      for await (const chunk of response.body ?? []) {
        await handle.writeFile(chunk as Uint8Array)
        bytes += (chunk as Uint8Array).length
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, file)
    return bytes
  } catch (cause) {
    await rm(part, { force: true })
    if (terminal.signal.aborted) throw terminal.signal.reason
    if (cause instanceof Error && 'syscall' in cause)
      throw new Failure(`cannot write ${file}: ${cause.message}`, undefined, cause)
    const { UnreachableError } = await import('@stead/sdk')
    throw new UnreachableError(url, cause)
  }
}
