import { SteadError } from '@stead/contracts'
import type { FileEntry as StoredEntry } from '@stead/contracts'
import type { FileEntry } from './source.ts'

/** A folder of more entries is shown as far as they were read. */
const MOST_PAGES = 50

/** All that is directly in a folder, page by page. */
export async function wholeFolder(
  page: (after: string | undefined) => Promise<{ files: readonly StoredEntry[]; next: string | null }>,
): Promise<FileEntry[]> {
  const entries: FileEntry[] = []
  let after: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const { files, next } = await page(after)
    entries.push(...files.map(({ path, isFolder, size }) => ({ path, isDirectory: isFolder, size })))
    if (next === null) break
    after = next
  }
  return entries
}

export type ByteRange = readonly [from: number, until: number]

/** As HTTP asks for it. */
export const rangeHeader = (range: ByteRange | undefined): Record<string, string> =>
  range === undefined ? {} : { range: `bytes=${range[0]}-${range[1] - 1}` }

/** The bytes of an answer. A range that begins at the end of the file or behind it has none. */
export async function bytesOf(range: ByteRange | undefined, open: () => Promise<Response>): Promise<Blob> {
  if (range !== undefined && range[0] >= range[1]) return new Blob()
  try {
    return await (await open()).blob()
  } catch (error) {
    if (isBeyondEnd(error)) return new Blob()
    throw error
  }
}

const isBeyondEnd = (error: unknown) =>
  error instanceof SteadError && (error.code === 'range_unsatisfiable' || error.where === 'header.range')
