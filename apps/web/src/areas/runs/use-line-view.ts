import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { LineView } from '../../ui/plot/line-scene.ts'
import { lineSearchOf, lineViewOf } from './line-view-search.ts'
import type { LineSearch } from './line-view-search.ts'

const SETTLE_MS = 200

/** How lines are drawn, kept in the address. A slider that is being moved gets there once it rests. */
export function useLineView(): readonly [LineView, (view: LineView) => void] {
  const navigate = useNavigate()
  const { along, scale, smooth, range } = useSearch({ strict: false }) as LineSearch
  const told = useMemo(() => lineViewOf({ along, scale, smooth, range }), [along, scale, smooth, range])
  // Counts only for as long as the address is the one that it began from.
  const [moving, setMoving] = useState<{ from: LineView; view: LineView }>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const change = (view: LineView) => {
    setMoving({ from: told, view })
    clearTimeout(timer.current)
    timer.current = setTimeout(
      () =>
        void navigate({
          to: '.',
          search: (before) => ({ ...before, ...lineSearchOf(view) }) as never,
          replace: true,
          resetScroll: false,
        }),
      SETTLE_MS,
    )
  }
  return [moving?.from === told ? moving.view : told, change]
}
