/** What the address says of a runs table. A kept view is a document of the same texts; what the address says itself
 *  counts before what its view says, also where it says "none". */
export interface Look {
  readonly filter: string
  readonly group: readonly string[]
  /** As `expandColumns` reads them; undefined where nobody has chosen. */
  readonly cols: readonly string[] | undefined
  readonly sort: readonly SortBy[]
  readonly state: Lifecycle
  /** Runs that are parts of others stand below them. */
  readonly nest: boolean
  readonly bars: boolean
  readonly diff: boolean
}

export interface SortBy {
  readonly by: string
  readonly down: boolean
}

export type Lifecycle = 'active' | 'deleted' | 'all'

const KEPT = ['filter', 'group', 'cols', 'sort', 'state', 'nest', 'bars', 'diff'] as const
type Kept = (typeof KEPT)[number]
export type LookTexts = { readonly [K in Kept]?: string | undefined }

export function lookOf(address: LookTexts, view: Readonly<Record<string, unknown>> = {}): Look {
  const text = (name: Kept): string => {
    const own = address[name]
    const kept = view[name]
    return own ?? (typeof kept === 'string' ? kept : '')
  }
  const state = text('state')
  const cols = listIn(text('cols'))
  return {
    filter: text('filter'),
    group: listIn(text('group')),
    cols: cols.length === 0 ? undefined : cols,
    sort: listIn(text('sort')).map((one) => ({ by: one.replace(/^-/, ''), down: one.startsWith('-') })),
    state: state === 'deleted' || state === 'all' ? state : 'active',
    nest: text('nest') !== 'off',
    bars: text('bars') === 'on',
    diff: text('diff') === 'on',
  }
}

/** A part of a look, as the address writes it. */
export function textsOf(part: Partial<Look>): LookTexts {
  const texts: { [K in Kept]?: string } = {}
  if (part.filter !== undefined) texts.filter = part.filter
  if (part.group !== undefined) texts.group = listOf(part.group)
  if ('cols' in part) texts.cols = listOf(part.cols ?? [])
  if (part.sort !== undefined) texts.sort = listOf(part.sort.map(({ by, down }) => `${down ? '-' : ''}${by}`))
  if (part.state !== undefined) texts.state = part.state
  if (part.nest !== undefined) texts.nest = part.nest ? 'on' : 'off'
  if (part.bars !== undefined) texts.bars = part.bars ? 'on' : 'off'
  if (part.diff !== undefined) texts.diff = part.diff ? 'on' : 'off'
  return texts
}

const PLAIN: LookTexts = textsOf(lookOf({}))

/** The whole look as a document to keep: only what differs from how a table looks by itself. */
export function documentOf(look: Look): Record<string, string> {
  const texts = textsOf(look)
  return Object.fromEntries(KEPT.flatMap((name) => (texts[name] === PLAIN[name] ? [] : [[name, texts[name] ?? '']])))
}

/** The address with a part of the look changed: what a view says anyway, or a table by itself, is not written. */
export function addressWith(
  address: LookTexts,
  view: Readonly<Record<string, unknown>> | undefined,
  part: Partial<Look>,
): LookTexts {
  const next = { ...address, ...textsOf(part) }
  const given = view === undefined ? {} : documentOf(lookOf({}, view))
  return Object.fromEntries(
    KEPT.map((name) => [name, next[name] === (given[name] ?? PLAIN[name]) ? undefined : next[name]]),
  ) as LookTexts
}

/** Whether the address says something else than its view does. */
export const isChanged = (address: LookTexts): boolean => KEPT.some((name) => address[name] !== undefined)

/** The address without a look of its own. */
export const noLook = (): { [K in Kept]: undefined } =>
  Object.fromEntries(KEPT.map((name) => [name, undefined])) as { [K in Kept]: undefined }

/** Sorting by a heading: another heading in place of all, or besides; the same once more turns around. */
export function sortedBy(sort: readonly SortBy[], by: string, isMore: boolean, downFirst: boolean): SortBy[] {
  const before = sort.find((one) => one.by === by)
  const next = { by, down: before === undefined ? downFirst : !before.down }
  if (!isMore) return [next]
  return before === undefined ? [...sort, next] : sort.map((one) => (one.by === by ? next : one))
}

function listOf(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',')
}

function listIn(text: string): string[] {
  const parts = text.split(',').filter((part) => part !== '')
  return parts.map((part) => part.replaceAll(/%2C/gi, ',').replaceAll('%25', '%'))
}
