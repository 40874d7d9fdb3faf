import type { Span } from '../../ui/chart/board.ts'

export const RANGES = {
  '15m': { seconds: 900, step: 1 },
  '1h': { seconds: 3600, step: 10 },
  '24h': { seconds: 86_400, step: 10 },
  '14d': { seconds: 14 * 86_400, step: 300 },
  '90d': { seconds: 90 * 86_400, step: 300 },
} as const

export type RangeName = keyof typeof RANGES
export type Step = (typeof RANGES)[RangeName]['step']

export const rangeNames = Object.keys(RANGES) as readonly RangeName[]

/** `range` of the address; a quarter of an hour, second by second, where it says nothing. */
export const rangeOf = (text: string | undefined): RangeName => rangeNames.find((name) => name === text) ?? '15m'

/** `at` of the address: a span that was selected, as epoch seconds with a hyphen between. */
export function spanOf(text: string | undefined): Span | undefined {
  const [from, to] =
    /^(\d{9,11})-(\d{9,11})$/
      .exec(text ?? '')
      ?.slice(1)
      .map(Number) ?? []
  return from !== undefined && to !== undefined && from < to ? { from, to } : undefined
}

export const textOf = ({ from, to }: Span): string => `${Math.floor(from)}-${Math.ceil(to)}`

/** The finest step whose figures still reach back to a time. */
export function finestStep(from: number, now: number): Step {
  if (now - from < 890) return 1
  return now - from < 86_300 ? 10 : 300
}
