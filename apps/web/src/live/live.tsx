import { useQueryClient } from '@tanstack/react-query'
import type { QueryClient } from '@tanstack/react-query'
import { streamEvents } from '@stead/contracts'
import type { FigurePoint, WatchedRuns } from '@stead/contracts'
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'
import type { ReactNode } from 'react'
import { client, onRefused } from './client.ts'
import { createFollower } from './follower.ts'
import type { FromTab, ToTab } from './messages.ts'
import { readings, staleAfter } from './stale.ts'

type FiguresListener = (points: readonly FigurePoint[]) => void
type RunsListener = (changed: WatchedRuns) => void

interface Live {
  readonly subscribe: (listener: () => void) => () => void
  readonly state: () => LiveState
  /** Opens the stream, unless it is open. */
  readonly begin: () => void
  /** Asks for a deployment's figures and state, as `project/name`, until the returned function is called. */
  readonly watch: (name: string) => () => void
  readonly onFigures: (name: string, listener: FiguresListener) => () => void
  /** Asks for the runs of an experiment that change, as `project/number`, until the returned function is called. */
  readonly onRuns: (name: string, listener: RunsListener) => () => void
}

/** `undefined` until the stream was heard of for the first time. */
export interface LiveState {
  readonly live: boolean | undefined
  readonly since: number
}

const Context = createContext<Live | undefined>(undefined)
/** Bursts of events are answered by one reading. */
const GATHER_MS = 120
const HERE_MS = 10_000

/** Listens to the browser's one event stream and marks as stale what its events make old. */
function createLive(queries: QueryClient): Live {
  let state: LiveState = { live: undefined, since: Date.now() }
  const listeners = new Set<() => void>()
  const wanted = new Map<string, number>()
  const figures = new Map<string, Set<FiguresListener>>()
  const runs = new Map<string, Set<RunsListener>>()
  const stale = new Map<string, readonly string[]>()
  let gathering: ReturnType<typeof setTimeout> | undefined

  const invalidate = (keys: readonly (readonly string[])[]) => {
    for (const key of keys) stale.set(key.join('\n'), key)
    gathering ??= setTimeout(() => {
      gathering = undefined
      const all = [...stale.values()]
      stale.clear()
      for (const queryKey of all) void queries.invalidateQueries({ queryKey })
    }, GATHER_MS)
  }

  const take = (message: ToTab) => {
    if (message.kind === 'state') {
      // What happened while nobody listened is unknown, so everything is read again.
      if (message.live && state.live === false) void queries.invalidateQueries()
      state = { live: message.live, since: message.since }
      for (const listener of listeners) listener()
    } else if (message.kind === 'signed out') void queries.invalidateQueries({ queryKey: readings.session() })
    else if (message.kind === 'event') invalidate(staleAfter(message.event))
    else if (message.kind === 'deployment') {
      const { project, name } = message.deployment
      queries.setQueryData(readings.deployment(project, name), message.deployment)
    } else if (message.kind === 'runs') {
      const { project, experiment } = message.runs
      for (const listener of runs.get(`${project}/${experiment}`) ?? []) listener(message.runs)
    } else for (const listener of figures.get(message.figures.deployment) ?? []) listener(message.figures.points)
  }

  const send = connect(take)
  let sending: ReturnType<typeof setTimeout> | undefined
  // One page goes and the next comes: only what is wanted in the end is asked for.
  const sendWanted = () => {
    clearTimeout(sending)
    sending = setTimeout(
      () => send({ kind: 'watch', deployments: [...wanted.keys()], experiments: [...runs.keys()] }),
      30,
    )
  }
  onRefused(() => void queries.invalidateQueries({ queryKey: readings.session() }))

  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    state: () => state,
    begin: () => send({ kind: 'begin', stream: { method: streamEvents.method, path: streamEvents.path } }),
    watch(name) {
      wanted.set(name, (wanted.get(name) ?? 0) + 1)
      sendWanted()
      return () => {
        const left = (wanted.get(name) ?? 1) - 1
        if (left > 0) wanted.set(name, left)
        else wanted.delete(name)
        sendWanted()
      }
    },
    onFigures(name, listener) {
      const all = figures.get(name) ?? new Set()
      figures.set(name, all.add(listener))
      return () => void all.delete(listener)
    },
    onRuns(name, listener) {
      const all = runs.get(name) ?? new Set()
      runs.set(name, all.add(listener))
      sendWanted()
      return () => {
        all.delete(listener)
        if (all.size === 0) runs.delete(name)
        sendWanted()
      }
    },
  }
}

/** The shared worker where the browser has them, a stream of this tab's own where not. */
function connect(take: (message: ToTab) => void): (message: FromTab) => void {
  if (typeof SharedWorker === 'undefined') {
    const follower = createFollower(client, take)
    return (message) => {
      if (message.kind === 'begin') follower.begin(message.stream)
      if (message.kind === 'watch') follower.watch(message)
    }
  }
  const worker = new SharedWorker(new URL('./stream.worker.ts', import.meta.url), { type: 'module', name: 'stead' })
  worker.port.addEventListener('message', ({ data }: MessageEvent<ToTab>) => take(data))
  worker.port.start()
  setInterval(() => worker.port.postMessage({ kind: 'here' } satisfies FromTab), HERE_MS)
  return (message) => worker.port.postMessage(message)
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  const live = useMemo(() => createLive(queries), [queries])
  return <Context value={live}>{children}</Context>
}

function useLive(): Live {
  const live = useContext(Context)
  if (!live) throw new Error('there is no LiveProvider above')
  return live
}

export function useLiveState(): LiveState {
  const { subscribe, state } = useLive()
  return useSyncExternalStore(subscribe, state)
}

const STREAM_AGAIN_MS = 2_000

/** Listens to what happens for as long as somebody may hear it. `readAt` is when that was last found out. */
export function useStream(isAllowed: boolean, readAt: number): void {
  const { begin } = useLive()
  useEffect(() => {
    if (isAllowed) begin()
  }, [begin, isAllowed])
  useEffect(() => {
    if (!isAllowed) return
    // The stream may have been refused in the moment before somebody signed in.
    const timer = setTimeout(begin, STREAM_AGAIN_MS)
    return () => clearTimeout(timer)
  }, [begin, isAllowed, readAt])
}

/** Keeps a deployment's state fresh in the cache while the component is on the screen. */
export function useWatch(project: string, name: string | undefined): void {
  const { watch } = useLive()
  useEffect(() => (name === undefined ? undefined : watch(`${project}/${name}`)), [watch, project, name])
}

/** Hears of each second of a watched deployment. The listener must be stable. */
export function useLiveFigures(name: string, listener: FiguresListener): void {
  const { onFigures } = useLive()
  useEffect(() => onFigures(name, listener), [onFigures, name, listener])
}

/** Hears which runs of an experiment have changed, while the component is on the screen. The listener must be stable. */
export function useChangedRuns(project: string, experiment: number | undefined, listener: RunsListener): void {
  const { onRuns } = useLive()
  useEffect(
    () => (experiment === undefined ? undefined : onRuns(`${project}/${experiment}`, listener)),
    [onRuns, project, experiment, listener],
  )
}
