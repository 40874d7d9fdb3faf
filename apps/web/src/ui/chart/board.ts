import { useCallback, useSyncExternalStore } from 'react'
import { nearestRow } from './ring.ts'
import type { Ring, Rows } from './ring.ts'

/** A span of epoch seconds. */
export interface Span {
  readonly from: number
  readonly to: number
}

export interface Crosshair {
  /** The time of a row. */
  readonly at: number
  /** The chart whose values the tip tells. */
  readonly chart: string
  /** Where the pointer is, in pixels of that chart's height; undefined when it was moved by keyboard. */
  readonly y?: number | undefined
}

/** What charts that stand above each other share: rows, the span in sight, the crosshair, a selection. Whatever
 *  happens between two frames of the screen is drawn once. */
export interface Board {
  readonly rows: () => Rows
  readonly span: () => Span
  readonly crosshair: () => Crosshair | undefined
  readonly selection: () => Span | undefined
  /** Epoch milliseconds since when the picture stands still; what comes meanwhile is kept and drawn afterwards. */
  readonly pausedAt: () => number | undefined
  point(crosshair: Crosshair | undefined): void
  select(span: Span | undefined): void
  pause(paused: boolean): void
  /** Rows, markers or colours have changed. */
  refresh(): void
  /** How often was drawn. */
  readonly frames: () => number
  /** Called once in a frame in which something is to be drawn. */
  onFrame(listener: (what: Frame) => void): () => void
  subscribe(listener: () => void): () => void
}

/** `rows`: everything is drawn anew; `crosshair`: only what floats above. */
export type Frame = 'rows' | 'crosshair'

/** `spanOf` says which span is in sight, given the newest row. */
export function createBoard(ring: Ring, spanOf: () => Span): Board {
  const listeners = new Set<() => void>()
  const drawn = new Set<(what: Frame) => void>()
  let frames = 0
  let span = spanOf()
  let frozen: Rows | undefined
  let pausedAt: number | undefined
  let crosshair: Crosshair | undefined
  let selection: Span | undefined
  let due: Frame | undefined

  function draw(): void {
    const what = due ?? 'crosshair'
    due = undefined
    if (what === 'rows' && pausedAt === undefined) {
      const next = spanOf()
      if (next.from !== span.from || next.to !== span.to) span = next
    }
    frames += 1
    for (const listener of drawn) listener(what)
    for (const listener of listeners) listener()
  }

  // Browsers hold back frames of pages that nobody sees, so that hidden tabs draw nothing.
  function schedule(what: Frame): void {
    if (due === undefined) requestAnimationFrame(draw)
    if (due !== 'rows') due = what
  }

  return {
    rows: () => frozen ?? ring,
    span: () => span,
    crosshair: () => crosshair,
    selection: () => selection,
    pausedAt: () => pausedAt,
    point(next) {
      crosshair = next
      schedule('crosshair')
    },
    select(next) {
      selection = next
      schedule('crosshair')
    },
    pause(paused) {
      if (paused === (pausedAt !== undefined)) return
      pausedAt = paused ? Date.now() : undefined
      frozen = paused ? ring.freeze() : undefined
      schedule('rows')
    },
    frames: () => frames,
    refresh: () => schedule('rows'),
    onFrame(listener) {
      drawn.add(listener)
      return () => void drawn.delete(listener)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Reads something of the board again after each frame. What `read` gives must be the same value while it is equal. */
export function useBoard<T>(board: Board, read: (board: Board) => T): T {
  return useSyncExternalStore(
    useCallback((listener) => board.subscribe(listener), [board]),
    () => read(board),
  )
}

/** Draws the component anew with each frame of the board. */
export const useFrames = (board: Board): number => useBoard(board, ({ frames }) => frames())

/** The row to tell of: that of the crosshair, or the newest in sight. */
export function rowInFocus(board: Board): number {
  const rows = board.rows()
  return nearestRow(rows, board.crosshair()?.at ?? board.span().to)
}
