import type { Clock } from '@stead/chassis'
import { SteadError } from '@stead/contracts'
import type {
  DeploymentFigures,
  DeploymentName,
  Figure,
  FigurePoint,
  FigureSample,
  ProjectName,
  RunnerName,
  VersionNumber,
  WatchedFigures,
} from '@stead/contracts'
import type { DeploymentRef } from '../deployments/deployments.store.ts'
import type { Deployments } from '../deployments/deployments.ts'
import type { Watched } from '../deployments/watching.ts'
import type { Projects } from '../projects/projects.ts'
import type { Desired } from '../runners/desired.ts'
import { isIdle, mergeFigures, pointOf, soundFigure } from './figure.ts'
import type { FigureStore, KeptFigure, KeptStep } from './figures.store.ts'
import { createGlance } from './glance.ts'
import { createRecent } from './recent.ts'

export type Step = 1 | KeptStep

/** Live figures: every second of the last quarter of an hour from memory, coarser steps from the store. */
export interface Figures {
  /** Counts what a runner did since it last told. The server's own clock says when: those of runners differ. */
  take(runner: RunnerName, samples: readonly FigureSample[]): void
  read(
    ref: DeploymentRef,
    asked: { step: Step; from?: number | undefined; to?: number | undefined },
  ): Promise<FigurePoint[]>
  /** Deployments of a project at a glance: those named that are there, or all. */
  glance(
    project: ProjectName,
    asked: { names?: readonly DeploymentName[] | undefined; span: number; parts: number },
  ): Promise<{ from: number; to: number; rate: number; deployments: DeploymentFigures[] }>
  /** Tells each second what the named deployments did in the seconds that are complete by then, as `read` would tell it,
   *  until the signal aborts. Seconds in which one did nothing are not told. */
  watch(asked: Watched, tell: (figures: WatchedFigures) => void, signal: AbortSignal): Promise<void>
  /** Writes what has come since the last flush. What could not be written is kept for the next. */
  flush(): Promise<void>
  /** Flushes every ten seconds, and once more when the signal aborts. */
  run(signal: AbortSignal, onFailure: (error: unknown) => void): Promise<void>
  forget(): void
}

export interface FigureParts {
  readonly store: FigureStore
  readonly deployments: Pick<Deployments, 'find' | 'records'>
  readonly projects: Pick<Projects, 'idOf'>
  readonly desired: Pick<Desired, 'get'>
  readonly clock: Clock
}

/** How far back each step reaches, in seconds. */
export const REACH: Readonly<Record<Step, number>> = { 1: 900, 10: 86_400, 300: 90 * 86_400 }
const STEPS: readonly KeptStep[] = [10, 300]
const FLUSH_MS = 10_000
const PRUNE_EVERY = 60
/** Steps that may wait for the database to come back; beyond it the oldest are forgotten. */
const MOST_PENDING = 20_000

export function createFigures({ store, deployments, projects, desired, clock }: FigureParts): Figures {
  const recent = createRecent(REACH[1])
  let pending = new Map<string, KeptFigure>()
  let flushes = 0

  const now = () => Math.floor(clock.now().getTime() / 1000)
  const atGlance = createGlance({ recent, store, now, unwritten: () => pending.values() })

  function addPending(one: KeptFigure): void {
    const key = `${one.deploymentId} ${one.version} ${one.step} ${one.at}`
    const known = pending.get(key)
    pending.set(key, known ? { ...one, figure: mergeFigures(known.figure, one.figure) } : one)
    if (pending.size > MOST_PENDING) for (const oldest of pending.keys()) return void pending.delete(oldest)
  }

  function count(deploymentId: string, version: VersionNumber, figure: Figure): void {
    const at = now()
    recent.add(deploymentId, version, at, figure)
    for (const step of STEPS) addPending({ deploymentId, version, step, at: at - (at % step), figure })
  }

  async function flush(): Promise<void> {
    const taken = pending
    pending = new Map()
    try {
      if (taken.size > 0) await store.add([...taken.values()])
    } catch (error) {
      for (const one of taken.values()) addPending(one)
      throw error
    }
    if (flushes++ % PRUNE_EVERY === 0) for (const step of STEPS) await store.forgetBefore(step, now() - REACH[step])
  }

  async function readKept(deploymentId: string, step: KeptStep, from: number, to: number): Promise<FigurePoint[]> {
    const points = new Map<string, KeptFigure>()
    const unwritten = [...pending.values()].filter(
      (one) => one.deploymentId === deploymentId && one.step === step && one.at >= from && one.at < to,
    )
    for (const one of [...(await store.read(deploymentId, step, from, to)), ...unwritten]) {
      const key = `${one.at} ${one.version}`
      const known = points.get(key)
      points.set(key, known ? { ...one, figure: mergeFigures(known.figure, one.figure) } : one)
    }
    return [...points.values()]
      .toSorted((a, b) => a.at - b.at || a.version - b.version)
      .map(({ at, version, figure }) => pointOf(at, version, figure))
  }

  return {
    flush,
    take(_runner, samples) {
      for (const { deployment, version, figure } of samples) {
        const id = idOf(desired, deployment)
        const sound = soundFigure(figure)
        if (id === undefined || sound === undefined || isIdle(sound)) continue
        count(id, version, sound)
      }
      recent.forgetBefore(now() - REACH[1])
    },
    async read(ref, { step, from, to }) {
      const { id } = await deployments.find(ref)
      const end = Math.min(to ?? Infinity, now() + 1)
      const begin = Math.max(from ?? 0, now() - REACH[step])
      if (from !== undefined && to !== undefined && from > to)
        throw new SteadError('invalid_request', 'query.from: lies after "to"', { where: 'query.from' })
      const first = begin - (begin % step)
      if (step !== 1) return readKept(id, step, first, end)
      return recent.read(id, first, end).map(({ at, version, figure }) => pointOf(at, version, figure))
    },
    async glance(project, { names, span, parts }) {
      const projectId = await projects.idOf(project)
      const all = [...deployments.records()].filter((record) => record.projectId === projectId)
      const asked = names === undefined ? all : all.filter(({ name }) => names.includes(name))
      const rate = atGlance.rateOf(all.map(({ id }) => id))
      const inOrder = asked.toSorted((a, b) => (a.name < b.name ? -1 : 1))
      return { rate, ...(await atGlance.read(inOrder, { seconds: span, parts })) }
    },
    async watch({ names, project }, tell, signal) {
      for (let told = now(); !signal.aborted;) {
        const untilNext = 1000 - (clock.now().getTime() % 1000)
        await clock.sleep(untilNext, signal).catch(() => {})
        const end = now()
        for (const name of signal.aborted ? [] : names) {
          const state = desired.get(name)
          if (!state || (project !== undefined && state.project !== project)) continue
          const points = recent.read(state.id, told, end).map(({ at, version, figure }) => pointOf(at, version, figure))
          if (points.length > 0) tell({ deployment: name, points })
        }
        told = end
      }
    },
    async run(signal, onFailure) {
      while (!signal.aborted) {
        await clock.sleep(FLUSH_MS, signal).catch(() => {})
        await flush().catch(onFailure)
      }
      // What came while the last flush was under way.
      await flush().catch(onFailure)
    },
    forget() {
      recent.clear()
      pending.clear()
    },
  }
}

const idOf = (desired: Pick<Desired, 'get'>, name: DeploymentName) => desired.get(name)?.id
