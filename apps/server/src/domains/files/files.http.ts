import {
  deleteLoggedModelFiles,
  deleteRunFiles,
  type FileEntry,
  type FilePath,
  type FolderPath,
  getLoggedModelFile,
  getRunFile,
  listLoggedModelFiles,
  listRunFiles,
  type ProjectName,
  putLoggedModelFile,
  putRunFile,
} from '@stead/contracts'
import type { Caller, Mount } from '../../http/mount.ts'
import { octetsOf } from '../../http/octets.ts'
import { announcedSize } from '../artifacts/artifacts.http.ts'
import { answerFile } from './file-answer.http.ts'
import type { Entry, File } from './files.store.ts'
import type { Files } from './files.ts'
import { below, folderWithin, within } from './paths.ts'
import type { Root, Roots } from './roots.ts'

export function serveFiles(mount: Mount, files: Files, roots: Pick<Roots, 'ofRun' | 'ofLoggedModel'>): void {
  const { list, get, put, remove } = filesAt(files)
  type OfRun = { project: ProjectName; run: string }
  type OfModel = { project: ProjectName; loggedModel: string }
  const ofRun = ({ project, run }: OfRun) => roots.ofRun(project, run)
  const ofModel = ({ project, loggedModel }: OfModel) => roots.ofLoggedModel(project, loggedModel)

  mount(listRunFiles, async ({ params, query }) => list(params.project, await ofRun(params), query))
  mount(getRunFile, async ({ params, query }, caller) => get(params.project, await ofRun(params), query.path, caller))
  mount(putRunFile, async ({ params, query }, caller) => put(params.project, await ofRun(params), query.path, caller))
  mount(deleteRunFiles, async ({ params, query }) => remove(params.project, await ofRun(params), query.path))
  mount(listLoggedModelFiles, async ({ params, query }) => list(params.project, await ofModel(params), query))
  mount(getLoggedModelFile, async ({ params, query }, caller) =>
    get(params.project, await ofModel(params), query.path, caller),
  )
  mount(putLoggedModelFile, async ({ params, query }, caller) =>
    put(params.project, await ofModel(params), query.path, caller),
  )
  mount(deleteLoggedModelFiles, async ({ params, query }) => remove(params.project, await ofModel(params), query.path))
}

/** The same acts below any root. */
function filesAt(files: Files) {
  return {
    async list(
      project: ProjectName,
      { folder }: Root,
      { path, after, limit }: { path: FolderPath; after?: string | undefined; limit: number },
    ) {
      const at = folderWithin(folder, path)
      const behind = after === undefined ? undefined : `${folder === '' ? '' : `${folder}/`}${after}`
      const { entries, next } = await files.page(project, at, { after: behind, limit })
      return { files: entries.map((entry) => told(folder, entry)), next: next && below(folder, next) }
    },
    get(project: ProjectName, { folder }: Root, path: FilePath, { request, reply }: Caller) {
      const at = within(folder, path)
      return answerFile(request, reply, {
        path,
        describe: () => files.find(project, at),
        open: (part) => files.open(project, at, part),
      })
    },
    async put(project: ProjectName, { folder }: Root, path: FilePath, { request }: Caller) {
      const file = await files.put(project, within(folder, path), octetsOf(request), announcedSize(request))
      return toldFile(folder, file)
    },
    async remove(project: ProjectName, { folder }: Root, path: FilePath) {
      await files.remove(project, within(folder, path))
    },
  }
}

const told = (root: FolderPath, entry: Entry): FileEntry =>
  entry.is === 'file'
    ? toldFile(root, entry.file)
    : { path: below(root, entry.path), isFolder: true, size: null, digest: null, updatedAt: null }

const toldFile = (root: FolderPath, { path, digest, size, updatedAt }: File): FileEntry => ({
  path: below(root, path),
  isFolder: false,
  size,
  digest,
  updatedAt,
})
