import { createHash } from 'node:crypto'
import { createReadStream, openAsBlob } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { FoundFile } from './surroundings.ts'

const MOST_FILES = 10_000

/** A file, or all files below a folder under the folder's name, in the order of their paths. Links are not followed out
 *  of the folder: they are left out. Nothing is read yet. */
export async function readFiles(path: string): Promise<FoundFile[]> {
  const name = basename(resolve(path))
  if ((await stat(path)).isFile()) return [{ name, content: await openAsBlob(path) }]
  const found: FoundFile[] = []
  await walk(path, name, found)
  return found
}

async function walk(folder: string, prefix: string, found: FoundFile[]): Promise<void> {
  for (const name of (await readdir(folder)).toSorted()) {
    const place = join(folder, name)
    const facts = await lstat(place)
    if (facts.isDirectory()) await walk(place, `${prefix}/${name}`, found)
    else if (facts.isFile()) found.push({ name: `${prefix}/${name}`, content: await openAsBlob(place) })
    if (found.length > MOST_FILES) throw new Error(`${folder} holds more than ${MOST_FILES} files`)
  }
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return `sha256:${hash.digest('hex')}`
}
