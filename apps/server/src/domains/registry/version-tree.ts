import { FilePath, FolderPath, ModelName, SteadError, VersionNumber } from '@stead/contracts'
import type { Version } from '@stead/contracts'
import type { Entry, File, FileStore, Page } from '../files/files.store.ts'
import type { RegistryStore } from './registry.store.ts'

/** The tree of a project with the files of its versions in it, at `models/<model>/<number>/…`, where clients of MLflow
 *  download what was pushed. They can be read there and not be written. Whatever the tree itself has comes first. */
export function withVersions(rows: FileStore, versions: Pick<RegistryStore, 'findVersion'>): FileStore {
  async function filesIn(projectId: string, path: string): Promise<File[]> {
    const [, model, number] = /^models\/([^/]+)\/([1-9]\d{0,9})(?:\/|$)/.exec(path) ?? []
    const name = ModelName.safeParse(model)
    const version = VersionNumber.safeParse(number)
    if (!name.success || !version.success) return []
    const found = await versions.findVersion(projectId, name.data, version.data)
    return found ? treeOf(found) : []
  }
  const below = async (projectId: string, folder: FolderPath) =>
    (await filesIn(projectId, folder)).filter(({ path }) => path.startsWith(`${folder}/`))

  return {
    ...rows,
    find: async (projectId, path) =>
      (await rows.find(projectId, path)) ?? (await filesIn(projectId, path)).find((file) => file.path === path),
    async obstacle(projectId, path) {
      if ((await filesIn(projectId, path)).length > 0)
        throw new SteadError('invalid_request', `"${path}" belongs to a version, whose files do not change`, {
          where: 'path',
        })
      return rows.obstacle(projectId, path)
    },
    async entries(projectId, folder, page) {
      const own = await rows.entries(projectId, folder, page)
      return own.length > 0 ? own : entriesOf(await below(projectId, folder), folder, page)
    },
    async under(projectId, folder, page) {
      const own = await rows.under(projectId, folder, page)
      if (own.length > 0) return own
      const files = (await below(projectId, folder)).filter(({ path }) => path > (page.after ?? ''))
      return files.slice(0, page.limit)
    },
  }
}

/** In the order of the paths' bytes. What cannot be a path of a tree is left out. */
function treeOf({ model, version, files, createdAt }: Version): File[] {
  return files
    .flatMap(({ path, digest, size }) => {
      const placed = FilePath.safeParse(`models/${model}/${version}/${path}`)
      return placed.success ? [{ path: placed.data, digest, size, updatedAt: createdAt }] : []
    })
    .toSorted((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)))
}

function entriesOf(files: readonly File[], folder: FolderPath, { after = '', limit }: Page): Entry[] {
  const entries = new Map<string, Entry>()
  for (const file of files) {
    const [name = '', ...rest] = file.path.slice(folder.length + 1).split('/')
    const path = `${folder}/${name}`
    const key = rest.length > 0 ? `${path}/` : path
    if (key <= after) continue
    entries.set(
      key,
      rest.length > 0 ? { is: 'folder', path: FolderPath.parse(path) } : { is: 'file', path: file.path, file },
    )
  }
  return [...entries.values()].slice(0, limit)
}
