/** Cells of a row beyond this are counted and forgotten, so that one endless line is no endless row. */
export const MOST_CELLS = 5000
const LONGEST_CELL = 20_000

/** Reads separated values slice by slice (RFC 4180, and what is found in the wild: any end of line, quotes within a
 *  cell that does not begin with one). */
export interface CsvReader {
  /** The rows that are whole by now. */
  push(text: string): string[][]
  /** The last row, where no end of line came after it. */
  end(): string[][]
}

export function createCsvReader(delimiter: string): CsvReader {
  let row: string[] = []
  let cell = ''
  let place: 'start' | 'plain' | 'quoted' | 'closing' = 'start'
  let afterReturn = false
  const add = (text: string) => {
    if (cell.length < LONGEST_CELL) cell += text.slice(0, LONGEST_CELL - cell.length)
  }
  const endCell = () => {
    if (row.length < MOST_CELLS) row.push(cell)
    cell = ''
    place = 'start'
  }
  const endRow = (rows: string[][]) => {
    // A line with nothing on it is no row.
    if (row.length > 0 || cell !== '' || place !== 'start') {
      endCell()
      rows.push(row)
    }
    row = []
  }
  /** Where the quoted text that begins at `at` ends, with what is in it added. */
  const quoted = (text: string, at: number): number => {
    const quote = text.indexOf('"', at)
    add(text.slice(at, quote < 0 ? text.length : quote))
    if (quote < 0) return text.length
    place = 'closing'
    return quote + 1
  }
  const plain = (text: string, at: number, rows: string[][]): number => {
    let end = at
    while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end++
    add(text.slice(at, end))
    if (end > at) place = 'plain'
    if (end === text.length) return end
    if (text[end] === delimiter) {
      endCell()
      // A delimiter promises another cell, even an empty one at the end of the text.
      place = 'plain'
    } else endRow(rows)
    afterReturn = text[end] === '\r'
    return end + 1
  }
  const push = (text: string): string[][] => {
    const rows: string[][] = []
    for (let at = 0; at < text.length;) {
      const char = text[at]
      if (afterReturn && char === '\n' && place === 'start') at++
      else if (place === 'quoted') at = quoted(text, at)
      else if (char === '"' && place === 'closing') {
        add('"')
        place = 'quoted'
        at++
      } else if (char === '"' && cell === '' && place !== 'closing') {
        place = 'quoted'
        at++
      } else at = plain(text, at, rows)
      if (place !== 'start') afterReturn = false
    }
    return rows
  }
  const end = () => {
    const rows: string[][] = []
    endRow(rows)
    return rows
  }
  return { push, end }
}

/** What separates the cells: the candidate that the first lines have the same number of, and the most. */
export function delimiterOf(path: string, head: string): string {
  if (/\.tsv$/i.test(path)) return '\t'
  const lines = head
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .slice(0, 10)
  const scored = [',', ';', '\t', '|'].map((delimiter) => {
    const counts = lines.map((line) => line.replaceAll(/"[^"]*"/g, '').split(delimiter).length - 1)
    const first = counts[0] ?? 0
    return { delimiter, score: counts.filter((count) => count === first).length * (first > 0 ? 1 : 0) * 100 + first }
  })
  return scored.reduce((best, one) => (one.score > best.score ? one : best)).delimiter
}

const NUMBER = /^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$/i
export const isNumeric = (cell: string): boolean =>
  NUMBER.test(cell.trim()) || /^(nan|-?inf(inity)?)$/i.test(cell.trim())

/** Whether the first row names the columns: every cell a word of its own, unlike what stands below. */
export function hasHeading(rows: readonly (readonly string[])[]): boolean {
  const [first, ...rest] = rows
  if (!first || rest.length === 0) return false
  // pandas leaves the name of the index empty.
  const names = first[0]?.trim() === '' ? first.slice(1) : first
  if (names.length === 0 || names.some((name) => name.trim() === '' || isNumeric(name))) return false
  return new Set(names).size === names.length
}

/** Columns of figures: nearly every cell that is filled is a number. */
export function figureColumns(rows: readonly (readonly string[])[], columns: number): boolean[] {
  return Array.from({ length: columns }, (_, column) => {
    const filled = rows.map((row) => row[column] ?? '').filter((cell) => cell.trim() !== '')
    return filled.length > 0 && filled.filter(isNumeric).length >= filled.length * 0.95
  })
}
