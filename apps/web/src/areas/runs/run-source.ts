import { getRunFile, listRunFiles } from '@stead/contracts'
import type { FilePath, FolderPath, ProjectName, RunId } from '@stead/contracts'
import { addressOf } from '@stead/sdk'
import { client } from '../../live/client.ts'
import type { FileSource } from '../files/source.ts'
import { bytesOf, rangeHeader, wholeFolder } from '../files/stored-source.ts'

/** The files of a run. */
export function runSource(project: ProjectName, run: RunId): FileSource {
  const params = { project, run }
  return {
    key: [project, 'run-files', run],
    list: (path, { signal } = {}) =>
      wholeFolder((after) =>
        client.call(listRunFiles, {
          params,
          query: { path: path as FolderPath, ...(after === undefined ? {} : { after }) },
          ...(signal ? { signal } : {}),
        }),
      ),
    url: (path) => addressOf(getRunFile.path, params, { path }),
    read: (path, { range, signal }) =>
      bytesOf(range, () =>
        client.open(getRunFile, {
          params,
          query: { path: path as FilePath },
          headers: rangeHeader(range),
          ...(signal ? { signal } : {}),
        }),
      ),
  }
}
