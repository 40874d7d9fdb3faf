import { FilePath, type FolderPath, type ProjectName, SteadError } from '@stead/contracts'
import type { Readable } from 'node:stream'
import { unlessBrokenOff } from '../artifacts/artifacts.ts'
import type { ArtifactStore, Bytes, Grant, Range } from '../artifacts/artifacts.store.ts'
import type { Keeping } from '../artifacts/keeping.ts'
import type { Projects } from '../projects/projects.ts'
import type { Entry, File, FileStore, Page } from './files.store.ts'

export interface Files {
  /** Stores the bytes under the path, in place of what was there. Until all of them have come the former ones stay; if
   *  they do not, nothing has happened. */
  put(project: ProjectName, path: FilePath, bytes: Bytes, announced: number | undefined): Promise<File>
  /** Fails with file_not_found. */
  find(project: ProjectName, path: FilePath): Promise<File>
  /** Finds the file and opens the part of it that `part` chooses by its size; without one, all of it. */
  open(
    project: ProjectName,
    path: FilePath,
    part?: (file: File) => Range | undefined,
  ): Promise<{ file: File; stream: Readable }>
  /** A URL that lapses, after an hour unless told, where the store has one to give. */
  grant(project: ProjectName, path: FilePath, forSeconds?: number): Promise<{ file: File; grant: Grant }>
  /** All that is directly in a folder, by name. What is no folder has nothing in it. */
  list(project: ProjectName, folder: FolderPath): Promise<Entry[]>
  page(project: ProjectName, folder: FolderPath, page: Page): Promise<{ entries: Entry[]; next: string | null }>
  /** All files below a folder. */
  under(project: ProjectName, folder: FolderPath): AsyncGenerator<File, void>
  /** Removes a file, or a folder with all that is in it; the number of files, 0 where nothing is. */
  remove(project: ProjectName, path: FilePath): Promise<number>
  /** The same bytes under a second folder, which must be empty; the number of files. No byte is copied. */
  copy(project: ProjectName, from: FolderPath, to: FolderPath): Promise<number>
  move(project: ProjectName, from: FolderPath, to: FolderPath): Promise<number>
}

export interface FilesParts {
  readonly rows: FileStore
  readonly store: Pick<ArtifactStore, 'take' | 'open' | 'grant'>
  readonly keeping: Pick<Keeping, 'during'>
  readonly projects: Pick<Projects, 'idOf'>
  /** The most bytes a file may have. */
  readonly limit: number
}

const PAGE = 1_000

export function createFiles({ rows, store, keeping, projects, limit }: FilesParts): Files {
  async function find(project: ProjectName, path: FilePath): Promise<File> {
    const found = await rows.find(await projects.idOf(project), path)
    if (!found) throw new SteadError('file_not_found', `There is no file "${path}".`, { where: 'path' })
    return found
  }
  /** A file that was replaced a moment ago may have been collected between the two looks. */
  async function withBytes<T>(project: ProjectName, path: FilePath, read: (file: File) => Promise<T>): Promise<T> {
    const file = await find(project, path)
    try {
      return await read(file)
    } catch (error) {
      if (!(error instanceof SteadError && error.code === 'artifact_not_found')) throw error
      const now = await find(project, path)
      if (now.digest === file.digest) throw new Error(`the bytes of "${path}" are lost`, { cause: error })
      return read(now)
    }
  }
  async function page(project: ProjectName, folder: FolderPath, { after, limit: most }: Page) {
    const found = await rows.entries(await projects.idOf(project), folder, { after, limit: most + 1 })
    const entries = found.slice(0, most)
    return { entries, next: found.length > most ? keyOf(entries.at(-1)) : null }
  }
  /** The id of the project, where the second folder is one that nothing is in. */
  async function emptyFolder(project: ProjectName, from: FolderPath, to: FolderPath): Promise<string> {
    refuseWithin(from, to)
    const projectId = await projects.idOf(project)
    const path = FilePath.parse(to)
    const obstacle = (await rows.find(projectId, path))?.path ?? (await rows.obstacle(projectId, path))
    if (obstacle !== undefined)
      throw new SteadError('invalid_request', `"${to}" is not empty, or "${obstacle}" is a file.`, { where: 'path' })
    return projectId
  }
  return {
    find,
    page,
    async put(project, path, bytes, announced) {
      const projectId = await projects.idOf(project)
      // Before the bytes are taken, which may be many; and once more with the row.
      const early = await rows.obstacle(projectId, path)
      if (early !== undefined) throw inTheWay(path, early)
      return keeping.during(async (named) => {
        const { digest, size } = await unlessBrokenOff(store.take(bytes, { size: announced, limit, named }))
        const put = await rows.put(projectId, { path, digest, size })
        if ('obstacle' in put) throw inTheWay(path, put.obstacle)
        return put
      })
    },
    open: (project, path, part) =>
      withBytes(project, path, async (file) => ({ file, ...(await store.open(file.digest, part?.(file))) })),
    grant: (project, path, forSeconds) =>
      withBytes(project, path, async (file) => ({ file, grant: await store.grant(file.digest, forSeconds) })),
    async list(project, folder) {
      const all: Entry[] = []
      let after: string | undefined
      for (;;) {
        const { entries, next } = await page(project, folder, { after, limit: PAGE })
        all.push(...entries)
        if (next === null) break
        after = next
      }
      return all.toSorted((one, other) => (one.path < other.path ? -1 : 1))
    },
    async *under(project, folder) {
      const projectId = await projects.idOf(project)
      let after: string | undefined
      for (;;) {
        const files = await rows.under(projectId, folder, { after, limit: PAGE })
        yield* files
        if (files.length < PAGE) return
        after = files.at(-1)?.path
      }
    },
    remove: async (project, path) => rows.remove(await projects.idOf(project), path),
    copy: async (project, from, to) => rows.copy(await emptyFolder(project, from, to), from, to),
    move: async (project, from, to) => rows.move(await emptyFolder(project, from, to), from, to),
  }
}

/** What `after` takes to go on behind an entry. */
const keyOf = (last: Entry | undefined): string | null =>
  last === undefined ? null : last.is === 'folder' ? `${last.path}/` : last.path

function inTheWay(path: string, obstacle: string): SteadError {
  const what = obstacle === path ? 'is a folder' : `cannot be: "${obstacle}" is a file`
  return new SteadError('invalid_request', `"${path}" ${what}.`, { where: 'path' })
}

function refuseWithin(from: FolderPath, to: FolderPath): void {
  const [outer, inner] = from.length < to.length ? [from, to] : [to, from]
  if (outer === '' || inner === outer || inner.startsWith(`${outer}/`))
    throw new SteadError('invalid_request', `"${from}" and "${to}" lie within each other.`, { where: 'path' })
}
