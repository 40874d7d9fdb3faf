import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockHome } from '@stead/chassis'

const NAME = 'stead-ephemeral-'
/** A home is locked long before. */
const YOUNG_MS = 60_000

/** A home for one server alone, which goes with it. */
export interface EphemeralHome {
  readonly path: string
  remove(): Promise<void>
}

/** Makes an empty home among the temporary files, and removes those of servers that were killed. */
export async function makeEphemeralHome(folder: string = tmpdir()): Promise<EphemeralHome> {
  // Nobody waits for it, and the next one tries again.
  void removeAbandoned(folder).catch(() => {})
  const path = await mkdtemp(join(folder, NAME))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}

/** A home whose lock can be had has no server any more. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(NAME)) continue
    const path = join(folder, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs < YOUNG_MS) continue
    const lock = await lockHome(path).catch(() => undefined)
    if (!lock) continue
    await rm(path, { recursive: true, force: true }).finally(() => lock.release())
  }
}
