import type { ExperimentSummary, LifecycleView } from '@stead/contracts'
import type { Platform } from './connect.ts'
import { Failure } from './failures.ts'
import { allOf } from './pages.ts'

export interface ExperimentFilter {
  readonly search?: string
  readonly filter?: string
  readonly lifecycle?: LifecycleView
}

export const listAll = (platform: Platform, filter: ExperimentFilter): Promise<ExperimentSummary[]> =>
  allOf(async (after) => {
    const query = { limit: 1000, ...filter, ...after }
    const { experiments, next } = await platform.call(platform.contracts.listExperiments, { query })
    return { items: experiments, next }
  })

/** An experiment by its number or its name; deleted ones too. A name that is a number is found by that number alone. */
export async function findExperiment(platform: Platform, given: string): Promise<ExperimentSummary> {
  if (/^\d+$/.test(given))
    return platform.call(platform.contracts.getExperiment, { params: { experiment: Number(given) } })
  const found = (await listAll(platform, { search: given, lifecycle: 'all' })).find(({ name }) => name === given)
  if (found) return found
  throw new Failure(`there is no experiment "${given}"`, 'See them with: stead experiments')
}
