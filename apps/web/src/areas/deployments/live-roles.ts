import type { Lane, LaneMark, RouteTable } from '@stead/contracts'
import type { Marker } from '../../ui/chart/chart.ts'
import { sharesOf } from './states.ts'

/** Which versions answered callers at a moment, by the marks of the deployment's lane. */
export interface Roles {
  /** The route table in force at a time in epoch seconds; undefined before there was one. */
  at(time: number): Role | undefined
  /** Whether what a version did then was done for callers. One that is a shadow at some time is counted where it is
   *  routed only: the row in which a change falls has figures of before and after it. */
  answers(version: number, role: Role): boolean
}

export interface Role {
  readonly from: number
  readonly generation: number
  readonly parked: boolean
  readonly routed: readonly number[]
  /** Versions that only got copies. */
  readonly shadows: readonly number[]
}

export function rolesOf(lane: Lane | undefined, table: RouteTable, createdAt: string): Roles {
  const marks = lane?.marks ?? []
  const all =
    marks.length > 0 ? marks.map((mark) => roleOf(mark, Date.parse(mark.at))) : [roleOf(table, Date.parse(createdAt))]
  const shadows = new Set(all.flatMap((role) => role.shadows))
  return {
    answers: (version, role) => role.routed.includes(version) || !shadows.has(version),
    at(time) {
      for (let index = all.length - 1; index >= 0; index--) if (all[index]!.from <= time) return all[index]
      return undefined
    },
  }
}

function roleOf(table: Pick<LaneMark, 'generation' | 'routes' | 'shadows' | 'parked'>, atMs: number): Role {
  const routed = sharesOf(table)
    .filter(({ share }) => share > 0)
    .map(({ version }) => version)
  const shadows = table.shadows.map(({ version }) => Number(version)).filter((version) => !routed.includes(version))
  return { from: Math.floor(atMs / 1000), generation: table.generation, parked: table.parked !== null, routed, shadows }
}

/** Changes and refusals as hairlines through the charts. */
export function markersOf(lane: Lane | undefined, from: number): Marker[] {
  if (!lane) return []
  const changes = lane.marks.map(({ at, kind }): Marker => ({
    at: Date.parse(at) / 1000,
    kind: kind === 'rollback' ? 'rollback' : 'change',
  }))
  const refusals = lane.refusals.map(({ at }): Marker => ({ at: Date.parse(at) / 1000, kind: 'refused' }))
  return [...changes, ...refusals].filter(({ at }) => at >= from)
}
