import { constants, cpSync, renameSync } from 'node:fs'

/** Copies the folder of a closed database, aside and then renamed, so that what has the name is whole. Hundreds of small
 *  files: at once that is a tenth of the work that it is one after the other, and the thread waits for it. */
export function copyDatabase(from: string, to: string): void {
  const aside = `${to}.new-${process.pid}`
  cpSync(from, aside, { recursive: true, mode: constants.COPYFILE_FICLONE })
  renameSync(aside, to)
}
