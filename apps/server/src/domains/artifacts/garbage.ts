import type { Digest } from '@stead/contracts'
import type { ArtifactStore } from './artifacts.store.ts'
import type { GarbageStore } from './garbage.store.ts'
import type { Keeping } from './keeping.ts'

/** What a collection has removed. Bytes that another project has too are still there. */
export interface Collected {
  readonly files: number
  readonly artifacts: number
  readonly bytes: number
}

export interface Garbage {
  /** Removes files whose run or logged model is gone, and artifacts that nothing in the project names. What came within
   *  the last hour stays. It may be broken off, and repeated, at any moment. */
  collect(projectId: string): Promise<Collected>
  /** Removes bytes that no project has: what a crash has left between a row and its bytes. */
  sweep(): Promise<{ artifacts: number; bytes: number }>
}

export interface GarbageParts {
  readonly rows: GarbageStore
  readonly store: Pick<ArtifactStore, 'list' | 'remove'>
  readonly keeping: Pick<Keeping, 'removing'>
  readonly clock: { now(): Date }
}

const GRACE_MS = 3_600_000

export function createGarbage({ rows, store, keeping, clock }: GarbageParts): Garbage {
  /** Rows go before their bytes: a crash in between leaves bytes that nobody sees, never a name without bytes. */
  const removeBytes = async (digest: Digest): Promise<boolean> => {
    let isRemoved = false
    await keeping.removing(digest, async () => {
      if (await rows.isOwned(digest)) return
      await store.remove(digest)
      isRemoved = true
    })
    return isRemoved
  }
  return {
    async collect(projectId) {
      const before = new Date(clock.now().getTime() - GRACE_MS)
      const collected = { files: 0, artifacts: 0, bytes: 0 }
      for (let after: string | undefined = ''; after !== undefined;) {
        const { files, next } = await rows.forgetStrays(projectId, before, after)
        collected.files += files
        after = next
      }
      for (let after: string | undefined = ''; after !== undefined;) {
        const { artifacts, next } = await rows.disown(projectId, before, after)
        for (const { digest, size } of artifacts) {
          collected.artifacts += 1
          if (await removeBytes(digest)) collected.bytes += size
        }
        after = next
      }
      return collected
    },
    async sweep() {
      const swept = { artifacts: 0, bytes: 0 }
      for await (const { digest, size } of store.list()) {
        if ((await rows.isOwned(digest)) || !(await removeBytes(digest))) continue
        swept.artifacts += 1
        swept.bytes += size
      }
      return swept
    },
  }
}
