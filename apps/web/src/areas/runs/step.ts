/** A step as somebody writes it; undefined where nothing is written. */
export function stepIn(text: string): number | 'wrong' | undefined {
  const written = text.trim()
  if (written === '') return undefined
  const step = Number(written)
  return Number.isSafeInteger(step) ? step : 'wrong'
}
