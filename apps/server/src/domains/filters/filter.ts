/** What a filter says, once its text has been read and every field, comparator and value in it has been found right. */
export type Filter =
  | { readonly is: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly is: 'not'; readonly part: Filter }
  | Clause

/** One comparison. A clause over a key that is not there does not hold, save for `is null`. */
export interface Clause {
  readonly is: 'clause'
  readonly field: Field
  readonly comparator: Comparator
  /** None for `is null`, any number for `in`, otherwise one. */
  readonly operands: readonly Operand[]
}

export type Operand = string | number

/** What is compared or sorted by: `{ of: 'metric', key: 'loss' }`. Attributes have their one canonical name. */
export interface Field {
  readonly of: Noun
  readonly key: string
}

export type Noun =
  | 'attribute'
  | 'metric'
  | 'param'
  | 'tag'
  | 'dataset'
  | 'metadata'
  | 'span'
  | 'feedback'
  | 'expectation'
  | 'issue'

export type Comparator = (typeof COMPARATORS)[number]

export const COMPARATORS = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'like',
  'ilike',
  'rlike',
  'in',
  'not in',
  'is null',
  'is not null',
] as const

export interface Order {
  readonly field: Field
  readonly descending: boolean
}

/** Where in a text something is wrong, for those who underline it: `details` of the error. */
export interface Complaint {
  /** Characters (UTF-16 units) from the beginning. */
  readonly at: number
  readonly length: number
  /** What could stand there instead. */
  readonly expected?: readonly string[]
  readonly didYouMean?: string
}
