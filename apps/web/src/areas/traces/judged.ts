import type { Assessment } from '@stead/contracts'
import { traces as words } from '../../strings/traces.ts'

/** What was said, in a line; where there is no value, why. */
export function valueText({ value, error }: Pick<Assessment, 'value' | 'error'>): string {
  if (error !== null) return error.message ?? error.code ?? words.failed
  if (value === null) return words.none
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A value as a person types it: JSON where it is some, else a text. */
export function valueIn(text: string): Assessment['value'] {
  try {
    return JSON.parse(text) as Assessment['value']
  } catch {
    return text
  }
}

/** All that a cell or a page shows of a value; texts as they are. */
export const shownText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
