export interface KeyedRow {
  readonly key: string
  /** Exactly what was logged. */
  readonly text: string
  readonly step?: number
}

const natural = new Intl.Collator('en', { numeric: true })

/** Texts that are numbers by their size, the others as people count. */
export function inOrder(
  rows: readonly KeyedRow[],
  { by, down }: { readonly by: string; readonly down: boolean },
): KeyedRow[] {
  const sign = down ? -1 : 1
  return rows.toSorted((a, b) => sign * compared(a, b, by) || natural.compare(a.key, b.key))
}

function compared(a: KeyedRow, b: KeyedRow, by: string): number {
  if (by === 'key') return natural.compare(a.key, b.key)
  if (by === 'step') return (a.step ?? 0) - (b.step ?? 0)
  const [one, other] = [numberOf(a.text), numberOf(b.text)]
  // Numbers come before words, and what is no number before neither.
  if (one === undefined && other === undefined) return natural.compare(a.text, b.text)
  if (one === undefined || other === undefined) return one === undefined ? 1 : -1
  if (Number.isNaN(one) || Number.isNaN(other)) return Number(Number.isNaN(one)) - Number(Number.isNaN(other))
  return one === other ? 0 : one - other
}

function numberOf(text: string): number | undefined {
  if (text === 'NaN') return NaN
  return text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text)
}

/** As spreadsheets take it: tabs between, one row a line. */
export const tableText = (rows: readonly KeyedRow[]): string =>
  rows.map(({ key, text }) => `${flat(key)}\t${flat(text)}`).join('\n')

const flat = (text: string) => text.replaceAll(/[\t\r\n]+/g, ' ')
