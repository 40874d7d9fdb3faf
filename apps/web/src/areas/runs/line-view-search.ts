import type { LineView, Range } from '../../ui/plot/line-scene.ts'

/** How lines are drawn, as the address has it; what is usual is left out. */
export interface LineSearch {
  readonly along?: string | undefined
  readonly scale?: string | undefined
  readonly smooth?: string | undefined
  readonly range?: string | undefined
}

export function lineViewOf({ along, scale, smooth, range }: LineSearch): LineView {
  const smoothing = Number(smooth ?? 0)
  return {
    along: along === 'time' || along === 'relative' ? along : 'step',
    scale: scale === 'log' ? 'log' : 'linear',
    smoothing: smoothing > 0 && smoothing < 1 ? smoothing : 0,
    range: rangeOf(range),
  }
}

function rangeOf(text: string | undefined): Range | undefined {
  const [from = NaN, to = NaN] = (text ?? '').split('~').map((end) => (end === '' ? NaN : Number(end)))
  return from < to ? { from, to } : undefined
}

export const lineSearchOf = ({ along, scale, smoothing, range }: LineView): LineSearch => ({
  along: along === 'step' ? undefined : along,
  scale: scale === 'linear' ? undefined : scale,
  smooth: smoothing === 0 ? undefined : String(smoothing),
  range: range && `${short(range.from)}~${short(range.to)}`,
})

/** Addresses are read by people. */
const short = (value: number): string => String(Number(value.toPrecision(10)))
