import { randomUUID } from 'node:crypto'
import * as disk from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { drain } from './checked-bytes.ts'
import { asExpected } from './disk-failures.ts'

/** Most uploads are small, and a file for each would cost more than the bytes. */
const IN_MEMORY = 2 ** 20

/** Reads bytes to their end, keeps them in memory or, where they are many, in a file of the folder, and lends them to
 *  the work together with what the generator returned. Afterwards they are gone, whatever happened. */
export async function laidAside<T, R>(
  folder: string,
  bytes: AsyncGenerator<Uint8Array, T>,
  work: (told: T, again: () => Readable) => Promise<R>,
): Promise<R> {
  const path = join(folder, randomUUID())
  let file: disk.FileHandle | undefined
  let kept: Buffer[] = []
  let held = 0
  const spill = async () => {
    file ??= await disk.open(path, 'wx+', 0o600)
    await file.appendFile(Buffer.concat(kept))
    kept = []
    held = 0
  }
  try {
    const told = await drain(bytes, async (chunk) => {
      // A copy: the reader of a stream may use its buffer again.
      kept.push(Buffer.from(chunk))
      held += chunk.byteLength
      if (held > IN_MEMORY) await spill()
    })
    if (file !== undefined) await spill()
    const again = () => file?.createReadStream({ start: 0, autoClose: false }) ?? Readable.from(kept)
    return await work(told, again)
  } catch (error) {
    throw asExpected(error)
  } finally {
    await file?.close()
    if (file !== undefined) await disk.rm(path, { force: true })
  }
}
