import { useRef, useState } from 'react'
import type { KeyboardEvent, PointerEvent } from 'react'
import { nextAlong, snapped } from './line-scene.ts'
import type { LineScene, Range } from './line-scene.ts'
import { PLANE_RIGHT } from './plane.ts'

export interface LineCrosshair {
  readonly x: number
  /** Where the pointer is, in pixels of the plot; undefined when it was moved by keyboard. */
  readonly y?: number
}

/** Pixels a pointer may tremble before it drags. */
const TREMBLE = 4

interface LinePointing {
  readonly scene: LineScene
  /** Room for the labels of y. */
  readonly left: number
  readonly width: number
  readonly onRange: (range: Range | undefined) => void
  /** A click that was no drag. */
  readonly onPick: (() => void) | undefined
}

/** The crosshair and the stretch that is being selected: pointer and keyboard can do the same. Enter begins a
 *  selection at the crosshair and ends it there; Escape leaves, and then shows everything again. */
export function useLinePointing({ scene, left, width, onRange, onPick }: LinePointing) {
  const [crosshair, setCrosshair] = useState<LineCrosshair>()
  const [selection, setSelection] = useState<Range>()
  const drag = useRef<{ pixel: number; x: number; moved: boolean }>(undefined)
  const anchor = useRef<number>(undefined)
  const { min, max } = scene.x
  const perPixel = (max - min) / Math.max(width - left - PLANE_RIGHT, 1)

  const within = (x: number) => Math.min(Math.max(x, min), max)
  const xUnder = (event: PointerEvent<HTMLElement>): number => {
    const pixel = event.clientX - event.currentTarget.getBoundingClientRect().left - left
    return within(min + pixel * perPixel)
  }
  const between = (one: number, other: number): Range => ({ from: Math.min(one, other), to: Math.max(one, other) })
  const take = (range: Range) => {
    setSelection(undefined)
    anchor.current = undefined
    if (range.to - range.from > 2 * perPixel) onRange(range)
  }
  const leave = () => {
    drag.current = anchor.current = undefined
    setCrosshair(undefined)
    setSelection(undefined)
  }
  const moveTo = (x: number) => {
    setCrosshair({ x })
    if (anchor.current !== undefined) setSelection(between(anchor.current, x))
  }

  const handlers = {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0 || event.pointerType === 'touch') return
      drag.current = { pixel: event.clientX, x: xUnder(event), moved: false }
      event.currentTarget.setPointerCapture(event.pointerId)
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      const x = xUnder(event)
      setCrosshair({ x: within(snapped(scene, x)), y: event.clientY - event.currentTarget.getBoundingClientRect().top })
      const held = drag.current
      if (!held) return
      held.moved ||= Math.abs(event.clientX - held.pixel) > TREMBLE
      if (held.moved) setSelection(between(held.x, x))
    },
    onPointerUp(event: PointerEvent<HTMLElement>) {
      const held = drag.current
      drag.current = undefined
      if (held?.moved) take(between(held.x, xUnder(event)))
      else if (held) onPick?.()
    },
    onPointerCancel: leave,
    onPointerLeave: () => !drag.current && leave(),
    onDoubleClick: () => onRange(undefined),
    onBlur: leave,
    onKeyDown(event: KeyboardEvent<HTMLElement>) {
      // At least a pixel on, or many points of many lines would be many keys.
      const stride = perPixel * (event.shiftKey ? 20 : 1)
      const x = crosshair?.x ?? max
      if (event.key === 'ArrowLeft') moveTo(nextAlong(scene, x, -stride))
      else if (event.key === 'ArrowRight') moveTo(nextAlong(scene, crosshair?.x ?? min - stride, stride))
      else if (event.key === 'Home') moveTo(min)
      else if (event.key === 'End') moveTo(max)
      else if (event.key === 'Escape') {
        if (crosshair) leave()
        else onRange(undefined)
      } else if (event.key === 'Enter' && crosshair) {
        if (anchor.current === undefined) {
          anchor.current = crosshair.x
          setSelection({ from: crosshair.x, to: crosshair.x })
        } else take(between(anchor.current, crosshair.x))
      } else return
      event.preventDefault()
    },
  }
  return { crosshair, selection, handlers }
}
