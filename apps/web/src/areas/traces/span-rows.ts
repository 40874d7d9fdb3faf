import type { Span } from '@stead/contracts'

/** A span as a row of the waterfall: how deep it lies, and where its bar is. */
export interface SpanRow {
  readonly span: Span
  readonly depth: number
  /** All that lie below it, however deep. */
  readonly below: number
  /** Milliseconds from the beginning of the trace. */
  readonly offset: number
  /** Undefined while it is under way. */
  readonly duration: number | undefined
  /** Shares of the whole trace, from 0 to 1. */
  readonly from: number
  readonly share: number
}

/** Spans in the order of their tree, each before those that it called. One whose parent is not there is a root; what
 *  calls itself in a circle begins at the span that began first. */
export function rowsOf(spans: readonly Span[]): SpanRow[] {
  if (spans.length === 0) return []
  const began = spans.reduce((first, { startedNs }) => least(first, BigInt(startedNs)), BigInt(spans[0]!.startedNs))
  const ends = spans.flatMap(({ startedNs, endedNs }) => [
    BigInt(startedNs),
    ...(endedNs === null ? [] : [BigInt(endedNs)]),
  ])
  const whole = Math.max(1, Number(ends.reduce((last, end) => (end > last ? end : last), began) - began))
  const ids = new Set(spans.map(({ id }) => id))
  const byParent = Map.groupBy(spans, ({ id, parent }) =>
    parent !== null && parent !== id && ids.has(parent) ? parent : '',
  )
  const rows: SpanRow[] = []
  const seen = new Set<string>()
  // No recursion: a trace may be as deep as it has spans.
  const walk = (roots: readonly Span[]) => {
    const open: { readonly left: Span[]; readonly at: number }[] = [{ left: inOrder(roots), at: -1 }]
    while (open.length > 0) {
      const { left, at } = open.at(-1)!
      const span = left.pop()
      if (span === undefined) {
        open.pop()
        if (at >= 0) rows[at] = { ...rows[at]!, below: rows.length - at - 1 }
        continue
      }
      if (seen.has(span.id)) continue
      seen.add(span.id)
      rows.push(rowOf(span, open.length - 1, began, whole))
      open.push({ left: inOrder(byParent.get(span.id) ?? []), at: rows.length - 1 })
    }
  }
  walk(byParent.get('') ?? [])
  for (const span of spans) if (!seen.has(span.id)) walk([span])
  return rows
}

function rowOf(span: Span, depth: number, began: bigint, whole: number): SpanRow {
  const offset = Number(BigInt(span.startedNs) - began)
  const took = span.endedNs === null ? undefined : Math.max(0, Number(BigInt(span.endedNs) - BigInt(span.startedNs)))
  return {
    span,
    depth,
    below: 0,
    offset: offset / 1e6,
    duration: took === undefined ? undefined : took / 1e6,
    from: offset / whole,
    share: (took ?? whole - offset) / whole,
  }
}

/** The last is taken first. */
const inOrder = (spans: readonly Span[]): Span[] =>
  spans.toSorted(
    (one, other) => Number(BigInt(other.startedNs) - BigInt(one.startedNs)) || (one.id < other.id ? 1 : -1),
  )

const least = (one: bigint, other: bigint) => (other < one ? other : one)

/** The rows that are in sight while some are folded. */
export function unfolded(rows: readonly SpanRow[], folded: ReadonlySet<string>): SpanRow[] {
  const shown: SpanRow[] = []
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!
    shown.push(row)
    if (folded.has(row.span.id)) at += row.below
  }
  return shown
}

/** The row that one is below; undefined for a root. */
export function parentRow(rows: readonly SpanRow[], at: number): SpanRow | undefined {
  const depth = rows[at]?.depth ?? 0
  return rows.slice(0, at).findLast((row) => row.depth < depth)
}
