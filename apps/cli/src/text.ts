import type { Screen } from './terminal.ts'

/** Text from elsewhere without control characters, which could move the cursor or hide what was printed. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => (character === '\n' || character === '\t' ? ' ' : '\ufffd'))
}

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const
export type Paint = Readonly<Record<keyof typeof CODES, (text: string) => string>>

/** Colours on a terminal only, and never against NO_COLOR (no-color.org: any value that is not empty). */
export function paintFor(screen: Pick<Screen, 'isTTY'>, env: Readonly<Record<string, string | undefined>>): Paint {
  const coloured = screen.isTTY && !env.NO_COLOR && env.TERM !== 'dumb'
  const entries = Object.entries(CODES).map(([name, [on, off]]) => {
    return [name, (text: string) => (coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text)]
  })
  return Object.fromEntries(entries) as Paint
}

/** Aligned columns, two spaces apart, without trailing spaces; the first row is the head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], paint?: Paint): string[] {
  const cells = [head, ...rows].map((row) => row.map(plain))
  const widths = head.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))))
  return cells.map((row, index) => {
    const line = row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd()
    return index === 0 && paint ? paint.dim(line) : line
  })
}

const widthOf = (text: string) => Array.from(text).length

/** `0.4 ms`, `87 ms`, `3.2 s`, `2 min 5 s`, `1 h 12 min`. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 1440
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`
}

/** How long ago an instant was, roughly. */
export function age(instant: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1000))
  if (!Number.isFinite(seconds)) return instant
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86_400)} d ago`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** `470 B`, `63.7 KiB`, `1.2 GiB`. */
export function size(bytes: number): string {
  let power = 0
  while (power < UNITS.length - 1 && bytes / 1024 ** power >= 999.95) power += 1
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${UNITS[power]}`
}
