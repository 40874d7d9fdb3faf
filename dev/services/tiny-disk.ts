import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './children.ts'

/** A real file system of 8 MB, for tests of a full disk. */
export interface TinyDisk {
  readonly path: string
  remove(): Promise<void>
}

/** Mounts one, where this process may mount anything (as root on Linux). */
export async function mountTinyDisk(): Promise<TinyDisk | { readonly missing: string }> {
  const path = await mkdtemp(join(tmpdir(), 'stead-tiny-'))
  const forget = () => rm(path, { recursive: true, force: true })
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path])
  } catch {
    await forget()
    return { missing: 'no file system may be mounted here (needs root)' }
  }
  return {
    path,
    async remove() {
      await run('umount', [path])
      await forget()
    },
  }
}
