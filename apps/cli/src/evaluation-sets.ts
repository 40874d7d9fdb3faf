import type { EvaluationSet } from '@stead/contracts'
import type { Platform } from './connect.ts'
import { Failure } from './failures.ts'
import { allOf } from './pages.ts'

export const listSets = (
  platform: Platform,
  filter: { experiment?: number; filter?: string },
): Promise<EvaluationSet[]> =>
  allOf(async (after) => {
    const query = { limit: 1000, ...filter, ...after }
    const { evaluationSets, next } = await platform.call(platform.contracts.listEvaluationSets, { query })
    return { items: evaluationSets, next }
  })

const WHOLE_ID = /^d-[0-9a-f]{32}$/

/** An evaluation set by its id or its name. */
export async function findSet(platform: Platform, given: string): Promise<EvaluationSet> {
  if (WHOLE_ID.test(given)) return platform.call(platform.contracts.getEvaluationSet, { params: { set: given } })
  const found = (await listSets(platform, {})).filter(({ name }) => name === given)
  if (found.length === 1) return found[0]!
  if (found.length === 0)
    throw new Failure(`there is no evaluation set "${given}"`, 'See them with: stead evaluation-sets')
  throw new Failure(
    `"${given}" are several evaluation sets: ${found.map(({ id }) => id).join(', ')}`,
    'Give the id of one.',
  )
}
