import type { Digest } from '@stead/contracts'

/** Keeps artifacts from being collected while no row names them yet: between the moment when their bytes are found or
 *  made and the commit that owns them. One server at a time writes artifacts, so this is known in its memory alone. */
export interface Keeping {
  /** What `keep` was told is not removed until the work ends. `keep` waits for a removal that is under way: afterwards
   *  the bytes are gone, and whoever wants them has to bring them. */
  during<T>(work: (keep: (digest: Digest) => Promise<void>) => Promise<T>): Promise<T>
  /** Nothing at all is removed until the work ends. */
  everything<T>(work: () => Promise<T>): Promise<T>
  /** Runs the removal, unless somebody keeps the digest or another removal of it is under way; false then. */
  removing(digest: Digest, remove: () => Promise<void>): Promise<boolean>
}

export function createKeeping(): Keeping {
  const kept = new Map<Digest, number>()
  const removals = new Map<Digest, Promise<void>>()
  let keepsAll = 0
  const letGo = (digest: Digest) => {
    const others = (kept.get(digest) ?? 1) - 1
    if (others === 0) kept.delete(digest)
    else kept.set(digest, others)
  }
  return {
    async during(work) {
      const mine: Digest[] = []
      try {
        return await work(async (digest) => {
          mine.push(digest)
          kept.set(digest, (kept.get(digest) ?? 0) + 1)
          await removals.get(digest)
        })
      } finally {
        mine.forEach(letGo)
      }
    },
    async everything(work) {
      keepsAll += 1
      try {
        await Promise.all(removals.values())
        return await work()
      } finally {
        keepsAll -= 1
      }
    },
    async removing(digest, remove) {
      if (keepsAll > 0 || kept.has(digest) || removals.has(digest)) return false
      const removal = remove()
      // Whoever waits for its end does not care how it ended.
      removals.set(
        digest,
        removal.catch(() => {}),
      )
      try {
        await removal
        return true
      } finally {
        removals.delete(digest)
      }
    },
  }
}
