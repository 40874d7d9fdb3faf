import type { ExperimentSummary, RunId } from '@stead/contracts'
import { useCallback, useMemo, useRef } from 'react'
import { useProject } from '../../frame/project.ts'
import type { KnownKeys } from './columns.ts'
import { useStaleExperiments } from './experiment-asks.tsx'
import { MAIN } from './run-store.ts'
import { PARENT_TAG } from './runs.queries.ts'
import { scalesOf } from './scales.ts'
import { useChosen, useShown } from './use-columns.ts'
import type { LookInUse } from './use-look.ts'
import { usePins } from './use-pins.ts'
import { useRowActs } from './use-row-acts.ts'
import { useCounts, useLiveRuns, useRows, useRunStore } from './use-runs.ts'
import { useSelection } from './use-selection.ts'

interface Keys {
  readonly known: KnownKeys
  readonly newest: KnownKeys
}

/** Everything that a table of runs has behind it: what is asked, what was read of it, what is selected. */
export function useTable(experiment: ExperimentSummary, { known, newest }: Keys, { look }: LookInUse) {
  const project = useProject()
  const store = useRunStore(project, experiment.id)
  const hasParts = known.tags.some(({ key }) => key === PARENT_TAG)
  // Whoever asks for something finds it wherever it stands.
  const isPlain = look.filter === '' && look.group.length === 0 && look.state === 'active'
  const isFolded = look.nest && isPlain
  const isNested = isFolded && hasParts
  const chosen = useChosen(look, known, newest)
  const wanted = { project, experiment: experiment.id, store, look, columns: chosen, isFolded, isNested }
  const { count, groups } = useCounts(wanted)
  const { pins, toggle: togglePin } = usePins(project, experiment.id)
  const { rows, toggle, version } = useRows(wanted, groups?.data?.groups, pins)
  const ids = useMemo(
    () => rows.flatMap((row): RunId[] => (row.is === 'run' && !row.isPinned ? [row.run] : [])),
    [rows],
  )
  const columns = useShown(store, chosen, ids, look, known)
  const scales = useMemo(() => {
    void version
    return look.bars ? scalesOf(chosen, ids, store.cells) : undefined
  }, [look.bars, chosen, ids, store, version])
  const top = useRef(true)
  const isTop = useCallback(() => top.current, [])
  const onTop = useCallback((isAtTop: boolean) => {
    top.current = isAtTop
  }, [])
  const { fresh, readAgain } = useLiveRuns(project, experiment.id, store, isTop)
  const selection = useSelection()
  const { acts, current } = useRowActs({ rows, toggle, togglePin, choose: selection.choose, project })
  const stale = useStaleExperiments()
  return {
    project,
    store,
    main: store.list(MAIN),
    groups,
    total: count.data,
    rows,
    ids,
    chosen,
    columns,
    scales,
    pins,
    selection,
    acts,
    current,
    isNested,
    fresh,
    onTop,
    readAgain,
    /** After something was done to runs. */
    onDone: () => {
      stale()
      readAgain()
    },
  }
}

export type TableInUse = ReturnType<typeof useTable>

/** Why the runs could not be read. */
export const failureOf = ({ groups, main }: TableInUse): unknown => (groups ? groups.error : main?.failure)
