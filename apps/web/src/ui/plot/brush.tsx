import { useRef } from 'react'
import type { KeyboardEvent, PointerEvent } from 'react'
import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import type { Brush } from './brushes.ts'
import css from './parallel.module.css'
import type { Scale } from './scale.ts'

interface AxisBrushProps {
  readonly axis: string
  readonly scale: Scale
  readonly brush: Brush | undefined
  readonly onBrush: (ends: readonly [number, number] | undefined) => void
}

/** So near an end of a brush, in pixels, the pointer takes that end. */
const GRIP = 7
/** A drag shorter than this is a click, which takes the brush away. */
const TREMBLE = 4

/** The range that is selected on an upright axis: dragged with the pointer, or each end moved by arrow keys. */
export function AxisBrush({ axis, scale, brush, onBrush }: AxisBrushProps) {
  const { min, max } = scale
  const held = useRef<{ y: number; moves: (place: number) => readonly [number, number]; moved: boolean }>(undefined)
  const clamp = (place: number) => Math.min(Math.max(place, min), max)
  const placeUnder = (event: PointerEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect()
    return clamp(max - ((event.clientY - box.top) / box.height) * (max - min))
  }
  const begin = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    const grip = (GRIP / event.currentTarget.clientHeight) * (max - min)
    held.current = { y: event.clientY, moved: false, moves: movesOf(brush, placeUnder(event), grip, { min, max }) }
  }
  const drag = (event: PointerEvent<HTMLElement>) => {
    const now = held.current
    if (!now) return
    now.moved ||= Math.abs(event.clientY - now.y) > TREMBLE
    if (now.moved) onBrush(now.moves(placeUnder(event)))
  }
  const end = () => {
    if (held.current && !held.current.moved) onBrush(undefined)
    held.current = undefined
  }
  const { from, to } = brush ?? { from: min, to: max }
  const percent = (place: number) => `${((place - min) / (max - min)) * 100}%`
  return (
    <div
      className={css.strip}
      onPointerDown={begin}
      onPointerMove={drag}
      onPointerUp={end}
      onPointerCancel={() => (held.current = undefined)}
    >
      {brush && (
        <i className={css.brush} style={{ bottom: percent(from), height: `calc(${percent(to)} - ${percent(from)})` }} />
      )}
      <Thumb
        label={say(words.lowEnd, { axis })}
        scale={scale}
        place={from}
        isSet={brush !== undefined}
        onMove={(place) => onBrush([Math.min(clamp(place), to), to])}
        onClear={() => onBrush(undefined)}
      />
      <Thumb
        label={say(words.highEnd, { axis })}
        scale={scale}
        place={to}
        isSet={brush !== undefined}
        onMove={(place) => onBrush([from, Math.max(clamp(place), from)])}
        onClear={() => onBrush(undefined)}
      />
    </div>
  )
}

/** What a drag from `start` does: moves an end that is near, the whole brush from within it, or draws a new one. */
function movesOf(
  brush: Brush | undefined,
  start: number,
  grip: number,
  { min, max }: { readonly min: number; readonly max: number },
): (place: number) => readonly [number, number] {
  if (!brush) return (place) => [start, place]
  const { from, to } = brush
  if (Math.abs(start - from) <= grip) return (place) => [place, to]
  if (Math.abs(start - to) <= grip) return (place) => [from, place]
  if (start < from || start > to) return (place) => [start, place]
  return (place) => {
    const by = Math.min(Math.max(place - start, min - from), max - to)
    return [from + by, to + by]
  }
}

interface ThumbProps {
  readonly label: string
  readonly scale: Scale
  readonly place: number
  readonly isSet: boolean
  readonly onMove: (place: number) => void
  readonly onClear: () => void
}

/** One end of a brush. */
function Thumb({ label, scale, place, isSet, onMove, onClear }: ThumbProps) {
  const { min, max } = scale
  const onKeyDown = (event: KeyboardEvent) => {
    const small = scale.is === 'category' ? 1 : (max - min) / 50
    const stride = event.shiftKey ? small * 10 : small
    if (event.key === 'ArrowUp' || event.key === 'ArrowRight') onMove(place + stride)
    else if (event.key === 'ArrowDown' || event.key === 'ArrowLeft') onMove(place - stride)
    else if (event.key === 'Home') onMove(min)
    else if (event.key === 'End') onMove(max)
    else if (event.key === 'Escape' || event.key === 'Delete') onClear()
    else return
    event.preventDefault()
  }
  return (
    <i
      className={`${css.thumb} ${isSet ? css.set : ''}`}
      style={{ bottom: `${((place - min) / (max - min)) * 100}%` }}
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={label}
      aria-valuemin={min}
      aria-valuemax={max}
      aria-valuenow={place}
      aria-valuetext={scale.textAt(place)}
      onKeyDown={onKeyDown}
    />
  )
}
