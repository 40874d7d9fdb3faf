import { SteadError } from '@stead/contracts'
import type { KnownKeys } from './columns.ts'
import { readFilter } from './filter-text.ts'

/** What is wrong with a filter, and where in its text. */
export interface Complaint {
  readonly says: string
  readonly at: number
  readonly length: number
  readonly didYouMean?: string
}

/** What the server told of the filter's text; undefined where the failure is about something else. */
export function complaintOf(failure: unknown): Complaint | undefined {
  if (!(failure instanceof SteadError) || failure.code !== 'invalid_request') return undefined
  const { details, message } = failure
  if (typeof details !== 'object' || details === null || !('at' in details)) return undefined
  const { at, length, didYouMean } = details as Readonly<Record<string, unknown>>
  if (typeof at !== 'number') return undefined
  return {
    // Offered beside it, to be taken.
    says: message.replace(/ Did you mean [^?]*\?$/, ''),
    at,
    length: typeof length === 'number' ? length : 1,
    ...(typeof didYouMean === 'string' ? { didYouMean } : {}),
  }
}

/** A name in the filter that no run has: no mistake to the server, but hardly what somebody meant. */
export function unknownKeyIn(text: string, known: KnownKeys): (Omit<Complaint, 'says'> & { name: string }) | undefined {
  for (const { role, raw, at } of readFilter(text).pieces) {
    const [, noun, key] = /^(metric|param|tag)s?\.[`"]?(.+?)[`"]?$/.exec(raw) ?? []
    if (role !== 'field' || noun === undefined || key === undefined) continue
    const keys = known[`${noun as 'metric' | 'param' | 'tag'}s`]
    if (keys.length === 0 || keys.some((one) => one.key === key.replaceAll('``', '`'))) continue
    const near = nearest(
      key,
      keys.map((one) => one.key),
    )
    return { name: key, at, length: raw.length, ...(near === undefined ? {} : { didYouMean: near }) }
  }
  return undefined
}

/** The one that was probably meant: at most a third of its letters differ. */
export function nearest(name: string, all: readonly string[]): string | undefined {
  const lower = name.slice(0, 60).toLowerCase()
  return all
    .slice(0, 2000)
    .map((one) => ({ one, far: distance(lower, one.slice(0, 60).toLowerCase()) }))
    .filter(({ one, far }) => far <= Math.max(1, one.length / 3))
    .toSorted((a, b) => a.far - b.far)[0]?.one
}

/** Levenshtein 1966, one row at a time. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let at = 0; at < from.length; at++) {
    const next = [at + 1]
    for (let other = 1; other <= to.length; other++)
      next.push(Math.min(row[other]! + 1, next[other - 1]! + 1, row[other - 1]! + (from[at] === to[other - 1] ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}
