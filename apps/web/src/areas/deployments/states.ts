import type { ChangeKind, Deployment, EngineState, RouteTable } from '@stead/contracts'
import { deployments as words } from '../../strings/deployments.ts'
import type { Mark } from '../../ui/state-mark.tsx'

export interface StateInWords {
  readonly is: Mark
  readonly word: string
}

const ENGINE_MARKS: Record<EngineState, Mark> = {
  fetching: 'moving',
  verifying: 'moving',
  admitting: 'moving',
  starting: 'moving',
  loading: 'moving',
  warming: 'moving',
  ready: 'standby',
  serving: 'serving',
  draining: 'draining',
  standby: 'standby',
  stopped: 'off',
  failed: 'failed',
  parked: 'paused',
}

export const engineState = (state: EngineState): StateInWords => ({
  is: ENGINE_MARKS[state],
  word: words.engineStates[state],
})

/** The whole deployment in one state, for its badge and its row. */
export function deploymentState({ table, engines, urls, change }: Deployment): StateInWords {
  if (table.parked !== null) return { is: 'paused', word: words.states.parked }
  if (urls.length === 0) return { is: 'failed', word: words.states.noRunner }
  const routed = new Set(table.routes.filter(({ weight }) => weight > 0).map(({ version }) => version))
  const answering = engines.filter(({ version, state }) => routed.has(version) && state === 'serving')
  if (answering.length > 0) return { is: 'serving', word: change ? words.states.changing : words.states.serving }
  if (engines.some(({ version, state }) => routed.has(version) && state === 'failed'))
    return { is: 'failed', word: words.states.failed }
  return { is: 'moving', word: words.states.loading }
}

/** Versions of a table with the part of the traffic that each answers, 0 to 1, heaviest first. */
export function sharesOf({ routes }: Pick<RouteTable, 'routes'>): { version: number; share: number }[] {
  const total = routes.reduce((sum, { weight }) => sum + weight, 0)
  return routes
    .map(({ version, weight }) => ({ version: Number(version), share: total === 0 ? 0 : weight / total }))
    .toSorted((a, b) => b.share - a.share)
}

export const kindInWords = (kind: ChangeKind): string => words.kinds[kind]
