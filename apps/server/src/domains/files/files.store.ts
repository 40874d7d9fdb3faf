import type { Digest, FilePath, FolderPath } from '@stead/contracts'

/** A name in the tree of a project, and the artifact that it stands for. */
export interface File {
  readonly path: FilePath
  readonly digest: Digest
  readonly size: number
  /** ISO 8601. */
  readonly updatedAt: string
}

/** What is directly in a folder: a file, or a folder that something is in. */
export type Entry =
  | { readonly is: 'file'; readonly path: FilePath; readonly file: File }
  | { readonly is: 'folder'; readonly path: FolderPath }

export interface Page {
  /** The path of the last entry of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** The trees of files, one for each project. A path is a file or a folder, never both; folders are there as long as
 *  something is in them. Order is by bytes, with a folder as if a slash stood at its end. */
export interface FileStore {
  find(projectId: string, path: FilePath): Promise<File | undefined>
  /** What stands in the way of a file at this path: a folder of the same name, or a file where it needs a folder. */
  obstacle(projectId: string, path: FilePath): Promise<string | undefined>
  /** Puts a file in place of the one that may be there, and makes its artifact the project's, in one transaction.
   *  Gives back the path that stands in the way, if one does, and changes nothing then. */
  put(projectId: string, file: Omit<File, 'updatedAt'>): Promise<File | { obstacle: string }>
  entries(projectId: string, folder: FolderPath, page: Page): Promise<Entry[]>
  /** All files below a folder. */
  under(projectId: string, folder: FolderPath, page: Page): Promise<File[]>
  /** Removes a file, or a folder with all that is in it, some at a time; the number of files. */
  remove(projectId: string, path: FilePath): Promise<number>
  /** Gives all files below a folder a second name below another one, replacing what is there; the number of files.
   *  All of them or none. */
  copy(projectId: string, from: FolderPath, to: FolderPath): Promise<number>
  /** As `copy`, and the first names are gone. */
  move(projectId: string, from: FolderPath, to: FolderPath): Promise<number>
}
