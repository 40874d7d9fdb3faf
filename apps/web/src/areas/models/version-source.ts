import { getArtifact } from '@stead/contracts'
import type { ProjectName, Version, VersionFile } from '@stead/contracts'
import { addressOf } from '@stead/sdk'
import { client } from '../../live/client.ts'
import type { FileSource } from '../files/source.ts'
import { bytesOf, rangeHeader } from '../files/stored-source.ts'
import { entriesIn } from './version-entries.ts'

/** The files of a version, which never change. */
export function versionSource(project: ProjectName, { digest, files }: Pick<Version, 'digest' | 'files'>): FileSource {
  const byPath = new Map<string, VersionFile>(files.map((file) => [file.path, file]))
  const params = (path: string) => ({ project, digest: byPath.get(path)?.digest ?? digest })
  return {
    key: [project, 'version-files', digest],
    list: (folder) => Promise.resolve(entriesIn(files, folder)),
    url: (path) => addressOf(getArtifact.path, params(path), undefined),
    read: (path, { range, signal }) =>
      bytesOf(range, () =>
        client.open(getArtifact, { params: params(path), headers: rangeHeader(range), ...(signal ? { signal } : {}) }),
      ),
  }
}
