const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of '500ms', '30s', '1.5h', '1h30m', or '0'; undefined for anything else, and for a bare number,
 *  whose unit could only be guessed. Exact to a microsecond. */
export function parseDuration(text: string): number | undefined {
  const spelling = text.trim()
  if (spelling === '0') return 0
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(spelling)) return undefined
  let micros = 0
  for (const [, amount, unit] of spelling.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    micros += Math.round(Number(amount) * (UNIT_MS[unit as string] as number) * 1000)
  }
  return Number.isSafeInteger(micros) ? micros / 1000 : undefined
}

/** The shortest spelling that `parseDuration` reads back as the same whole number of milliseconds. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (ms < 1000) return ms === 0 ? '0s' : `${thousandths(ms)}ms`
  let left = ms
  let spelling = ''
  for (const unit of ['d', 'h', 'm'] as const) {
    const amount = Math.floor(left / (UNIT_MS[unit] as number))
    if (amount > 0) spelling += `${amount}${unit}`
    left -= amount * (UNIT_MS[unit] as number)
  }
  return left > 0 ? `${spelling}${thousandths(left / 1000)}s` : spelling
}

function thousandths(amount: number): number {
  return Math.round(amount * 1000) / 1000
}

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
const DECIMAL = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes of '2GiB', '512MB', '1.5 GiB', '512Mi' or '1048576'; undefined for anything else. KiB is 1024, kB is 1000,
 *  in either case of letters; a part of a byte is rounded. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])(i?)b?|b)?$/i.exec(text.trim())
  if (!match) return undefined
  const power = match[2] ? ' kmgtp'.indexOf(match[2].toLowerCase()) : 0
  const bytes = Math.round(Number(match[1]) * (match[3] ? 1024 : 1000) ** power)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** '2GiB', '512MB', '1.18MiB': exact where a unit divides the size, else rounded to two decimals, for people. */
export function formatSize(bytes: number): string {
  if (bytes < 0) return `-${formatSize(-bytes)}`
  const binary = largestUnit(bytes, 1024)
  const inBinary = bytes / 1024 ** binary
  const decimal = largestUnit(bytes, 1000)
  const inDecimal = bytes / 1000 ** decimal
  if (!Number.isInteger(inBinary * 2) && Number.isInteger(inDecimal)) return `${inDecimal}${DECIMAL[decimal]}`
  return `${Math.round(inBinary * 100) / 100}${BINARY[binary]}`
}

function largestUnit(bytes: number, base: number): number {
  let power = 0
  while (power < BINARY.length - 1 && bytes >= base ** (power + 1)) power += 1
  return power
}
