import { SteadError } from '@stead/contracts'
import type { Change, Stage, Transcript } from '@stead/contracts'
import { UnreachableError } from '@stead/sdk'
import { useSyncExternalStore } from 'react'

/** A change as it is known: its id may not be heard of yet, nor who asked. */
export type KnownChange = Omit<Change, 'id' | 'actor'> & { readonly id: string | null; readonly actor: string | null }

/** A change that this tab asked for. It goes on whatever is on the screen, and is told to whoever looks. */
export interface Run {
  readonly key: string
  readonly project: string
  /** Answers at once; the rest of it is told while it happens. */
  readonly change: KnownChange
  readonly is: 'asking' | 'running' | 'done' | 'refused' | 'lost'
  /** Whoever asked has seen what became of it. */
  readonly isSeen: boolean
}

export type FirstWord = { readonly is: 'begun' } | { readonly is: 'turned-away'; readonly error: unknown }

let runs: readonly Run[] = []
const listeners = new Set<() => void>()

function put(next: readonly Run[]): void {
  runs = next
  for (const listener of listeners) listener()
}
const mend = (key: string, mended: (run: Run) => Run) => put(runs.map((run) => (run.key === key ? mended(run) : run)))

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export const useRuns = (): readonly Run[] => useSyncExternalStore(subscribe, () => runs)

/** The newest change of a deployment that this tab asked for. */
export const useRunOf = (project: string, deployment: string): Run | undefined =>
  useRuns().findLast((run) => run.project === project && run.change.deployment === deployment && run.is !== 'asking')

const forgetRun = (key: string): void => put(runs.filter((run) => run.key !== key))

export const seeRun = (key: string): void => mend(key, (run) => ({ ...run, isSeen: true }))

/** The server told which change this is. */
export const identifyRun = (key: string, id: string): void =>
  mend(key, (run) => ({ ...run, change: { ...run.change, id } }))

/** Asks for a change and keeps it. Resolves with the first word of the server: that it has begun, or why it will not. */
export function beginRun(
  project: string,
  foreseen: Omit<
    KnownChange,
    'id' | 'actor' | 'startedAt' | 'committedAt' | 'endedAt' | 'stages' | 'failure' | 'detached'
  >,
  follow: (idempotencyKey: string, onStage: (stage: Stage) => void) => Promise<Transcript>,
): Promise<FirstWord> & { key: string } {
  const key = newKey()
  const change: KnownChange = {
    ...foreseen,
    id: null,
    actor: null,
    startedAt: new Date().toISOString(),
    committedAt: null,
    endedAt: null,
    stages: [],
    failure: null,
    detached: [],
  }
  put([...runs.slice(-REMEMBERED), { key, project, change, is: 'asking', isSeen: false }])
  const firstWord = new Promise<FirstWord>((resolve) => {
    // A change that waits for its turn says nothing; what it waits for is on the screen by then.
    const patience = setTimeout(() => begun(), PATIENCE_MS)
    const begun = () => {
      clearTimeout(patience)
      mend(key, (run) => (run.is === 'asking' ? { ...run, is: 'running' } : run))
      resolve({ is: 'begun' })
    }
    const onStage = (stage: Stage) => {
      mend(key, (run) => ({
        ...run,
        is: 'running',
        change: withStage(run.is === 'lost' ? { ...run.change, stages: [] } : run.change, stage),
      }))
      begun()
    }
    const settle = (tries: number) =>
      follow(key, onStage).then(
        (transcript) => {
          mend(key, (run) => ({ ...run, is: 'done', change: done(run.change, transcript) }))
          begun()
        },
        (error: unknown) => {
          const run = runs.find((one) => one.key === key)
          if (run?.is === 'asking' && changeOf(error) === undefined) {
            clearTimeout(patience)
            forgetRun(key)
            resolve({ is: 'turned-away', error })
          } else if (error instanceof UnreachableError && tries < TRIES) {
            // The change goes on without its listener; the same key gets the outcome of the first time.
            mend(key, (one) => ({ ...one, is: 'lost' }))
            setTimeout(() => void settle(tries + 1), AGAIN_MS)
          } else {
            mend(key, (one) => ({ ...one, is: 'refused', change: refused(one.change, error) }))
            begun()
          }
        },
      )
    void settle(0)
  })
  return Object.assign(firstWord, { key })
}

const PATIENCE_MS = 700
const REMEMBERED = 20
const AGAIN_MS = 2_000
const TRIES = 60

function withStage(change: KnownChange, stage: Stage): KnownChange {
  const isCommit = stage.name === 'commit' && stage.ok
  return {
    ...change,
    stages: [...change.stages, stage],
    committedAt: isCommit ? new Date().toISOString() : change.committedAt,
  }
}

function done(change: KnownChange, { change: id, stages, detached, generation }: Transcript): KnownChange {
  const now = new Date().toISOString()
  return {
    ...change,
    id: id ?? change.id,
    stages,
    detached,
    after: { ...change.after, generation },
    committedAt: change.committedAt ?? now,
    endedAt: now,
  }
}

function refused(change: KnownChange, error: unknown): KnownChange {
  const failure =
    error instanceof SteadError
      ? { code: error.code, message: error.message }
      : { code: 'internal', message: error instanceof Error ? error.message : String(error) }
  return {
    ...change,
    id: changeOf(error) ?? change.id,
    failure,
    endedAt: new Date().toISOString(),
  }
}

/** The id that a refusal names. */
function changeOf(error: unknown): string | undefined {
  const details = error instanceof SteadError ? (error.details as { change?: unknown } | undefined) : undefined
  return typeof details?.change === 'string' ? details.change : undefined
}

/** `crypto.randomUUID` is there only over TLS and on localhost. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
