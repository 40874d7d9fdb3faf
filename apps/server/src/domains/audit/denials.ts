import type { Clock } from '@stead/chassis'
import type { NewEntry } from './audit.store.ts'
import { actAs, type Author, authorNow } from './author.ts'

/** An attempt that was not allowed. */
export interface Denied {
  readonly projectId: string | null
  readonly act: string
  readonly subject: string
  readonly reason: string
}

/** Denied attempts on their way into the log. Those who showed who they are have an entry for each; those of strangers
 *  that are alike in address and act have one a minute, with how often: nobody can fill the log from outside. */
export interface Denials {
  /** Of the author of this request. It never throws and keeps nobody waiting. */
  denied(attempt: Denied): void
  /** Writes what has been gathered, and resolves once all that was denied before is written. */
  flush(): Promise<void>
  /** Writes once a minute until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

export interface DenialsParts {
  readonly append: (entry: NewEntry) => Promise<void>
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}

interface Gathered {
  readonly author: Author
  readonly attempt: Denied
  times: number
}

const MINUTE_MS = 60_000
/** What one minute can bring; further ones are counted together. */
const MOST_ALIKE = 1_000
/** Entries on their way to the database at once; beyond that, attempts are gathered. */
const MOST_UNDER_WAY = 100

export function createDenials({ append, clock, onFailure }: DenialsParts): Denials {
  let gathered = new Map<string, Gathered>()
  const underWay = new Set<Promise<void>>()

  function write({ author, attempt, times }: Gathered): void {
    const entry = { ...attempt, outcome: 'denied' as const, times, actor: author.actor }
    const writing = actAs(author, () => append(entry))
      .catch(onFailure)
      .finally(() => underWay.delete(writing))
    underWay.add(writing)
  }

  function gather(author: Author, attempt: Denied): void {
    // Whose sign-ins fail matters; the names of other things are the stranger's to make up.
    const about = attempt.act === 'session.create' ? attempt.subject : null
    const key = JSON.stringify([author.actor, author.from, attempt.projectId, attempt.act, about])
    const known = gathered.get(key)
    if (known) known.times += 1
    else if (gathered.size < MOST_ALIKE) gathered.set(key, { author, attempt, times: 1 })
    else gatherRest()
  }

  function gatherRest(): void {
    const known = gathered.get(REST)
    if (known) known.times += 1
    else {
      const author = { actor: 'stranger', credential: null, from: null, request: null }
      const attempt = {
        projectId: null,
        act: 'any',
        subject: 'several',
        reason: 'more kinds of attempts than are told apart',
      }
      gathered.set(REST, { author, attempt, times: 1 })
    }
  }

  async function flush(): Promise<void> {
    const minute = gathered
    gathered = new Map()
    for (const one of minute.values()) {
      write(one)
      if (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay)
    }
    await Promise.all(underWay)
  }

  return {
    denied(attempt) {
      const author = authorNow()
      if (author.actor === 'stranger' || underWay.size >= MOST_UNDER_WAY) gather(author, attempt)
      else write({ author, attempt, times: 1 })
    },
    flush,
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(MINUTE_MS, signal).catch(() => {})
        await flush()
      }
    },
  }
}

const REST = 'rest'
