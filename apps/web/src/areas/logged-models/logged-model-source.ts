import { getLoggedModelFile, listLoggedModelFiles } from '@stead/contracts'
import type { FilePath, FolderPath, ProjectName } from '@stead/contracts'
import { addressOf } from '@stead/sdk'
import { client } from '../../live/client.ts'
import type { FileSource } from '../files/source.ts'
import { bytesOf, rangeHeader, wholeFolder } from '../files/stored-source.ts'

/** The files of a logged model. */
export function loggedModelSource(project: ProjectName, loggedModel: string): FileSource {
  const params = { project, loggedModel }
  return {
    key: [project, 'logged-model-files', loggedModel],
    list: (path, { signal } = {}) =>
      wholeFolder((after) =>
        client.call(listLoggedModelFiles, {
          params,
          query: { path: path as FolderPath, ...(after === undefined ? {} : { after }) },
          ...(signal ? { signal } : {}),
        }),
      ),
    url: (path) => addressOf(getLoggedModelFile.path, params, { path }),
    read: (path, { range, signal }) =>
      bytesOf(range, () =>
        client.open(getLoggedModelFile, {
          params,
          query: { path: path as FilePath },
          headers: rangeHeader(range),
          ...(signal ? { signal } : {}),
        }),
      ),
  }
}
