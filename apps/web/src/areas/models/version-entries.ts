import type { FileEntry } from '../files/source.ts'

/** What is directly in a folder, of files that are known by their paths alone. */
export function entriesIn(files: readonly { path: string; size: number }[], folder: string): FileEntry[] {
  const start = folder === '' ? '' : `${folder}/`
  const entries = new Map<string, FileEntry>()
  for (const { path, size } of files) {
    if (!path.startsWith(start)) continue
    const [name, ...below] = path.slice(start.length).split('/')
    const own = start + name
    const isDirectory = below.length > 0
    if (!entries.has(own)) entries.set(own, { path: own, isDirectory, size: isDirectory ? null : size })
  }
  return [...entries.values()]
}
