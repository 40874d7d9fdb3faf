import type { Clock } from '@stead/chassis'
import type { ChangedRuns, ExperimentId, RunId } from '@stead/contracts'
import type { ChangedRun } from './batches.ts'

/** Tells readers which runs have changed. Whoever writes only leaves a note. */
export interface RunChanges {
  touch(changed: ChangedRun): void
  /** All runs of an experiment may be other ones now. */
  touchAll(experiment: number): void
  /** Tells of changes in experiments, given by row and number, until the signal aborts: at most once a second, and of
   *  none that was still to come when it began. An experiment that changed as a whole is told without runs. */
  watch(experiments: ReadonlyMap<number, number>, tell: (changed: ChangedRuns) => void, signal: AbortSignal): void
}

const EVERY_MS = 1_000
/** Of one experiment at a time: whoever hears of so many looks at all of them. */
const MOST_NAMED = 1_000

export function createRunChanges(clock: Pick<Clock, 'monotonic' | 'sleep'>): RunChanges {
  const watchers = new Map<number, Set<(runId: string | undefined) => void>>()

  function note(experiment: number, runId: string | undefined): void {
    for (const hear of watchers.get(experiment) ?? []) hear(runId)
  }

  return {
    touch: ({ experiment, runId }) => note(experiment, runId),
    touchAll: (experiment) => note(experiment, undefined),
    watch(experiments, tell, signal) {
      if (signal.aborted) return
      const noted = new Map<number, Set<string>>()
      let isDue = false
      let told = -Infinity

      function tellAll(): void {
        isDue = false
        told = clock.monotonic()
        for (const [number, runs] of noted) {
          const named = runs.size > MOST_NAMED ? [] : [...runs]
          tell({ experiment: number as ExperimentId, runs: named as RunId[] })
        }
        noted.clear()
      }

      function hear(number: number, runId: string | undefined): void {
        const runs = noted.get(number) ?? new Set()
        noted.set(number, runs)
        // A whole experiment is told like one of which too many runs have changed.
        if (runId !== undefined && runs.size <= MOST_NAMED) runs.add(runId)
        if (isDue) return
        isDue = true
        void clock.sleep(Math.max(0, told + EVERY_MS - clock.monotonic()), signal).then(tellAll, () => {})
      }

      for (const [row, number] of experiments) {
        const listener = (runId: string | undefined) => hear(number, runId)
        const all = watchers.get(row) ?? new Set()
        watchers.set(row, all.add(listener))
        signal.addEventListener(
          'abort',
          () => {
            all.delete(listener)
            if (all.size === 0 && watchers.get(row) === all) watchers.delete(row)
          },
          { once: true },
        )
      }
    },
  }
}
