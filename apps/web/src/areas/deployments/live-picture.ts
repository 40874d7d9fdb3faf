import type { FigurePoint } from '@stead/contracts'
import type { Ring } from '../../ui/chart/ring.ts'
import { codeOf } from './live-failures.ts'
import type { Roles } from './live-roles.ts'

/** A deployment's figures as rows of charts: requests by version, latency, errors by code, queue and batch. */
export interface Picture {
  readonly ring: Ring
  /** The newest row that is written, in epoch seconds. */
  readonly last: () => number
  readonly versions: () => readonly number[]
  readonly codes: () => readonly number[]
  /** Keeps points, which may be of rows that are there already. */
  take(points: readonly FigurePoint[]): void
  /** Writes the rows up to `at`: where there are no points nothing was asked, or, if `unknown`, nobody counted. */
  advance(at: number, unknown?: boolean): void
  /** Forgets all points, for they are read anew. */
  clear(): void
  /** Writes every row again, by other roles. */
  rewrite(roles: Roles): void
}

export const ids = {
  version: (version: number) => `v${version}`,
  code: (code: number) => `code-${code}`,
  p50: 'p50',
  p95: 'p95',
  p99: 'p99',
  queue: 'queue',
  batch: 'batch',
} as const

const QUANTILES = [0.5, 0.95, 0.99] as const
const USUAL_CODES = [400, 500, 503]

/** Rows stay empty until `rewrite` says who answered callers. */
export function createPicture(ring: Ring, capacity: number): Picture {
  const { step } = ring
  const byTime = new Map<number, FigurePoint[]>()
  const unknown = new Set<number>()
  let versions: readonly number[] = []
  let codes: readonly number[] = USUAL_CODES
  let roles: Roles | undefined
  let last = ring.times.at(-1) ?? 0

  const know = (known: readonly number[], one: number) =>
    known.includes(one) ? known : [...known, one].toSorted((a, b) => a - b)

  function write(at: number): void {
    const role = roles?.at(at + step - 1)
    if (!roles || !role || unknown.has(at)) return
    const { answers } = roles
    const points = (byTime.get(at) ?? []).filter(({ version }) => answers(version, role))
    for (const version of new Set([...role.routed, ...points.map((point) => Number(point.version))])) {
      versions = know(versions, version)
      const requests = points.find((point) => point.version === version)?.requests ?? 0
      ring.set(ids.version(version), at, requests / step)
    }
    const counts = new Map<number, number>()
    for (const { errors } of points)
      for (const [kind, count] of Object.entries(errors))
        counts.set(codeOf(kind), (counts.get(codeOf(kind)) ?? 0) + count)
    for (const code of codes) ring.set(ids.code(code), at, (counts.get(code) ?? 0) / step)
    for (const [index, id] of [ids.p50, ids.p95, ids.p99].entries())
      ring.set(id, at, quantileOf(points, QUANTILES[index]!) / 1000)
    ring.set(ids.queue, at, Math.max(0, ...points.map(({ queue }) => queue)))
    const runs = points.reduce((sum, { executions }) => sum + executions, 0)
    ring.set(ids.batch, at, runs > 0 ? points.reduce((sum, { rows }) => sum + rows, 0) / runs : NaN)
  }

  /** A code that was never seen before was nowhere. */
  function learnCodes({ errors }: FigurePoint): void {
    for (const code of Object.keys(errors).map(codeOf)) {
      if (codes.includes(code)) continue
      codes = know(codes, code)
      for (const at of ring.times) if (roles?.at(at + step - 1) && !unknown.has(at)) ring.set(ids.code(code), at, 0)
    }
  }

  function forget(): void {
    const oldest = last - capacity * step
    for (const at of byTime.keys()) {
      if (at >= oldest) return
      byTime.delete(at)
    }
  }

  return {
    ring,
    last: () => last,
    versions: () => versions,
    codes: () => codes,
    take(points) {
      for (const point of points) {
        learnCodes(point)
        const known = byTime.get(point.at) ?? []
        byTime.set(point.at, [...known.filter(({ version }) => version !== point.version), point])
      }
      for (const at of new Set(points.map((point) => point.at))) if (at <= last) write(at)
    },
    advance(at, isUnknown = false) {
      ring.reach(at)
      for (let next = last + step; next <= at; next += step) {
        if (isUnknown && !byTime.has(next)) unknown.add(next)
        write(next)
      }
      last = Math.max(last, at)
      forget()
    },
    clear() {
      byTime.clear()
      unknown.clear()
    },
    rewrite(next) {
      roles = next
      for (const at of ring.times) {
        for (const version of versions) ring.set(ids.version(version), at, NaN)
        write(at)
      }
    },
  }
}

type Quantiles = Pick<FigurePoint, 'p50' | 'p95' | 'p99' | 'requests'>

/** A quantile of all versions together, in microseconds. That of one version is exact; for several, whose histograms
 *  are not told, each is taken to lie evenly between the quantiles that are. NaN where nothing was answered. */
export function quantileOf(points: readonly Quantiles[], quantile: (typeof QUANTILES)[number]): number {
  const told = points.filter(({ p99 }) => p99 !== null)
  const own = told.map((point) => (quantile === 0.5 ? point.p50! : quantile === 0.95 ? point.p95! : point.p99!))
  if (told.length < 2) return own[0] ?? NaN
  const total = told.reduce((sum, { requests }) => sum + requests, 0)
  const below = (micros: number) =>
    told.reduce((sum, point) => sum + (shareBelow(point, micros) * point.requests) / total, 0)
  let low = Math.min(...own)
  let high = Math.max(...own)
  for (let round = 0; round < 24 && high - low > 1; round++) {
    const middle = (low + high) / 2
    if (below(middle) < quantile) low = middle
    else high = middle
  }
  return high
}

function shareBelow({ p50, p95, p99 }: Quantiles, micros: number): number {
  const known = [
    [0, 0],
    [p50!, 0.5],
    [p95!, 0.95],
    [p99!, 0.99],
    [p99! * 1.5, 1],
  ] as const
  for (let index = 1; index < known.length; index++) {
    const [to, shareTo] = known[index]!
    const [from, shareFrom] = known[index - 1]!
    if (micros <= to) return to === from ? shareTo : shareFrom + ((micros - from) / (to - from)) * (shareTo - shareFrom)
  }
  return 1
}
