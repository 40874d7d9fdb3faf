import fc from 'fast-check'
import type { Clause, Comparator, Field, Filter, Noun, Operand } from './filter.ts'
import type { FilterKind, NounTerms, Terms } from './kinds.ts'

/** The filter as a text that says the same. */
export function printFilter(kind: FilterKind, filter: Filter): string {
  switch (filter.is) {
    case 'clause':
      return printClause(kind, filter)
    case 'not':
      return `NOT ${inner(kind, filter.part)}`
    case 'and':
    case 'or':
      return filter.parts.map((part) => inner(kind, part)).join(filter.is === 'and' ? ' AND ' : ' or ')
  }
}

const inner = (kind: FilterKind, filter: Filter) =>
  filter.is === 'and' || filter.is === 'or' ? `(${printFilter(kind, filter)})` : printFilter(kind, filter)

function printClause(kind: FilterKind, { field, comparator, operands }: Clause): string {
  const values = operands.map((one) => (typeof one === 'number' ? String(one) : `'${one.replaceAll("'", "''")}'`))
  const list =
    comparator === 'in' || comparator === 'not in' ? ` (${values.join(', ')})` : values.map((one) => ` ${one}`)[0]
  return `${printField(kind, field)} ${comparator.toUpperCase()}${list ?? ''}`
}

export const printField = (kind: FilterKind, { of, key }: Field): string =>
  `${kind[of]?.words[0]}.\`${key.replaceAll('`', '``')}\``

/** Filters of a kind, over these keys where a noun has any, and these values. */
export function anyFilter(
  kind: FilterKind,
  keys: fc.Arbitrary<string>,
  texts: fc.Arbitrary<string>,
  numbers: fc.Arbitrary<number>,
): fc.Arbitrary<Filter> {
  const nouns = (Object.entries(kind) as Array<[Noun, NounTerms]>).flatMap(([of, noun]) => clausesOf(of, noun))
  const clauses = fc.oneof(...nouns)
  return fc.letrec<{ filter: Filter; list: Filter[] }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      clauses,
      fc.record({ is: fc.constant('not' as const), part: tie('filter') }),
      fc.record({ is: fc.constantFrom('and' as const, 'or' as const), parts: tie('list') }),
    ),
    list: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
  })).filter

  function clausesOf(of: Noun, { named = {}, any }: NounTerms): Array<fc.Arbitrary<Clause>> {
    const fixed = Object.entries(named).map(([key, terms]) => clausesOver({ of, key }, terms))
    if (any === undefined) return fixed
    const keyed = keys.chain((key) => clausesOver({ of, key: `${any.beginning ?? ''}${key}` }, any))
    return [...fixed, keyed, keyed]
  }

  function clausesOver(field: Field, { type, comparators }: Terms): fc.Arbitrary<Clause> {
    if (comparators.length === 0)
      return fc.record({
        is: fc.constant('clause' as const),
        field: fc.constant({ of: 'tag' as const, key: 'k' }),
        comparator: fc.constant('is null' as const),
        operands: fc.constant([]),
      })
    return fc.constantFrom(...comparators).chain((comparator) => {
      const operands = operandsOf(type, comparator)
      return operands.map((values): Clause => ({ is: 'clause', field, comparator, operands: values }))
    })
  }

  function operandsOf(type: Terms['type'], comparator: Comparator): fc.Arbitrary<Operand[]> {
    const ordered = ['<', '<=', '>', '>='].includes(comparator)
    const one: fc.Arbitrary<Operand> = type === 'number' || (type === 'either' && ordered) ? numbers : texts
    if (comparator === 'is null' || comparator === 'is not null') return fc.constant([])
    const most = comparator === 'in' || comparator === 'not in' ? 3 : 1
    return fc.array(one, { minLength: 1, maxLength: most })
  }
}
