import { nameOf } from './source.ts'
import type { FileEntry } from './source.ts'

export type Listing =
  | { readonly is: 'reading' }
  | { readonly is: 'failed' }
  | { readonly is: 'read'; readonly entries: readonly FileEntry[] }

export interface TreeRow {
  readonly is: 'folder' | 'file' | 'reading' | 'failed' | 'empty' | 'more'
  /** Of a note the folder that it is about. */
  readonly path: string
  readonly name: string
  readonly level: number
  readonly isOpen: boolean
  readonly size: number | null
  /** Among its siblings, from 1. */
  readonly position: number
  readonly siblings: number
  /** How many more there are. */
  readonly more: number
}

/** So many of a folder are drawn at first, and each time more are asked for. */
export const AT_ONCE = 500

const collator = new Intl.Collator('en', { numeric: true })

/** What is directly in the folder, folders first, by name as people count. */
export function sorted(entries: readonly FileEntry[], folder: string): FileEntry[] {
  // What a source tells of other places is not followed: a folder within itself would have no end.
  return entries
    .filter(({ path }) => nameOf(path) !== '' && path === (folder === '' ? '' : `${folder}/`) + nameOf(path))
    .toSorted((a, b) => Number(b.isDirectory) - Number(a.isDirectory) || collator.compare(a.path, b.path))
}

/** The rows of the tree as it stands open. */
export function treeRows(
  listings: ReadonlyMap<string, Listing>,
  open: ReadonlySet<string>,
  shown: ReadonlyMap<string, number> = new Map(),
  folder = '',
  level = 1,
): TreeRow[] {
  const listing = listings.get(folder) ?? { is: 'reading' }
  const note = (is: TreeRow['is'], more = 0): TreeRow => ({
    is,
    path: folder,
    name: '',
    level,
    isOpen: false,
    size: null,
    position: 1,
    siblings: 1,
    more,
  })
  if (listing.is !== 'read') return [note(listing.is)]
  const entries = sorted(listing.entries, folder)
  if (entries.length === 0) return [note('empty')]
  const most = shown.get(folder) ?? AT_ONCE
  const rows = entries.slice(0, most).flatMap(({ path, isDirectory, size }, index): TreeRow[] => {
    const isOpen = isDirectory && open.has(path)
    const is = isDirectory ? 'folder' : 'file'
    const own = { path, name: nameOf(path), level, isOpen, position: index + 1, siblings: entries.length, more: 0 }
    const below = isOpen ? treeRows(listings, open, shown, path, level + 1) : []
    return [{ ...own, is, size }, ...below]
  })
  return entries.length > most ? [...rows, note('more', entries.length - most)] : rows
}

/** The folders that a path is in, from the top. */
export function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** What is shown where nobody has chosen: what tells of the rest. */
export const preferred = (entries: readonly FileEntry[]): string | undefined =>
  ['MLmodel', 'README.md'].find((name) => entries.some((entry) => entry.path === name && !entry.isDirectory)) ??
  (entries.length === 1 && !entries[0]!.isDirectory ? entries[0]!.path : undefined)
