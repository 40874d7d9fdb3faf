import type { Trace } from '@stead/contracts'

/** What clients keep of a trace under names of MLflow's. */
const NAME = 'mlflow.traceName'
const TOKENS = 'mlflow.trace.tokenUsage'
const SESSION = 'mlflow.trace.session'
const USER = 'mlflow.trace.user'
const MODEL = 'mlflow.modelId'

export const nameOf = ({ id, tags }: Pick<Trace, 'id' | 'tags'>): string => tags[NAME] || id
export const sessionOf = ({ metadata }: Pick<Trace, 'metadata'>): string | undefined => metadata[SESSION]
export const userOf = ({ metadata }: Pick<Trace, 'metadata'>): string | undefined => metadata[USER]
export const modelOf = ({ metadata }: Pick<Trace, 'metadata'>): string | undefined => metadata[MODEL]

/** All that models read and wrote; undefined where nobody counted. */
export function tokensOf({ metadata }: Pick<Trace, 'metadata'>): number | undefined {
  const usage = countsIn(metadata[TOKENS])
  if (usage.total_tokens !== undefined) return usage.total_tokens
  const { input_tokens: read, output_tokens: written } = usage
  return read === undefined && written === undefined ? undefined : (read ?? 0) + (written ?? 0)
}

function countsIn(text: string | undefined): Readonly<Record<string, number | undefined>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    if (typeof value !== 'object' || value === null) return {}
    const counts = Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    return Object.fromEntries(counts)
  } catch {
    return {}
  }
}
