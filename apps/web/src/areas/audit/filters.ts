/** What of a log is shown, as it stands in the address: days as they are typed, `2026-03-09`. */
export interface Filters {
  readonly actor?: string | undefined
  readonly act?: string | undefined
  readonly subject?: string | undefined
  readonly outcome?: string | undefined
  readonly from?: string | undefined
  readonly until?: string | undefined
}

export const FILTERS = [
  'actor',
  'act',
  'subject',
  'outcome',
  'from',
  'until',
] as const satisfies readonly (keyof Filters)[]

/** Only the filters of what the address holds. */
export const filtersOf = (search: Readonly<Record<string, unknown>>): Filters =>
  Object.fromEntries(
    FILTERS.flatMap((name) => (typeof search[name] === 'string' && search[name] !== '' ? [[name, search[name]]] : [])),
  )

/** As the server is asked. */
export type AuditAsked = Omit<Filters, 'outcome'> & { readonly outcome?: 'done' | 'denied' }

const DAY_MS = 86_400_000

/** The same for the server, which knows instants: a day begins and ends where the reader is. */
export function queryOf({ actor, act, subject, outcome, from, until }: Filters): AuditAsked {
  const begin = dayBegins(from)
  const end = dayBegins(until)
  return {
    ...(actor ? { actor } : {}),
    ...(act ? { act } : {}),
    ...(subject ? { subject } : {}),
    ...(outcome === 'done' || outcome === 'denied' ? { outcome } : {}),
    ...(begin === undefined ? {} : { from: new Date(begin).toISOString() }),
    // The day that is named belongs to it. A day of summer time may be an hour longer or shorter.
    ...(end === undefined ? {} : { until: new Date(nextDay(end) - 1).toISOString() }),
  }
}

function dayBegins(day: string | undefined): number | undefined {
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00`)
  return Number.isNaN(at) ? undefined : at
}

function nextDay(begin: number): number {
  const next = new Date(begin + DAY_MS * 1.5)
  return new Date(next.getFullYear(), next.getMonth(), next.getDate()).getTime()
}
