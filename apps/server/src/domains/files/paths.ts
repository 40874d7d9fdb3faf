import { FilePath, FolderPath, SteadError } from '@stead/contracts'

/** The way into a tree of files for paths that no contract has parsed. */
export function filePath(text: string): FilePath {
  const parsed = FilePath.safeParse(text)
  if (!parsed.success) throw invalid()
  return parsed.data
}

export function folderPath(text: string): FolderPath {
  const parsed = FolderPath.safeParse(text)
  if (!parsed.success) throw invalid()
  return parsed.data
}

/** A path below a folder; both are paths already, and so is what they make, unless it is too long. */
export const within = (folder: FolderPath, path: FilePath): FilePath =>
  folder === '' ? path : filePath(`${folder}/${path}`)

export const folderWithin = (folder: FolderPath, path: FolderPath): FolderPath =>
  folder === '' ? path : path === '' ? folder : folderPath(`${folder}/${path}`)

/** What of a path is below a folder that it lies in. */
export const below = (folder: FolderPath, path: string): string =>
  folder === '' ? path : path.slice(folder.length + 1)

export const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const invalid = () => new SteadError('invalid_request', 'Invalid path', { where: 'path' })
