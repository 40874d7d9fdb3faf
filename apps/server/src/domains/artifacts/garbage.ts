import type { Digest } from '@stead/contracts'
import type { ArtifactStore } from './artifacts.store.ts'
import type { Found, GarbageStore } from './garbage.store.ts'
import type { Keeping } from './keeping.ts'

/** What a collection has removed. Bytes that another project has too are still there. */
export interface Collected {
  readonly files: number
  readonly artifacts: number
  readonly bytes: number
}

/** A part of a collection, which may take long. */
export interface Part {
  /** It pauses after the first page that ends later. */
  readonly forMs?: number | undefined
  /** The `next` of the part before. */
  readonly after?: string | undefined
}

export interface Garbage {
  /** Removes files whose run or logged model is gone, and artifacts that nothing in the project names. What came within
   *  the last hour stays. It may be broken off, and repeated, at any moment. */
  collect(projectId: string, part?: Part): Promise<Collected & { readonly next: string | null }>
  /** What a collection would remove now. */
  find(projectId: string): Promise<Collected>
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
/** Digests that are asked for by one statement. */
const NAMES = 500

type Place = { readonly in: 'files' | 'artifacts'; readonly behind: string } | undefined

function placeIn(after: string | undefined): Place {
  const behind = after?.slice(after.indexOf(':') + 1) ?? ''
  return { in: after?.startsWith('artifacts:') ? 'artifacts' : 'files', behind }
}

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
    async collect(projectId, { forMs = Infinity, after } = {}) {
      const begun = clock.now().getTime()
      const before = new Date(begun - GRACE_MS)
      const isLate = () => clock.now().getTime() - begun >= forMs
      const collected = { files: 0, artifacts: 0, bytes: 0 }
      let place = placeIn(after)
      while (place !== undefined) {
        if (place.in === 'files') {
          const { files, next } = await rows.forgetStrays(projectId, before, place.behind)
          collected.files += files
          place = next === undefined ? { in: 'artifacts', behind: '' } : { in: 'files', behind: next }
        } else {
          const { artifacts, next } = await rows.disown(projectId, before, place.behind)
          for (const { digest, size } of artifacts) {
            collected.artifacts += 1
            if (await removeBytes(digest)) collected.bytes += size
          }
          place = next === undefined ? undefined : { in: 'artifacts', behind: next }
        }
        if (place !== undefined && isLate()) break
      }
      return { ...collected, next: place === undefined ? null : `${place.in}:${place.behind}` }
    },
    async find(projectId) {
      const before = new Date(clock.now().getTime() - GRACE_MS)
      const found = { files: 0, artifacts: 0, bytes: 0 }
      const add = ({ artifacts, bytes }: Found) => {
        found.artifacts += artifacts
        found.bytes += bytes
      }
      const names = new Map<Digest, number>()
      for (let after: string | undefined = ''; after !== undefined;) {
        const { digests, next } = await rows.strays(projectId, before, after)
        found.files += digests.length
        for (const digest of digests) names.set(digest, (names.get(digest) ?? 0) + 1)
        after = next
      }
      const all = [...names]
      for (let at = 0; at < all.length; at += NAMES)
        add(await rows.unnamedWithout(projectId, before, new Map(all.slice(at, at + NAMES))))
      for (let after: string | undefined = ''; after !== undefined;) {
        const { next, ...more }: Found & { next: string | undefined } = await rows.unnamed(projectId, before, after)
        add(more)
        after = next
      }
      return found
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
