import { columnsIn, fieldOf, GROUPS, quoted } from './columns.ts'
import type { KnownKeys } from './columns.ts'
import type { Typing } from './filter-text.ts'

export interface Suggestion {
  /** What is put in place of what is typed. */
  readonly text: string
  readonly note?: { readonly runs: number } | { readonly kind: 'metrics' | 'params' | 'tags' | 'attributes' }
}

const ATTRIBUTES = ['attributes.status', 'attributes.run_name', 'attributes.start_time', 'attributes.end_time']
const MORE_ATTRIBUTES = ['attributes.user_id', 'attributes.run_id', 'dataset.name', 'dataset.digest', 'dataset.context']
const STATES = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'SCHEDULED']
const FOR_NUMBERS = ['>', '>=', '<', '<=', '=', '!=', 'IN', 'IS NULL', 'IS NOT NULL']
const FOR_TEXTS = ['=', '!=', 'LIKE', 'ILIKE', 'IN', 'NOT IN', 'IS NULL', 'IS NOT NULL']
const MOST = 12

/** The column whose values complete what is typed; undefined where no value is expected, or none can be known. */
export function valuesWanted({ expectation }: Typing): string | undefined {
  const { expects, field } = expectation
  if (expects !== 'value' || field === undefined || isNumber(field)) return undefined
  return /^(param|tag)s?\.|^((attr|attribute|attributes|run)\.)?(user_id|run_name)$/.test(field) ? field : undefined
}

/** What could stand where one types, the likeliest first. */
export function suggestionsFor(
  typing: Typing,
  known: KnownKeys,
  values: readonly { readonly value: string; readonly runs: number }[],
): Suggestion[] {
  const { expectation, partial } = typing
  const { expects, field = '' } = expectation
  if (expects === 'field') return matching(fieldsOf(known), partial)
  if (expects === 'operator') return matching(operatorsFor(field, expectation.operator), partial)
  if (expects === 'value') return valuesFor(field, expectation.operator, values, partial)
  const joints = ['AND', 'OR', ...(expects === 'more values' || expectation.depth > 0 ? [')'] : [])]
  return matching(
    (expects === 'more values' ? [',', ')'] : joints).map((text) => ({ text })),
    partial,
  )
}

function fieldsOf(known: KnownKeys): Suggestion[] {
  const runs = new Map<string, number>(
    (['metrics', 'params', 'tags'] as const).flatMap((group) =>
      known[group].map(({ key, runs: count }) => [`${group}.${key}`, count] as const),
    ),
  )
  const keyed = GROUPS.flatMap((group) => columnsIn(group, known)).flatMap((id) => {
    const count = runs.get(id)
    return count === undefined ? [] : [{ text: fieldOf(id), note: { runs: count } }]
  })
  const attributes = [...ATTRIBUTES, ...MORE_ATTRIBUTES].map((text) => ({
    text,
    note: { kind: 'attributes' as const },
  }))
  return [
    ...keyed.filter(({ text }) => !text.startsWith('tags.mlflow.')),
    ...attributes,
    ...keyed.filter(({ text }) => text.startsWith('tags.mlflow.')),
  ]
}

function operatorsFor(field: string, begun: string | undefined): Suggestion[] {
  const all = isNumber(field) ? FOR_NUMBERS : FOR_TEXTS
  const rest =
    begun === undefined
      ? all
      : all.flatMap((one) => (one.toLowerCase().startsWith(`${begun} `) ? [one.slice(begun.length + 1)] : []))
  return rest.map((text) => ({ text }))
}

function valuesFor(
  field: string,
  operator: string | undefined,
  values: readonly { readonly value: string; readonly runs: number }[],
  partial: string,
): Suggestion[] {
  if (isNumber(field)) return []
  if (operator?.endsWith('in') && partial === '' && values.length === 0) return [{ text: '(' }]
  const known = isStatus(field) ? STATES.map((value) => ({ value, runs: undefined })) : values
  const typed = partial.replace(/^['"]/, '').replace(/['"]$/, '').toLowerCase()
  return known
    .filter(({ value }) => value.toLowerCase().includes(typed))
    .slice(0, MOST)
    .map(({ value, runs }) => ({ text: quoted(value), ...(runs === undefined ? {} : { note: { runs } }) }))
}

/** What begins so comes first, then what holds it anywhere. */
function matching(all: readonly Suggestion[], partial: string): Suggestion[] {
  const typed = partial.toLowerCase().replaceAll('`', '')
  const bare = (text: string) => text.toLowerCase().replaceAll('`', '')
  const rank = ({ text }: Suggestion) => {
    const name = bare(text)
    if (name.startsWith(typed)) return 0
    if (name.slice(name.indexOf('.') + 1).startsWith(typed)) return 1
    return name.includes(typed) ? 2 : 3
  }
  return all
    .map((one) => ({ one, at: rank(one) }))
    .filter(({ at, one }) => at < 3 && !(one.text === partial))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, MOST)
    .map(({ one }) => one)
}

const isStatus = (field: string) => /^((attr|attribute|attributes|run)\.)?status$/.test(field)
const isNumber = (field: string) =>
  /^metrics?\./.test(field) || /^([a-z]+\.)?(start_time|end_time|created)$/.test(field)

/** The text with a suggestion taken, and where the caret is then. */
export function withSuggestion(text: string, { from, to }: Typing, taken: string): { text: string; caret: number } {
  const before = text.slice(0, from)
  const gap = before === '' || /[\s(]$/.test(before) || taken === ',' ? '' : ' '
  const put = `${before}${gap}${taken}${taken === '(' ? '' : ' '}`
  const after = text.slice(to).replace(/^\s+/, '')
  return { text: put + after, caret: put.length }
}
