import type { Limits } from '@stead/contracts'
import type { Options, OptionSpecs } from './command.ts'
import { UsageError } from './failures.ts'

const TAKES = 'N|none'

export const LIMIT_OPTIONS = {
  rate: { takes: TAKES, says: 'Requests a second that each runner takes in the long run.' },
  burst: { takes: TAKES, says: 'Requests that may come at once; a second of the rate otherwise.' },
  'per-day': { takes: TAKES, says: 'Requests of a UTC day, over all runners.' },
  'per-month': { takes: TAKES, says: 'Requests of a UTC month, over all runners.' },
} as const satisfies OptionSpecs

/** Only what was given; `none` lifts a limit. */
export function limitsFrom(options: Options<typeof LIMIT_OPTIONS>): Partial<Limits> {
  const given = {
    rate: limitOf('rate', options.rate),
    burst: limitOf('burst', options.burst),
    perDay: limitOf('per-day', options['per-day']),
    perMonth: limitOf('per-month', options['per-month']),
  }
  return Object.fromEntries(Object.entries(given).filter(([, limit]) => limit !== undefined))
}

function limitOf(flag: string, text: string | undefined): number | null | undefined {
  if (text === undefined || text === 'none') return text === undefined ? undefined : null
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text)
  throw new UsageError(`--${flag} is "${text}"; expected a number above 0, or "none"`)
}

/** `40/s, 10 at once, 1000 a day`. */
export function limitsText({ rate, burst, perDay, perMonth }: Limits): string {
  const parts = [
    rate === null ? undefined : `${rate}/s`,
    burst === null ? undefined : `${burst} at once`,
    perDay === null ? undefined : `${perDay} a day`,
    perMonth === null ? undefined : `${perMonth} a month`,
  ]
  return parts.filter((part) => part !== undefined).join(', ') || 'none'
}
