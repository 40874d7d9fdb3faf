import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { Failure } from './failures.ts'

/** One file of a bundle: its place in the bundle and where its bytes are. */
export interface BundleFile {
  readonly path: string
  readonly source: string
  readonly size: number
}

const MOST_FILES = 10_000

/** The file named, or all files of the folder named, in the order of their paths. Hidden files are left out; symbolic
 *  links are refused, because they may lead out of the folder. A link named by the caller himself is followed. */
export async function collectFiles(path: string): Promise<BundleFile[]> {
  const facts = await stat(path).catch((cause: unknown) => Promise.reject(unreadable(path, cause)))
  if (facts.isFile()) return [{ path: basename(resolve(path)), source: path, size: facts.size }]
  if (!facts.isDirectory()) throw new Failure(`${path} is neither a file nor a folder`)
  const files: BundleFile[] = []
  await walk(path, '', files)
  if (files.length === 0)
    throw new Failure(`${path} holds no file to push`, 'Files that begin with a dot are left out.')
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function walk(folder: string, prefix: string, files: BundleFile[]): Promise<void> {
  const names = await readdir(folder).catch((cause: unknown) => Promise.reject(unreadable(folder, cause)))
  for (const name of names) {
    if (name.startsWith('.')) continue
    const source = join(folder, name)
    const facts = await lstat(source).catch((cause: unknown) => Promise.reject(unreadable(source, cause)))
    if (facts.isSymbolicLink())
      throw new Failure(`${source} is a symbolic link`, 'Put the file itself into the folder.')
    if (facts.isDirectory()) await walk(source, `${prefix}${name}/`, files)
    else if (facts.isFile()) files.push({ path: `${prefix}${name}`, source, size: facts.size })
    else throw new Failure(`${source} is no regular file`, 'Take it out of the folder.')
    if (files.length > MOST_FILES)
      throw new Failure(`the folder holds more than ${MOST_FILES} files`, 'Push the folder of the model alone.')
  }
}

/** `sha256:…` of a file and its size, read once and never held. */
export async function digestOf(
  source: string,
  onBytes: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<{ digest: string; size: number }> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of readFile(source, signal)) {
    hash.update(chunk)
    size += chunk.length
    onBytes(chunk.length)
  }
  return { digest: `sha256:${hash.digest('hex')}`, size }
}

/** The bytes of a file in large pieces; fails with a sentence. */
export async function* readFile(source: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(source, { highWaterMark: 1 << 20, signal }) as AsyncIterable<Buffer>
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    throw unreadable(source, cause)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'reading it is not permitted',
  ENOTDIR: 'part of the path is no folder',
  EISDIR: 'it is a folder',
}

export function unreadable(path: string, cause: unknown): Failure {
  const { code, message } = cause as NodeJS.ErrnoException
  return new Failure(`cannot read ${path}: ${REASONS[code ?? ''] ?? message}`, undefined, cause)
}
