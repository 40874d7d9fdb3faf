import type { LogItem } from './log-items.ts'

/** One thing that a run does not have although it was logged, and why. */
export interface Lost {
  readonly what: 'metric' | 'param' | 'tag' | 'file' | 'memory'
  /** Its key, or the path of a file. */
  readonly key: string
  readonly because: Error
}

/** Logging happens beside the work and must not end it: what could not be kept is told when it is waited for. */
export class LostError extends Error {
  /** In the order of logging; of many, the first thousand. */
  readonly lost: readonly Lost[]
  /** How many there were. */
  readonly total: number
  constructor(lost: readonly Lost[], total: number) {
    const [first] = lost
    const others = total > 1 ? ` and ${total - 1} more` : ''
    super(`the run lost the ${first?.what} "${first?.key}"${others}: ${first?.because.message}`, {
      cause: first?.because,
    })
    this.name = 'LostError'
    this.lost = lost
    this.total = total
  }
}

const MOST_TOLD = 1000

export interface LostList {
  add(what: Lost['what'], key: string, because: unknown): void
  addItems(items: readonly LogItem[], because: unknown): void
  /** Throws a LostError if anything was added since the last time. */
  tell(): void
}

export function createLostList(): LostList {
  let told: Lost[] = []
  let total = 0
  const add: LostList['add'] = (what, key, because) => {
    total += 1
    if (told.length >= MOST_TOLD) return
    told.push({ what, key, because: because instanceof Error ? because : new Error(String(because)) })
  }
  return {
    add,
    addItems: (items, because) => items.forEach(({ is, key }) => add(is, key, because)),
    tell() {
      if (total === 0) return
      const error = new LostError(told, total)
      told = []
      total = 0
      throw error
    },
  }
}
