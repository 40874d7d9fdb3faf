import type { KeyUse } from '@stead/contracts'

/** What keys asked for, by deployment and version. */
export interface Uses {
  count(key: string, deployment: string, version: number, failed: boolean): void
  /** Adds what another one had counted. */
  add(uses: readonly KeyUse[]): void
  /** What came since the last call. */
  take(): KeyUse[]
}

interface Use {
  readonly key: string
  readonly deployment: string
  readonly version: number
  requests: number
  failed: number
}

export function createUses(): Uses {
  // By key, then by what it asked, so that counting makes no text.
  let byKey = new Map<string, Use[]>()

  function useOf(key: string, deployment: string, version: number): Use {
    const ofKey = byKey.get(key) ?? []
    if (ofKey.length === 0) byKey.set(key, ofKey)
    const found = ofKey.find((use) => use.deployment === deployment && use.version === version)
    if (found) return found
    const made: Use = { key, deployment, version, requests: 0, failed: 0 }
    ofKey.push(made)
    return made
  }

  return {
    count(key, deployment, version, failed) {
      const use = useOf(key, deployment, version)
      use.requests += 1
      if (failed) use.failed += 1
    },
    add(uses) {
      for (const { key, deployment, version, requests, failed } of uses) {
        const use = useOf(key, deployment, version)
        use.requests += requests
        use.failed += failed
      }
    },
    take() {
      const taken = [...byKey.values()].flat() as KeyUse[]
      byKey = new Map()
      return taken
    },
  }
}
