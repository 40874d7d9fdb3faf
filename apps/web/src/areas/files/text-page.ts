/** The most that is read, and the most lines that are drawn, at once. */
export const PAGE_BYTES = 1 << 20
export const PAGE_LINES = 20_000

const LF = 0x0a

/** What of the bytes makes a page of text, and how many of them that is. A page ends after a line, or within one that
 *  is longer than all of the bytes; it never ends within a character. */
export function pageOf(bytes: Uint8Array, isLast: boolean, mostLines = PAGE_LINES): { text: string; used: number } {
  let used = isLast ? bytes.length : bytes.lastIndexOf(LF) + 1 || wholeCharacters(bytes)
  for (let at = bytes.indexOf(LF), lines = 1; at >= 0 && at < used; at = bytes.indexOf(LF, at + 1), lines++)
    if (lines === mostLines) used = at + 1
  return { text: new TextDecoder().decode(bytes.subarray(0, used)), used }
}

/** The length of the bytes without a last character that is not whole. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) return bytes.length
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 0
    if (length > 0) return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** The lines of a text; what ends a line is not part of it. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** How many characters of a fixed width the longest line takes, with tabs of four. */
export function widthOf(lines: readonly string[]): number {
  let widest = 0
  for (const line of lines) {
    let width = line.length
    for (let at = 0; at < line.length; at++) {
      const code = line.charCodeAt(at)
      if (code === 9) width += 3
      else if (code > 0x10ff) width += 1
    }
    widest = Math.max(widest, width)
  }
  return widest
}
