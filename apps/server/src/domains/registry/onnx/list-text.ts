/** A list as text: `[1, 2]`, or `[1, 2, … 400 values]` where it is long. Holds what is shown and no more. */
export interface ListText {
  add(text: string): void
  /** Counts elements that are not read. */
  skip(count: number): void
  /** Nothing that comes will be shown. */
  readonly isFull: boolean
  toString(): string
}

const LONGEST = 200
// What is shown leaves room for the brackets and the number of those that are not.
const SHOWN = LONGEST - 32

export function createListText(): ListText {
  let shown = ''
  let count = 0
  let isFull = false
  return {
    add(text) {
      count += 1
      if (isFull) return
      const more = count === 1 ? text : `${shown}, ${text}`
      if (more.length > SHOWN) isFull = true
      else shown = more
    },
    skip(left) {
      count += left
      isFull ||= left > 0
    },
    get isFull() {
      return isFull
    },
    toString() {
      if (!isFull) return `[${shown}]`
      return shown === '' ? `[… ${count} values]` : `[${shown}, … ${count} values]`
    },
  }
}

/** A text of at most 200 characters; what is longer ends in "…". */
export function cut(text: string, most = LONGEST): string {
  return text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`
}

/** The shortest decimal that is this 32-bit float. */
export function floatText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return String(short)
  }
  return String(value)
}
