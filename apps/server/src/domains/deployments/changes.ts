import { randomUUID } from 'node:crypto'
import type { Clock } from '@stead/chassis'
import { ERRORS, SteadError } from '@stead/contracts'
import type { Change, DeploymentName, ProjectName, RouteTable, Stage, Transcript } from '@stead/contracts'
import type { DeploymentRef } from './deployments.store.ts'
import type { Turn } from './lanes.ts'
import { gatherStages, type Stages } from './transcript.ts'

/** What is settled about a change when its turn comes. */
export interface ChangeAbout extends Pick<Change, 'deployment' | 'kind' | 'before' | 'reason' | 'actor'> {
  readonly project: ProjectName
  readonly after: RouteTable
}

export interface ChangeUnderWay {
  readonly id: string
  readonly startedAt: string
  readonly stages: Stages
  committed(at: string): void
}

/** Changes from their turn on: at most one under way per deployment, and the last hundred that ended. Nothing of it is
 *  written anywhere; what must outlast the server is in the generation or the refusal. */
export interface Changes {
  /** A change is under way for as long as `carryOut` is. What it fails with names the change in its details. */
  run(
    about: ChangeAbout,
    turn: Turn,
    onStage: (stage: Stage) => void,
    carryOut: (change: ChangeUnderWay) => Promise<Transcript>,
  ): Promise<Transcript>
  current(name: DeploymentName): Change | null
  find(ref: DeploymentRef, id: string): Change | undefined
  /** Ends a change under way, waits for its end and tells it; undefined if it is not under way. `isAborted` is true for
   *  one caller only. Fails with `change_committed` once it holds its turn to the end. */
  abort(ref: DeploymentRef, id: string, because: string): Promise<{ change: Change; isAborted: boolean } | undefined>
  /** Forgets those that ended: after a restore, what they led to may not be there. */
  forgetEnded(): void
}

interface Entry {
  readonly project: ProjectName
  readonly turn: Turn
  readonly ended: Promise<void>
  change: Change
}

const MOST_ENDED = 100

export function createChanges(clock: Clock, onChanged: (name: DeploymentName) => void): Changes {
  const underWay = new Map<DeploymentName, Entry>()
  const ended = new Map<string, Entry>()

  const now = () => clock.now().toISOString()

  function update(entry: Entry, news: Partial<Change>): void {
    entry.change = { ...entry.change, ...news }
    onChanged(entry.change.deployment)
  }

  function end(entry: Entry, outcome: Pick<Change, 'failure' | 'detached'>): void {
    underWay.delete(entry.change.deployment)
    ended.set(entry.change.id, entry)
    update(entry, { ...outcome, endedAt: now() })
    const [oldest] = ended.keys()
    if (ended.size > MOST_ENDED && oldest !== undefined) ended.delete(oldest)
  }

  const isOf = ({ project, deployment }: DeploymentRef, id: string, entry: Entry) =>
    entry.project === project && entry.change.deployment === deployment && entry.change.id === id

  return {
    async run({ project, ...about }, turn, onStage, carryOut) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const id = randomUUID()
      const startedAt = now()
      const whileItRuns = { committedAt: null, endedAt: null, stages: [], failure: null, detached: [] }
      const entry: Entry = { project, turn, ended: promise, change: { ...about, id, startedAt, ...whileItRuns } }
      const stages = gatherStages(clock, (stage) => {
        update(entry, { stages: [...entry.change.stages, stage] })
        onStage(stage)
      })
      underWay.set(about.deployment, entry)
      onChanged(about.deployment)
      try {
        const committed = (at: string) => update(entry, { committedAt: at })
        const transcript = await carryOut({ id, startedAt, stages, committed })
        end(entry, { failure: null, detached: transcript.detached })
        return transcript
      } catch (error) {
        end(entry, { failure: failureOf(error), detached: [] })
        throw naming(id, error)
      } finally {
        resolve()
      }
    },
    current: (name) => underWay.get(name)?.change ?? null,
    find(ref, id) {
      const entry = underWay.get(ref.deployment)
      const found = entry && isOf(ref, id, entry) ? entry : ended.get(id)
      return found && isOf(ref, id, found) ? found.change : undefined
    },
    async abort(ref, id, because) {
      const entry = underWay.get(ref.deployment)
      if (!entry || !isOf(ref, id, entry)) return undefined
      const isFirst = !entry.turn.signal.aborted
      if (!entry.turn.giveUp(new SteadError('aborted', because))) throw new SteadError('change_committed')
      await entry.ended
      return { change: entry.change, isAborted: isFirst && entry.change.failure?.code === 'aborted' }
    },
    forgetEnded: () => ended.clear(),
  }
}

/** As its caller is told. */
const failureOf = (error: unknown) =>
  error instanceof SteadError
    ? { code: error.code, message: error.message }
    : { code: 'internal', message: ERRORS.internal.says }

function naming(id: string, error: unknown): unknown {
  if (!(error instanceof SteadError)) return error
  return new SteadError(error.code, error.message, {
    ...(error.where === undefined ? {} : { where: error.where }),
    details: { ...(error.details as object | undefined), change: id },
    cause: error,
  })
}
