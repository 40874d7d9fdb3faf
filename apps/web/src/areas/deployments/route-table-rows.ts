import type { Deployment, EngineState, GenerationRecord } from '@stead/contracts'
import { sharesOf } from './states.ts'

/** One version of the route table, or one that stands by beside it. */
export interface RouteRow {
  readonly version: number
  readonly role: 'serving' | 'shadow' | 'standby'
  /** Of the requests, or of the copies; 0 to 1. */
  readonly share: number
  readonly warm: number
  readonly moving: readonly { readonly state: EngineState; readonly count: number }[]
  /** The newest generation that sent most of the traffic to it. */
  readonly generation: number | undefined
}

const WARM = new Set<EngineState>(['serving', 'standby', 'ready'])
const GONE = new Set<EngineState>(['stopped', 'parked'])

export function rowsOf({ table, engines }: Deployment, history: readonly GenerationRecord[]): RouteRow[] {
  const own = engines.filter(({ model }) => model === table.model)
  const row = (version: number, role: RouteRow['role'], share: number): RouteRow => {
    const ofVersion = own.filter((engine) => engine.version === version)
    const moving = new Map<EngineState, number>()
    for (const { state } of ofVersion)
      if (!WARM.has(state) && !GONE.has(state)) moving.set(state, (moving.get(state) ?? 0) + 1)
    return {
      version,
      role,
      share,
      warm: ofVersion.filter(({ state }) => WARM.has(state)).length,
      moving: [...moving].map(([state, count]) => ({ state, count })),
      generation: history.find(
        (record) =>
          record.generation < table.generation &&
          record.model === table.model &&
          sharesOf(record)[0]?.version === version,
      )?.generation,
    }
  }
  const routed = sharesOf(table).map(({ version, share }) => row(version, 'serving', share))
  const shadows = table.shadows.map(({ version, fraction }) => row(Number(version), 'shadow', fraction))
  const told = new Set([...routed, ...shadows].map(({ version }) => version))
  const standby = [...new Set(own.filter(({ state }) => state === 'standby').map(({ version }) => Number(version)))]
    .filter((version) => !told.has(version))
    .map((version) => row(version, 'standby', 0))
  return [...routed, ...shadows, ...standby]
}
