import { useRef } from 'react'
import type { KeyboardEvent, PointerEvent } from 'react'
import type { Board, Span } from './board.ts'
import { rowInFocus } from './board.ts'
import { PLOT_LEFT, PLOT_RIGHT, PLOT_TOP } from './chart.ts'
import { nearestRow } from './ring.ts'

/** Pixels a pointer may tremble before it drags. */
const TREMBLE = 4

/** What moves the crosshair and selects a span: pointer and keyboard can do the same. Enter begins a selection at the
 *  crosshair and ends it there. */
export function usePointing(board: Board, chart: string, onSelect: (span: Span) => void) {
  const drag = useRef<{ x: number; at: number; moved: boolean } | undefined>(undefined)
  const anchor = useRef<number | undefined>(undefined)

  const rowTime = (event: PointerEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect()
    const share = (event.clientX - box.left - PLOT_LEFT) / (box.width - PLOT_LEFT - PLOT_RIGHT)
    const { from, to } = board.span()
    const rows = board.rows()
    const at = from + Math.min(Math.max(share, 0), 1) * (to - from)
    return rows.times[nearestRow(rows, at)] ?? at
  }

  const take = (first: number, second: number) => {
    board.select(undefined)
    anchor.current = undefined
    const span = { from: Math.min(first, second), to: Math.max(first, second) }
    if (span.to - span.from >= 2 * board.rows().step) onSelect(span)
  }

  const move = (step: number) => {
    const { times } = board.rows()
    const { from, to } = board.span()
    const first = nearestRow(board.rows(), from)
    const last = nearestRow(board.rows(), to)
    const index = Math.min(Math.max(rowInFocus(board) + step, first), last)
    const at = times[index]
    if (at === undefined) return
    board.point({ at, chart })
    if (anchor.current !== undefined)
      board.select({ from: Math.min(anchor.current, at), to: Math.max(anchor.current, at) })
  }

  const leave = () => {
    board.point(undefined)
    board.select(undefined)
    anchor.current = undefined
  }

  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0 || event.pointerType === 'touch') return
      drag.current = { x: event.clientX, at: rowTime(event), moved: false }
      event.currentTarget.setPointerCapture(event.pointerId)
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      const at = rowTime(event)
      board.point({ at, chart, y: event.clientY - event.currentTarget.getBoundingClientRect().top - PLOT_TOP })
      const held = drag.current
      if (!held) return
      held.moved ||= Math.abs(event.clientX - held.x) > TREMBLE
      if (held.moved) board.select({ from: Math.min(held.at, at), to: Math.max(held.at, at) })
    },
    onPointerUp(event: PointerEvent<HTMLElement>) {
      const held = drag.current
      drag.current = undefined
      if (held?.moved) take(held.at, rowTime(event))
    },
    onPointerCancel() {
      drag.current = undefined
      board.select(undefined)
    },
    onPointerLeave() {
      if (!drag.current) board.point(undefined)
    },
    onBlur: leave,
    onKeyDown(event: KeyboardEvent<HTMLElement>) {
      const { from, to } = board.span()
      const stride = event.shiftKey ? 10 : 1
      if (event.key === 'ArrowLeft') move(-stride)
      else if (event.key === 'ArrowRight') move(stride)
      else if (event.key === 'Home') move(-Math.ceil((to - from) / board.rows().step))
      else if (event.key === 'End') move(Math.ceil((to - from) / board.rows().step))
      else if (event.key === 'Escape' && board.crosshair()) leave()
      else if (event.key === 'Enter' && board.crosshair()) {
        const at = board.crosshair()!.at
        if (anchor.current === undefined) {
          anchor.current = at
          board.select({ from: at, to: at })
        } else take(anchor.current, at)
      } else return
      event.preventDefault()
    },
  }
}
