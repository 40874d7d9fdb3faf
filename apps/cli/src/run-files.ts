import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FileEntry } from '@stead/contracts'
import { collectFiles } from './bundle.ts'
import type { Context } from './command.ts'
import type { Platform } from './connect.ts'
import { Failure } from './failures.ts'
import { allOf } from './pages.ts'
import { showBytes } from './progress.ts'
import type { ByteProgress } from './progress.ts'
import { uploadBody } from './upload.ts'

/** What is directly in a folder of a run; '' is its top. */
export const listFolder = (platform: Platform, run: string, path: string): Promise<FileEntry[]> =>
  allOf(async (after) => {
    const query = { path, ...after }
    const { files, next } = await platform.call(platform.contracts.listRunFiles, { params: { run }, query })
    return { items: files, next }
  })

/** All files of a run below a folder, or the one file of that path. */
export async function filesUnder(platform: Platform, run: string, path: string): Promise<FileEntry[]> {
  const found = await walk(platform, run, path)
  if (found.length > 0 || path === '') return found
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
  return (await listFolder(platform, run, folder)).filter((entry) => entry.path === path && !entry.isFolder)
}

async function walk(platform: Platform, run: string, path: string): Promise<FileEntry[]> {
  const files: FileEntry[] = []
  for (const entry of await listFolder(platform, run, path)) {
    if (entry.isFolder) files.push(...(await walk(platform, run, entry.path)))
    else files.push(entry)
  }
  return files
}

/** Files and folders of this machine into a run, under their own names. Returns their paths there. */
export async function sendRunFiles(
  platform: Platform,
  run: string,
  sources: readonly string[],
  under: string | undefined,
  { terminal }: Context,
): Promise<string[]> {
  const files = []
  for (const source of sources) {
    const found = await collectFiles(source)
    const name = basename(resolve(source))
    const isFile = found.length === 1 && found[0]?.source === source
    for (const file of found) files.push({ ...file, path: isFile ? file.path : `${name}/${file.path}` })
  }
  const progress = showBytes(
    terminal,
    'uploading',
    files.reduce((sum, { size }) => sum + size, 0),
  )
  try {
    const sent = []
    for (const { path, source, size } of files) {
      const place = under === undefined ? path : `${under.replace(/\/+$/, '')}/${path}`
      const { body, failure } = uploadBody(source, progress.add)
      const call = { params: { run }, query: { path: place } }
      await platform.send(platform.contracts.putRunFile, call, { body, size }).catch((error: unknown) => {
        throw failure() ?? error
      })
      sent.push(place)
    }
    return sent
  } finally {
    progress.end()
  }
}

/** Writes a file of a run under its path in a folder. It appears only once it is whole. */
export async function receiveRunFile(
  platform: Platform,
  run: string,
  entry: FileEntry,
  place: string,
  { progress, url, terminal }: { progress: ByteProgress } & Pick<Context, 'url' | 'terminal'>,
): Promise<void> {
  await mkdir(dirname(place), { recursive: true })
  const response = await platform.open(platform.contracts.getRunFile, { params: { run }, query: { path: entry.path } })
  const part = `${place}.part`
  try {
    let bytes = 0
    const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        bytes += chunk.length
        progress.add(chunk.length)
        yield chunk
      }
    }
    await pipeline(
      Readable.fromWeb((response.body ?? new Blob([]).stream()) as never),
      counted,
      createWriteStream(part),
    )
    if (entry.size !== null && bytes !== entry.size) throw new Error(`${bytes} of ${entry.size} bytes came`)
    await rename(part, place)
  } catch (cause) {
    await rm(part, { force: true })
    if (terminal.signal.aborted) throw terminal.signal.reason
    if (cause instanceof Error && 'syscall' in cause)
      throw new Failure(`cannot write ${place}: ${cause.message}`, undefined, cause)
    const { UnreachableError } = await import('@stead/sdk')
    throw new UnreachableError(url, cause)
  }
}

/** Where in a folder of this machine a file of a run belongs. The server vouches for its paths, and is not trusted with
 *  what lies outside of the folder. */
export function placeIn(folder: string, path: string): string {
  const place = resolve(folder, ...path.split('/'))
  if (place.startsWith(join(resolve(folder), '/'))) return place
  throw new Failure(`the run has a file that does not belong into a folder: ${path}`)
}

/** Tells early of a folder that cannot be written to. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    const probe = await open(join(folder, '.stead-probe'), 'w')
    await probe.close()
    await rm(join(folder, '.stead-probe'), { force: true })
  } catch (cause) {
    throw new Failure(`cannot write into ${folder}: ${(cause as Error).message}`, undefined, cause)
  }
}
