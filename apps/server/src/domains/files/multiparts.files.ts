import { createHash, randomUUID } from 'node:crypto'
import * as disk from 'node:fs/promises'
import { join } from 'node:path'
import { Digest, FilePath } from '@stead/contracts'
import { z } from 'zod'
import { asExpected, unlessMissing } from '../artifacts/disk-failures.ts'
import type { MultipartStore } from './multiparts.store.ts'

const Document = z.object({ projectId: z.string(), path: FilePath, secretHash: z.string() })

/** Parts as `<home>/multiparts/<id>/<number>.<hex of the digest>`, beside `multipart.json`. What has another name is a
 *  part that never came whole. */
export function fileMultiparts(home: string): MultipartStore {
  const root = join(home, 'multiparts')
  const folderOf = (id: string) => {
    if (!/^[0-9a-f]{32}$/.test(id)) throw new Error('that is no id of a multipart')
    return join(root, id)
  }
  const partsOf = async (id: string) => (await unlessMissing(disk.readdir(folderOf(id)))) ?? []
  const named = async (id: string, number: number) =>
    (await partsOf(id)).filter((name) => partOf(name)?.number === number)

  return {
    async begin(id, multipart) {
      try {
        const folder = folderOf(id)
        await disk.mkdir(folder, { recursive: true })
        // Found only once it is whole.
        await disk.writeFile(join(folder, 'incoming'), JSON.stringify(multipart), { mode: 0o600 })
        await disk.rename(join(folder, 'incoming'), join(folder, 'multipart.json'))
      } catch (error) {
        throw asExpected(error)
      }
    },
    async find(id) {
      if (!/^[0-9a-f]{32}$/.test(id)) return undefined
      const text = await unlessMissing(disk.readFile(join(folderOf(id), 'multipart.json'), 'utf8'))
      return text === undefined ? undefined : Document.parse(JSON.parse(text))
    },
    async putPart(id, number, bytes) {
      const aside = join(folderOf(id), `incoming-${randomUUID()}`)
      try {
        const hex = await writeHashed(aside, bytes)
        const before = await named(id, number)
        await disk.rename(aside, join(folderOf(id), `${number}.${hex}`))
        for (const name of before) if (name !== `${number}.${hex}`) await disk.rm(join(folderOf(id), name))
        return Digest.parse(`sha256:${hex}`)
      } catch (error) {
        await disk.rm(aside, { force: true })
        throw asExpected(error)
      }
    },
    async parts(id) {
      const found = new Map<number, { digest: Digest; size: number }>()
      for (const name of await partsOf(id)) {
        const part = partOf(name)
        const facts = part && (await unlessMissing(disk.stat(join(folderOf(id), name))))
        if (part && facts) found.set(part.number, { digest: part.digest, size: facts.size })
      }
      return found
    },
    async openPart(id, number) {
      const [name] = await named(id, number)
      if (name === undefined) throw new Error(`there is no part ${number}`)
      return (await disk.open(join(folderOf(id), name), 'r')).createReadStream()
    },
    remove: (id) => disk.rm(folderOf(id), { recursive: true, force: true }),
    async *list() {
      for (const id of (await unlessMissing(disk.readdir(root))) ?? []) {
        const facts = await unlessMissing(disk.stat(join(root, id)))
        if (facts && /^[0-9a-f]{32}$/.test(id)) yield { id, touchedAt: facts.mtime }
      }
    },
  }
}

async function writeHashed(path: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const file = await disk.open(path, 'wx', 0o600)
  try {
    const hash = createHash('sha256')
    for await (const chunk of bytes) {
      hash.update(chunk)
      for (let written = 0; written < chunk.byteLength;) written += (await file.write(chunk, written)).bytesWritten
    }
    await file.sync()
    return hash.digest('hex')
  } finally {
    await file.close()
  }
}

function partOf(name: string): { number: number; digest: Digest } | undefined {
  const [, number, hex] = /^(\d{1,5})\.([0-9a-f]{64})$/.exec(name) ?? []
  return hex === undefined ? undefined : { number: Number(number), digest: Digest.parse(`sha256:${hex}`) }
}
