import { grouped, LANGUAGE } from '../strings/message.ts'

const precise = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 3, useGrouping: false })

/** Three significant digits, or all of a whole number: 0.31, 6.8, 412, 70 128. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Number.isInteger(value) || Math.abs(value) >= 100) return grouped(Math.round(value))
  return precise.format(value)
}

/** Microseconds as milliseconds without the unit; a dash where nothing was measured. */
export const milliseconds = (micros: number | null | undefined): string =>
  micros === null || micros === undefined ? '–' : figure(micros / 1000)

/** A span with its unit: `0.4 ms`, `1.62 s`, `3 min`, `41 d`. */
export function duration(ms: number): string {
  if (ms < 1) return `${precise.format(Math.round(ms * 10) / 10)} ms`
  if (ms < 1000) return `${figure(Math.round(ms))} ms`
  if (ms < 60_000) return `${precise.format(ms / 1000)} s`
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ${Math.round((ms % 3_600_000) / 60_000)} min`
  return `${Math.floor(ms / 86_400_000)} d ${Math.floor((ms % 86_400_000) / 3_600_000)} h`
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Decimal units, as disks and networks count. */
export function bytes(count: number): string {
  const power = count < 1 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), UNITS.length - 1)
  return `${figure(count / 1000 ** power)} ${UNITS[power]}`
}

export const percent = (share: number): string => `${precise.format(share * 100)} %`
