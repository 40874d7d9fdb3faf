import type { FileEntry } from '../files/source.ts'

const DEEPEST = 3
const MOST_FOLDERS = 60

/** The folders with an MLmodel file in them, by path; '' is the top. Looks three folders deep, and into sixty at most. */
export async function modelFolders(list: (path: string) => Promise<readonly FileEntry[]>): Promise<string[]> {
  const found: string[] = []
  let level = ['']
  let looked = 0
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const wanted = level.slice(0, MOST_FOLDERS - looked)
    looked += wanted.length
    const listings = await Promise.all(wanted.map(list))
    level = []
    for (const [at, entries] of listings.entries()) {
      const isModel = entries.some(({ path, isDirectory }) => !isDirectory && path.split('/').at(-1) === 'MLmodel')
      if (isModel) found.push(wanted[at]!)
      else level.push(...entries.filter(({ isDirectory }) => isDirectory).map(({ path }) => path))
    }
  }
  return found
}
