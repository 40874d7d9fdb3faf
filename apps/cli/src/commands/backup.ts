import { open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { defineCommand } from '../command.ts'
import type { Context } from '../command.ts'
import type { Platform } from '../connect.ts'
import { Failure } from '../failures.ts'
import { showBytes } from '../progress.ts'
import { size } from '../text.ts'

export const command = defineCommand({
  arguments: ['file'],
  options: {},
  about: 'Taken while everything runs. FILE appears, or is replaced, only once the archive is whole.',
  examples: ['stead backup stead-2026-01-31.tar'],
  async run({ arguments: { file } }, context) {
    const platform = await context.connect()
    const part = `${file}.part`
    const handle = await open(part, 'wx').catch((cause: unknown) => Promise.reject(unwritable(part, cause)))
    try {
      const bytes = await receive(platform, handle, context)
      await rename(part, file)
      if (context.json) return context.document({ file, size: bytes })
      context.print(`${file} holds everything (${size(bytes)})`)
    } catch (error) {
      await rm(part, { force: true })
      throw error
    }
  },
})

async function receive(platform: Platform, handle: FileHandle, { terminal, url }: Context): Promise<number> {
  let bytes = 0
  try {
    const response = await platform.open(platform.contracts.backupInstallation, {})
    const progress = showBytes(terminal, 'receiving', Number(response.headers.get('content-length')) || undefined)
    try {
      for await (const chunk of wholeBody(response, url, terminal.signal)) {
        await handle.writeFile(chunk)
        bytes += chunk.length
        progress.add(chunk.length)
      }
    } finally {
      progress.end()
    }
    // A backup that a power cut can take back is none.
    await handle.sync()
    return bytes
  } finally {
    await handle.close()
  }
}

async function* wholeBody(response: Response, url: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  for (;;) {
    const piece = await reader?.read().catch(async (cause: unknown) => {
      if (signal.aborted) throw signal.reason
      const { UnreachableError } = await import('@stead/sdk')
      throw new UnreachableError(url, cause)
    })
    if (!piece || piece.done) return
    yield piece.value
  }
}

function unwritable(part: string, cause: unknown): Failure {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'EEXIST')
    return new Failure(
      `${part} is there already`,
      'Another backup is being written, or one was cut off; remove it then.',
      cause,
    )
  return new Failure(`cannot write ${part}: ${message}`, undefined, cause)
}
