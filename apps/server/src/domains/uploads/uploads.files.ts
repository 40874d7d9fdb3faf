import { constants } from 'node:fs'
import * as disk from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Digest } from '@stead/contracts'
import { asExpected, unlessMissing } from '../artifacts/disk-failures.ts'
import type { Unfinished, UploadKey, UploadStore } from './uploads.store.ts'

/** Uploads as `<home>/uploads/<project id>/<hex>.<size>.part`. The length of the file is what was received, and its
 *  name says the rest: there is no second place that a crash could leave behind the first. */
export function fileUploads(home: string): UploadStore {
  const root = join(home, 'uploads')
  const folderOf = ({ projectId }: UploadKey) => join(root, safe(projectId))

  async function pathOf(key: UploadKey): Promise<string | undefined> {
    const names = (await unlessMissing(disk.readdir(folderOf(key)))) ?? []
    const name = names.find((one) => partOf(one)?.digest === key.digest)
    return name && join(folderOf(key), name)
  }
  async function known(key: UploadKey): Promise<string> {
    const path = await pathOf(key)
    if (path === undefined) throw new Error(`there is no upload of ${key.digest}`)
    return path
  }
  async function remove(key: UploadKey): Promise<boolean> {
    const path = await pathOf(key)
    if (path !== undefined) await disk.rm(path, { force: true })
    return path !== undefined
  }
  return {
    remove,
    async find(key) {
      const path = await pathOf(key)
      return path === undefined ? undefined : readPart(path)
    },
    async begin(key, size) {
      await remove(key)
      try {
        await disk.mkdir(folderOf(key), { recursive: true })
        await disk.writeFile(join(folderOf(key), `${hexOf(key.digest)}.${size}.part`), '', { flag: 'wx', mode: 0o600 })
      } catch (error) {
        throw asExpected(error)
      }
    },
    async touch(key) {
      const path = await pathOf(key)
      const now = new Date()
      if (path !== undefined) await unlessMissing(disk.utimes(path, now, now))
    },
    append: async (key, bytes) => appendTo(await known(key), bytes),
    async open(key) {
      const file = await disk.open(await known(key), 'r')
      return file.createReadStream()
    },
    list: () => listParts(root),
  }
}

async function appendTo(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await disk.open(path, constants.O_WRONLY | constants.O_APPEND)
  try {
    for await (const chunk of bytes) {
      for (let written = 0; written < chunk.byteLength;) {
        written += (await file.write(chunk, written)).bytesWritten
      }
    }
  } catch (error) {
    throw asExpected(error)
  } finally {
    await file.close()
  }
}

async function* listParts(root: string): AsyncGenerator<UploadKey & Unfinished> {
  for (const projectId of (await unlessMissing(disk.readdir(root))) ?? []) {
    for (const name of (await unlessMissing(disk.readdir(join(root, projectId)))) ?? []) {
      const part = partOf(name)
      const found = part && (await readPart(join(root, projectId, name)))
      if (found) yield { projectId, digest: part.digest, ...found }
    }
  }
}

async function readPart(path: string): Promise<Unfinished | undefined> {
  const part = partOf(basename(path))
  const facts = part && (await unlessMissing(disk.stat(path)))
  return facts && { size: part.size, received: facts.size, touchedAt: facts.mtime }
}

const hexOf = (digest: Digest) => digest.slice('sha256:'.length)

/** What the name of a file says; undefined for files of others. */
function partOf(name: string): { digest: Digest; size: number } | undefined {
  const [, hex, size] = /^([0-9a-f]{64})\.(\d{1,16})\.part$/.exec(name) ?? []
  return hex === undefined ? undefined : { digest: Digest.parse(`sha256:${hex}`), size: Number(size) }
}

/** An id comes from the database, and so perhaps from the archive of a stranger: it must not lead out of the folder. */
function safe(projectId: string): string {
  if (!/^[\w-]{1,128}$/.test(projectId)) throw new Error(`"${projectId}" is no id of a project`)
  return projectId
}
