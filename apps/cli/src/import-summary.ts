/** What an import took, and what it could not take and why. */
export interface ImportSummary {
  readonly taken: Record<Noun, number>
  /** Was there from an earlier import. */
  readonly known: Record<Noun, number>
  readonly left: { readonly what: Noun; readonly name: string; readonly because: string }[]
}

export const NOUNS = [
  'experiment',
  'run',
  'metric',
  'file',
  'logged model',
  'trace',
  'evaluation set',
  'model',
  'version',
  'alias',
  'webhook',
] as const
export type Noun = (typeof NOUNS)[number]

const zeros = () => Object.fromEntries(NOUNS.map((noun) => [noun, 0])) as Record<Noun, number>

export const emptySummary = (): ImportSummary => ({ taken: zeros(), known: zeros(), left: [] })

export const PLURALS: Readonly<Record<Noun, string>> = {
  experiment: 'experiments',
  run: 'runs',
  metric: 'metric values',
  file: 'files',
  'logged model': 'logged models',
  trace: 'traces',
  'evaluation set': 'evaluation sets',
  model: 'models',
  version: 'versions',
  alias: 'aliases',
  webhook: 'webhooks',
}
