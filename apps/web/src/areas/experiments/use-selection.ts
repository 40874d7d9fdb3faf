import type { RunId } from '@stead/contracts'
import { useCallback, useRef, useState } from 'react'
import type { Row } from './rows.ts'

/** Which runs are selected: one by one, or from the last one on. */
export function useSelection() {
  const [selected, setSelected] = useState<ReadonlySet<RunId>>(new Set())
  const anchor = useRef<string>(undefined)
  const choose = useCallback((rows: readonly Row[], index: number, isRange: boolean) => {
    const row = rows[index]
    if (row?.is !== 'run') return
    const from = isRange ? rows.findIndex(({ key }) => key === anchor.current) : -1
    setSelected((before) => {
      const after = new Set(before)
      if (from < 0) {
        if (!after.delete(row.run)) after.add(row.run)
        return after
      }
      const between = rows.slice(Math.min(from, index), Math.max(from, index) + 1)
      for (const one of between) if (one.is === 'run') after.add(one.run)
      return after
    })
    anchor.current = row.key
  }, [])
  const clear = useCallback(() => setSelected(new Set()), [])
  const set = useCallback((runs: Iterable<RunId>) => setSelected(new Set(runs)), [])
  return { selected, choose, clear, set }
}
