import type { Comparator } from '../filters/filter.ts'
import type { FilterKind, Terms } from '../filters/kinds.ts'

const TEXT: readonly Comparator[] = ['=', '!=', 'like', 'ilike', 'in', 'not in']
const text: Terms = { type: 'text', comparators: TEXT, sorts: false }
const moment: Terms = { type: 'number', comparators: ['=', '!=', '<', '<=', '>', '>='], sorts: true }

/** What searches for evaluation sets may ask. */
export const EVALUATION_SETS = {
  attribute: {
    words: ['attribute', 'attributes', 'attr', 'dataset'],
    says: 'attribute',
    named: {
      name: { ...text, sorts: true },
      created_time: moment,
      last_update_time: moment,
      created_by: text,
      last_updated_by: text,
    },
  },
  tag: {
    words: ['tag', 'tags'],
    says: 'tag',
    any: { ...text, comparators: [...TEXT, 'is null', 'is not null'] },
  },
} as const satisfies FilterKind
