import type { Comparator, Noun } from './filter.ts'

/** What may be said about a field. */
export interface Terms {
  readonly type: 'text' | 'number' | 'either'
  /** None: it is there to sort by. */
  readonly comparators: readonly Comparator[]
  readonly sorts: boolean
}

/** What a noun is called in filters, and which keys it has. */
export interface NounTerms {
  readonly words: readonly string[]
  /** In messages. */
  readonly says: string
  readonly named?: Readonly<Record<string, Terms>>
  /** Every other key, or every one that begins so. */
  readonly any?: Terms & { readonly beginning?: string }
  /** Other names of named keys, in lower case with `_` for spaces. */
  readonly aliases?: Readonly<Record<string, string>>
}

export type FilterKind = Readonly<Partial<Record<Noun, NounTerms>>>

const TEXT: readonly Comparator[] = ['=', '!=', 'like', 'ilike', 'in', 'not in']
const NUMBER: readonly Comparator[] = ['=', '!=', '<', '<=', '>', '>=', 'in', 'not in']
const PRESENCE: readonly Comparator[] = ['is null', 'is not null']

const text: Terms = { type: 'text', comparators: TEXT, sorts: true }
const number: Terms = { type: 'number', comparators: NUMBER, sorts: true }
const keyedText: Terms = { type: 'text', comparators: [...TEXT, ...PRESENCE], sorts: true }
const keyedNumber: Terms = { type: 'number', comparators: [...NUMBER, ...PRESENCE], sorts: true }
const onlyToSortBy: Terms = { type: 'number', comparators: [], sorts: true }
const onlyToFind = (terms: Terms): Terms => ({ ...terms, sorts: false })

const ATTRIBUTE = { words: ['attribute', 'attributes', 'attr'], says: 'attribute' }
const METRICS: NounTerms = { words: ['metric', 'metrics'], says: 'metric', any: keyedNumber }
const PARAMS: NounTerms = {
  words: ['parameter', 'parameters', 'param', 'params'],
  says: 'parameter',
  any: keyedText,
}
const TAGS: NounTerms = { words: ['tag', 'tags'], says: 'tag', any: keyedText }
const TAGS_TO_FIND: NounTerms = { ...TAGS, any: onlyToFind(keyedText) }

export const RUNS = {
  attribute: {
    ...ATTRIBUTE,
    words: [...ATTRIBUTE.words, 'run'],
    named: {
      run_id: text,
      run_name: text,
      status: text,
      user_id: text,
      artifact_uri: text,
      start_time: number,
      end_time: keyedNumber,
    },
    aliases: { created: 'start_time' },
  },
  metric: METRICS,
  param: PARAMS,
  tag: TAGS,
  dataset: {
    words: ['dataset', 'datasets'],
    says: 'dataset',
    named: { name: onlyToFind(text), digest: onlyToFind(text), context: onlyToFind(text) },
  },
} as const satisfies FilterKind

export const EXPERIMENTS = {
  attribute: {
    ...ATTRIBUTE,
    named: { name: text, creation_time: number, last_update_time: number, experiment_id: onlyToSortBy },
  },
  tag: TAGS_TO_FIND,
} as const satisfies FilterKind

export const REGISTERED_MODELS = {
  attribute: {
    ...ATTRIBUTE,
    named: { name: text, last_updated_timestamp: onlyToSortBy },
    aliases: { timestamp: 'last_updated_timestamp' },
  },
  tag: TAGS_TO_FIND,
} as const satisfies FilterKind

export const MODEL_VERSIONS = {
  attribute: {
    ...ATTRIBUTE,
    named: {
      name: text,
      run_id: onlyToFind(text),
      source_path: onlyToFind(text),
      version_number: number,
      creation_timestamp: onlyToSortBy,
      last_updated_timestamp: onlyToSortBy,
    },
  },
  tag: TAGS_TO_FIND,
} as const satisfies FilterKind

export const LOGGED_MODELS = {
  attribute: {
    ...ATTRIBUTE,
    named: {
      name: text,
      model_id: text,
      model_type: text,
      status: text,
      source_run_id: keyedText,
      creation_timestamp: number,
      last_updated_timestamp: number,
    },
    aliases: {
      creation_timestamp_ms: 'creation_timestamp',
      creation_time: 'creation_timestamp',
      last_updated_timestamp_ms: 'last_updated_timestamp',
    },
  },
  metric: METRICS,
  param: { ...PARAMS, any: onlyToFind(keyedText) },
  tag: TAGS_TO_FIND,
} as const satisfies FilterKind

const withPattern = (terms: Terms): Terms => onlyToFind({ ...terms, comparators: [...terms.comparators, 'rlike'] })
const traceText = withPattern(keyedText)
const judged: Terms = {
  type: 'either',
  comparators: [...new Set<Comparator>([...NUMBER, ...TEXT, 'rlike', ...PRESENCE])],
  sorts: false,
}

export const TRACES = {
  attribute: {
    words: [...ATTRIBUTE.words, 'trace'],
    says: 'attribute',
    named: {
      timestamp_ms: number,
      execution_time_ms: keyedNumber,
      end_time_ms: onlyToFind(keyedNumber),
      status: { ...traceText, sorts: true },
      request_id: { ...traceText, sorts: true },
      client_request_id: traceText,
      name: { ...traceText, sorts: true },
      run_id: traceText,
      prompt: traceText,
      text: traceText,
    },
    aliases: {
      timestamp: 'timestamp_ms',
      execution_time: 'execution_time_ms',
      end_time: 'end_time_ms',
      state: 'status',
      trace_id: 'request_id',
    },
  },
  tag: { ...TAGS, any: traceText },
  metadata: { words: ['metadata', 'request_metadata'], says: 'metadata', any: traceText },
  span: {
    words: ['span', 'spans'],
    says: 'span',
    named: { name: traceText, type: traceText, status: traceText, content: traceText },
    any: { ...traceText, beginning: 'attributes.' },
  },
  feedback: { words: ['feedback'], says: 'feedback', any: judged },
  expectation: { words: ['expectation'], says: 'expectation', any: judged },
  issue: { words: ['issue'], says: 'issue', named: { id: traceText } },
} as const satisfies FilterKind
