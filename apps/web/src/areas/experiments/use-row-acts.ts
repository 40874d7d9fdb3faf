import type { RunId } from '@stead/contracts'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useActs } from '../../frame/acts.tsx'
import { runs as words } from '../../strings/runs.ts'
import { useKeys } from '../../ui/keys.ts'
import { runPath } from './grid-row.tsx'
import type { RowActs } from './grid-row.tsx'
import { childrenKey } from './rows.ts'
import type { Row } from './rows.ts'

interface Wanted {
  readonly project: string
  readonly rows: readonly Row[]
  readonly toggle: (key: string) => void
  readonly togglePin: (run: RunId) => void
  readonly choose: (rows: readonly Row[], index: number, isRange: boolean) => void
}

/** What keys and pointers do to a row, by its place, and which row was reached last. */
export function useRowActs(wanted: Wanted): { readonly acts: RowActs; readonly current: number } {
  const { rows, toggle, togglePin, choose, project } = wanted
  const navigate = useNavigate()
  const [current, setCurrent] = useState(-1)
  const now = useRef(rows)
  useEffect(() => {
    now.current = rows
  })
  // They stay the same while rows come and go, or every row would be drawn again.
  const acts = useMemo<RowActs>(
    () => ({
      choose: (index, isRange) => choose(now.current, index, isRange),
      fold(index) {
        const row = now.current[index]
        if (row?.is === 'group') toggle(row.key)
        if (row?.is === 'run') toggle(childrenKey(row.run))
      },
      pin(index) {
        const row = now.current[index]
        if (row?.is === 'run') togglePin(row.run)
      },
      open(index, inNewTab) {
        const row = now.current[index]
        if (row?.is !== 'run') return
        const path = runPath(project, row.run)
        if (inNewTab) window.open(path, '_blank', 'noopener')
        else void navigate({ to: path })
      },
      focus: setCurrent,
    }),
    [choose, toggle, togglePin, navigate, project],
  )
  useMoving(rows.length, setCurrent)
  useKeys({ 'shift x': () => acts.choose(current, true) })
  useActs([
    { id: 'select', label: words.keys.select, key: 'x', run: () => acts.choose(current, false) },
    { id: 'pin', label: words.keys.pin, key: 'p', run: () => acts.pin(current) },
  ])
  return { acts, current: Math.min(current, rows.length - 1) }
}

/** j and k, or the arrows within the table, go from row to row. */
function useMoving(count: number, setCurrent: (next: (at: number) => number) => void): void {
  const move = (step: number) => setCurrent((at) => Math.min(Math.max(at + step, 0), count - 1))
  const onArrow = (step: number) => (event: KeyboardEvent) => {
    const isInside = event.target instanceof Element && event.target.closest('[role=grid]') !== null
    if (isInside) move(step)
    else window.scrollBy({ top: step * 60 })
  }
  useKeys({ j: () => move(1), k: () => move(-1), ArrowDown: onArrow(1), ArrowUp: onArrow(-1) })
}
