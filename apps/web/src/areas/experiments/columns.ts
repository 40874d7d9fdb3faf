import type { RunRow } from '@stead/contracts'

/** Columns of the runs table, named as in filters: `metrics.loss`, `params.lr`, `tags.stage`; and those that every run
 *  has, by their own names: `duration`, `start_time`. */
export type ColumnGroup = 'metrics' | 'params' | 'tags' | 'system'
export type KeyedGroup = Exclude<ColumnGroup, 'system'>

/** Which keys the runs of an experiment have, the most frequent first where they are counted. */
export interface KnownKeys {
  readonly metrics: readonly CountedKey[]
  readonly params: readonly CountedKey[]
  readonly tags: readonly CountedKey[]
  /** Only of the runs that were looked at first: there may be others. */
  readonly isPart?: true
}
export interface CountedKey {
  readonly key: string
  readonly runs: number
}

export interface RunColumn {
  readonly id: string
  readonly group: ColumnGroup
  readonly key: string
}

export const KEYED_GROUPS: readonly KeyedGroup[] = ['metrics', 'params', 'tags']
export const GROUPS: readonly ColumnGroup[] = [...KEYED_GROUPS, 'system']

/** What every run has, and what clients of MLflow tell of each in tags of their own. */
export const SYSTEM_COLUMNS = [
  'start_time',
  'duration',
  'end_time',
  'status',
  'user_id',
  'run_id',
  'tags.mlflow.source.name',
  'tags.mlflow.source.git.commit',
  'tags.mlflow.source.git.branch',
] as const
const SORTED_ATTRIBUTES: ReadonlySet<string> = new Set([
  'run_name',
  'start_time',
  'end_time',
  'status',
  'user_id',
  'run_id',
])

/** The keys of these runs alone. */
export function keysAmong(runs: readonly Pick<RunRow, KeyedGroup>[]): KnownKeys {
  const counted = (group: KeyedGroup): CountedKey[] => {
    const counts = new Map<string, number>()
    for (const run of runs) for (const key of Object.keys(run[group])) counts.set(key, (counts.get(key) ?? 0) + 1)
    return [...counts].map(([key, count]) => ({ key, runs: count })).toSorted((one, other) => other.runs - one.runs)
  }
  return { metrics: counted('metrics'), params: counted('params'), tags: counted('tags'), isPart: true }
}

const natural = new Intl.Collator('en', { numeric: true }).compare
const isInternal = (key: string) => key.startsWith('mlflow.')

export function columnOf(id: string): RunColumn {
  const dot = id.indexOf('.')
  const group = KEYED_GROUPS.find((one) => one === id.slice(0, Math.max(dot, 0)))
  if (group === undefined) return { id, group: 'system', key: id }
  const key = id.slice(dot + 1)
  return { id, group: group === 'tags' && isInternal(key) ? 'system' : group, key }
}

/** Whether an id can be a column at all: addresses are typed by people. */
export const isColumn = (id: string): boolean => isKeyed(id) || (SYSTEM_COLUMNS as readonly string[]).includes(id)

const isKeyed = (id: string) => KEYED_GROUPS.some((group) => id.startsWith(`${group}.`) && id.length > group.length + 1)

/** What the server is asked for to fill the column; undefined where every row has it anyway. */
export const askedFor = (id: string): string | undefined => (isKeyed(id) ? id : undefined)

/** All columns of a group, in the order in which they are listed. */
export function columnsIn(group: ColumnGroup, known: KnownKeys): string[] {
  const inOrder = (of: KeyedGroup) =>
    known[of].map(({ key }) => key).toSorted((a, b) => natural(a, b) || (a < b ? -1 : a > b ? 1 : 0))
  if (group !== 'system')
    return inOrder(group).flatMap((key) => (group === 'tags' && isInternal(key) ? [] : [`${group}.${key}`]))
  const named: readonly string[] = SYSTEM_COLUMNS
  const internal = inOrder('tags').flatMap((key) => (isInternal(key) ? [`tags.${key}`] : []))
  const there = new Set(internal)
  return [...named.filter((id) => !isKeyed(id) || there.has(id)), ...internal.filter((id) => !named.includes(id))]
}

const FEW = 6

/** What is shown before anybody has chosen: the keys that most runs have. */
export function defaultColumns(known: KnownKeys): string[] {
  const most = (group: 'metrics' | 'params') => {
    const listed = columnsIn(group, known).filter((id) => !id.startsWith('metrics.system/'))
    const runs = new Map(known[group].map(({ key, runs: count }) => [`${group}.${key}`, count]))
    const chosen = new Set(listed.toSorted((a, b) => (runs.get(b) ?? 0) - (runs.get(a) ?? 0)).slice(0, FEW))
    return listed.filter((id) => chosen.has(id))
  }
  return [...most('metrics'), ...most('params'), 'duration', 'start_time', 'user_id']
}

const star = (group: KeyedGroup) => `${group}.*`
const starred = (token: string) => KEYED_GROUPS.find((group) => token === star(group))

/** The columns that an address names. `metrics.*` stands for all metrics that are not named beside it; one with a minus
 *  before it is left out. */
export function expandColumns(tokens: readonly string[], known: KnownKeys): string[] {
  const left = new Set(tokens.flatMap((token) => (token.startsWith('-') ? [token.slice(1)] : [])))
  const named = new Set(tokens)
  const all = tokens.flatMap((token) => {
    const group = starred(token)
    if (group !== undefined) return columnsIn(group, known).filter((id) => !named.has(id) && !left.has(id))
    return token.startsWith('-') || !isColumn(token) ? [] : [token]
  })
  return [...new Set(all)]
}

/** A star is shorter from here on. */
const MANY = 12

/** The shortest way to name these columns, such that `expandColumns` gives them in this order. */
export function compressColumns(columns: readonly string[], known: KnownKeys): string[] {
  return KEYED_GROUPS.reduce<readonly string[]>((tokens, group) => withStar(tokens, group, known), columns) as string[]
}

function withStar(tokens: readonly string[], group: KeyedGroup, known: KnownKeys): readonly string[] {
  const all = columnsIn(group, known)
  const place = new Map(all.map((id, at) => [id, at]))
  const { from, to } = longestInOrder(tokens, place)
  const covered = new Set(tokens.slice(from, to))
  if (covered.size < MANY) return tokens
  const shown = new Set(tokens)
  const left = all.filter((id) => !shown.has(id))
  if (left.length >= covered.size - 1) return tokens
  return [...tokens.slice(0, from), star(group), ...tokens.slice(to), ...left.map((id) => `-${id}`)]
}

/** The longest stretch of neighbours that are of the group, in its own order. */
function longestInOrder(tokens: readonly string[], place: ReadonlyMap<string, number>): { from: number; to: number } {
  let best = { from: 0, to: 0 }
  let from = 0
  let last = -1
  for (const [at, token] of tokens.entries()) {
    const here = place.get(token)
    if (here === undefined || here < last) from = here === undefined ? at + 1 : at
    last = here ?? -1
    if (here !== undefined && at + 1 - from > best.to - best.from) best = { from, to: at + 1 }
  }
  return best
}

const WORD = /^[\p{L}\p{N}\p{M}_.\-/:@]+$/u

/** A column as filters and orders name it, with a key of any characters in back ticks. */
export function fieldOf(id: string): string {
  if (!isKeyed(id)) return `attributes.${id}`
  const dot = id.indexOf('.')
  const key = id.slice(dot + 1)
  return WORD.test(key) ? id : `${id.slice(0, dot + 1)}\`${key.replaceAll('`', '``')}\``
}

/** A text as filters write it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

export const sorts = (id: string): boolean => isKeyed(id) || SORTED_ATTRIBUTES.has(id)
