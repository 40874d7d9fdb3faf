import type { Trace } from '@stead/contracts'

export const nameOfTrace = ({ tags }: Pick<Trace, 'tags'>): string => tags['mlflow.traceName'] ?? '-'

export const stateOf = ({ state }: Pick<Trace, 'state'>): string => (state === 'STATE_UNSPECIFIED' ? '-' : state)

/** All that models read and wrote, where somebody counted. */
export function tokensOf({ metadata }: Pick<Trace, 'metadata'>): string | undefined {
  try {
    const usage: unknown = JSON.parse(metadata['mlflow.trace.tokenUsage'] ?? '{}')
    const total =
      typeof usage === 'object' && usage !== null && 'total_tokens' in usage ? usage.total_tokens : undefined
    return typeof total === 'number' ? String(total) : undefined
  } catch {
    return undefined
  }
}
