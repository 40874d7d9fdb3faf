import { randomUUID } from 'node:crypto'
import * as disk from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Digest } from '@stead/contracts'
import { addressOf, digestAt } from './address.ts'
import type { ArtifactStore, Stored } from './artifacts.store.ts'
import { checkedBytes, countBytes, drain, hashedBytes, notFound, rangeWithin } from './checked-bytes.ts'
import { asExpected, unlessMissing } from './disk-failures.ts'

interface FilesConfig {
  readonly home: string
  /** Opens the file that incoming bytes are written to. Replaced where tests need a disk that fails. */
  readonly create?: (path: string) => Promise<disk.FileHandle>
}

const READ_ONLY = 0o444
const createReadOnly = (path: string) => disk.open(path, 'wx', READ_ONLY)

/** Artifacts as read-only files under `<home>/artifacts/sha256`. One process at a time: opening clears away
 *  what uploads have left unfinished, and would take those of another process with it. */
export async function openFileArtifacts({ home, create = createReadOnly }: FilesConfig): Promise<ArtifactStore> {
  const root = join(home, 'artifacts')
  const incoming = join(root, 'incoming')
  await disk.rm(incoming, { recursive: true, force: true })
  await disk.mkdir(incoming, { recursive: true })
  await disk.mkdir(join(root, 'sha256'), { recursive: true })

  const pathOf = (digest: Digest) => join(root, addressOf(digest))
  const stat = async (digest: Digest) => {
    const found = await unlessMissing(disk.stat(pathOf(digest)))
    return found === undefined ? undefined : { size: found.size }
  }
  return {
    stat,
    async put(digest, bytes, expected) {
      const checked = checkedBytes(digest, bytes, expected)
      if ((await stat(digest)) !== undefined) return { size: await countBytes(checked), stored: false }
      const aside = join(incoming, randomUUID())
      try {
        const { size } = await writeThrough(await create(aside), checked)
        await moveInto(pathOf(digest), aside)
        return { size, stored: true }
      } catch (error) {
        await disk.rm(aside, { force: true })
        throw asExpected(error)
      }
    },
    async take(bytes, expected) {
      const aside = join(incoming, randomUUID())
      try {
        const taken = await writeThrough(await create(aside), hashedBytes(bytes, expected))
        await expected.named?.(taken.digest)
        if ((await stat(taken.digest)) !== undefined) {
          await disk.rm(aside)
          return { ...taken, stored: false }
        }
        await moveInto(pathOf(taken.digest), aside)
        return { ...taken, stored: true }
      } catch (error) {
        await disk.rm(aside, { force: true })
        throw asExpected(error)
      }
    },
    async open(digest, range) {
      const file = await unlessMissing(disk.open(pathOf(digest), 'r'))
      if (file === undefined) throw notFound(digest)
      try {
        const { size } = await file.stat()
        return { stream: file.createReadStream(rangeWithin(size, range)), size }
      } catch (error) {
        await file.close()
        throw error
      }
    },
    async remove(digest) {
      await disk.rm(pathOf(digest), { force: true })
    },
    async grant(digest) {
      if ((await stat(digest)) === undefined) throw notFound(digest)
      return { kind: 'path', path: pathOf(digest) }
    },
    list: () => listFiles(root),
    close: async () => {},
  }
}

/** Room for whoever runs the server on the disk of a directory, in bytes. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await disk.statfs(directory)
  return bavail * bsize
}

/** Writes all bytes and has them on the disk before it returns. */
async function writeThrough(file: disk.FileHandle, bytes: AsyncGenerator<Uint8Array, Stored>): Promise<Stored> {
  try {
    const written = await drain(bytes, (chunk) => writeAll(file, chunk))
    await file.sync()
    return written
  } finally {
    await file.close()
  }
}

async function writeAll(file: disk.FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.byteLength;) {
    written += (await file.write(chunk, written)).bytesWritten
  }
}

/** A rename is whole or has not happened; it outlives a power cut once the directory is on the disk, too.
 *  Should another put have been faster, its equal bytes are replaced, which no reader notices. */
async function moveInto(path: string, aside: string): Promise<void> {
  const shelf = dirname(path)
  const made = await disk.mkdir(shelf, { recursive: true })
  await disk.rename(aside, path)
  await syncDirectory(shelf)
  if (made !== undefined) await syncDirectory(dirname(shelf))
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await disk.open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

async function* listFiles(root: string): AsyncGenerator<Stored> {
  for (const shelf of await disk.readdir(join(root, 'sha256'))) {
    for (const name of (await unlessMissing(disk.readdir(join(root, 'sha256', shelf)))) ?? []) {
      const address = `sha256/${shelf}/${name}`
      const digest = digestAt(address)
      const found = digest === undefined ? undefined : await unlessMissing(disk.stat(join(root, address)))
      if (digest !== undefined && found !== undefined) yield { digest, size: found.size }
    }
  }
}
