import { createBoard } from '../../ui/chart/board.ts'
import type { Board, Span } from '../../ui/chart/board.ts'
import { createRing } from '../../ui/chart/ring.ts'
import { createPicture } from './live-picture.ts'
import type { Picture } from './live-picture.ts'
import { finestStep, RANGES } from './live-ranges.ts'
import type { RangeName, Step } from './live-ranges.ts'

/** Why figures cannot be known now: this page hears nothing, or nobody counts. */
export type Blind = 'notLive' | 'noRunner'

export interface BlindSpan extends Span {
  readonly because: Blind
}

/** One range on the screen: its rows, and the span in sight, which follows the newest row unless it was selected. */
export interface Scene {
  readonly picture: Picture
  readonly board: Board
  readonly step: Step
  readonly range: RangeName
  readonly selected: Span | undefined
  /** Says whether figures can be known from now on. */
  see(blind: Blind | undefined): void
  /** Spans in which they could not, as far as this page has seen. */
  blindSpans(): readonly BlindSpan[]
}

export function createScene(range: RangeName, selected: Span | undefined): Scene {
  const step = selected ? finestStep(selected.from, serverNow()) : RANGES[range].step
  const length = selected ? selected.to - selected.from : RANGES[range].seconds
  const capacity = Math.ceil(length / step) + (step === 1 ? 300 : 10)
  const end = selected?.to ?? newestComplete(step)
  const ring = createRing(step, capacity, Math.floor(end - length))
  ring.reach(Math.floor(end))
  let blind: Blind | undefined
  let spans: readonly BlindSpan[] = []

  const newest = () => ring.times.at(-1) ?? end
  const board = createBoard(ring, () => {
    if (selected) return selected
    const to = blind === 'notLive' ? Math.max(serverNow(), newest()) : newest()
    return { from: to - length, to }
  })

  return {
    picture: createPicture(ring, capacity),
    board,
    step,
    range,
    selected,
    blindSpans: () => spans,
    see(next) {
      if (next === blind) return
      const now = serverNow()
      const ended = spans.map((span) => (span.to === Infinity ? { ...span, to: now } : span))
      // After a break of the connection everything is read anew.
      spans = ended.filter(({ because }) => because === 'noRunner')
      if (next !== undefined) spans = [...spans, { from: now - 1, to: Infinity, because: next }]
      blind = next
      board.refresh()
    },
  }
}

/** How far this computer's clock is ahead of the server's, as the newest figures tell. */
let skew = 0

/** Epoch seconds by the server's clock. */
export const serverNow = (): number => Date.now() / 1000 - skew

export function learnSkew(newest: number): void {
  // A second is told one to two seconds after it began.
  const ahead = Date.now() / 1000 - newest - 1.5
  skew = Math.abs(ahead) > 3 ? ahead : 0
}

/** The last row of which everything was counted: runners report once a second. */
export const newestComplete = (step: number): number => {
  const now = Math.floor(serverNow()) - 1
  return now - (now % step) - step
}
