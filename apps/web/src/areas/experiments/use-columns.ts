import type { RunId } from '@stead/contracts'
import { useEffect, useMemo } from 'react'
import { askedFor, defaultColumns, expandColumns } from './columns.ts'
import type { KnownKeys } from './columns.ts'
import type { Look } from './look.ts'
import type { RunStore } from './run-store.ts'
import { differing } from './scales.ts'
import { shownColumns } from './shown-columns.ts'
import type { ShownColumn } from './shown-columns.ts'

/** By how many runs it is judged whether they differ under a column. */
export const JUDGED_BY = 100
const BAR_ROOM = 176
const GROUP_ROOM = 140

/** The columns that are chosen, in their order; before anybody has chosen, those that the newest runs have. */
export function useChosen({ cols }: Look, known: KnownKeys, newest: KnownKeys): readonly string[] {
  const others = cols ? known : newest
  return useMemo(() => (cols ? expandColumns(cols, others) : defaultColumns(others)), [cols, others])
}

/** The columns that are shown: those that are chosen, or of them only those that differ. */
export function useShown(
  store: RunStore,
  chosen: readonly string[],
  ids: readonly RunId[],
  { diff: isDiff, bars, group, sort }: Look,
  known: KnownKeys,
): readonly ShownColumn[] {
  const judged = useMemo(() => ids.slice(0, JUDGED_BY), [ids])
  useEffect(() => {
    if (!isDiff) return
    const asked = chosen.flatMap((id) => askedFor(id) ?? [])
    store.read(judged, asked)
  }, [store, isDiff, judged, chosen])
  // As texts, which are the same ones as long as they say the same.
  const kept = isDiff ? differing(chosen, judged, store.cells, store.knows).join('\n') : undefined
  const numbers = chosen.filter((id) => store.isNumber(id)).join('\n')
  return useMemo(() => {
    const columns = kept === undefined ? chosen : kept.split('\n').filter((id) => id !== '')
    return shownColumns(columns, known, {
      numbers: numbers.split('\n'),
      roomy: bars ? BAR_ROOM : group.length > 0 ? GROUP_ROOM : 0,
      roomiest: group.length > 0 ? sort.map(({ by }) => by) : [],
    })
  }, [kept, chosen, known, numbers, bars, group, sort])
}
