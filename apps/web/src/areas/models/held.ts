import { SteadError } from '@stead/contracts'
import type { ServingSpan } from '@stead/contracts'
import { sentenceOf } from '../../live/failure.ts'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'

/** Why something was not deleted; where deployments hold it, which. */
export function whyHeld(error: unknown, thing: string, spans: readonly ServingSpan[]): string {
  if (!(error instanceof SteadError) || error.code !== 'version_held') return sentenceOf(error)
  const names = [...new Set(spans.filter(({ until }) => until === null).map(({ deployment }) => deployment))]
  if (names.length === 0) return say(words.heldByHistory, { thing, why: sentenceOf(error) })
  return say(words.heldBy, { thing, names: names.join(', '), count: names.length })
}
