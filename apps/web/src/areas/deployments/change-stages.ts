import type { Deployment, RouteTable, Stage } from '@stead/contracts'
import type { KnownChange } from '../../live/running.ts'

/** Loading a version in a runner, in order. */
export const LOADING = ['fetching', 'verifying', 'admitting', 'starting', 'loading', 'warming'] as const
export type Loading = (typeof LOADING)[number]
export type RowName = Loading | 'golden' | 'ready' | 'commit' | 'acknowledge' | 'drain' | 'standby'
export type RowState = 'done' | 'moving' | 'draining' | 'failed' | 'unneeded' | 'todo' | 'unreached'

/** One runner's part of a stage, or one golden request of it. */
export interface Part {
  readonly label: string
  readonly ms: number
  readonly from: number
  readonly ok: boolean
  readonly reason: string | undefined
}

export interface StageRow {
  readonly key: string
  readonly name: RowName
  /** Only where several versions are loaded. */
  readonly version: number | null
  readonly is: RowState
  /** The versions that it is about, after the commit. */
  readonly leaving?: readonly number[]
  /** On the clock that all stages of the change share, in milliseconds since it began. */
  readonly from: number
  readonly ms: number | null
  /** Slowest first; the row shows the first. */
  readonly parts: readonly Part[]
}

interface Timed extends Stage {
  readonly from: number
}

/** The versions that a table names. */
export const versionsOf = ({ routes, shadows }: Pick<RouteTable, 'routes' | 'shadows'>): number[] => [
  ...new Set([...routes, ...shadows].map(({ version }) => Number(version))),
]

/** Those that have to be made ready: all of them for a deployment that is new, parked, or of another model. */
export function newVersions({ before, after }: Pick<KnownChange, 'before' | 'after'>): number[] {
  if (!before || before.parked !== null || before.model !== after.model) return versionsOf(after)
  const there = versionsOf(before)
  return versionsOf(after).filter((version) => !there.includes(version))
}

/** Stages report how long they took; runners work side by side, each through its own in order. */
function onClock(stages: readonly Stage[]): Timed[] {
  const clocks = new Map<string, number>()
  let prepared = 0
  return stages.map((stage) => {
    if (stage.runner === undefined) {
      const from = stage.name === 'prepare' ? 0 : prepared
      prepared = from + stage.ms
      return { ...stage, from }
    }
    const from = clocks.get(stage.runner) ?? 0
    clocks.set(stage.runner, from + stage.ms)
    return { ...stage, from }
  })
}

const isGolden = ({ name }: Stage) => name.startsWith('golden ')
const goldenName = ({ name }: Stage) => name.slice('golden '.length)

/** How the change stands as a list of stages, those still to come among them. `golden` is how many requests it will
 *  check with, as far as that is known. */
export function rowsOf(change: KnownChange, golden: number): StageRow[] {
  const stages = onClock(change.stages)
  const isOver = change.endedAt !== null || change.failure !== null
  const needsLoad = change.kind !== 'park'
  const rows = [
    ...(needsLoad ? loadingRows(change, stages, golden, isOver) : []),
    ...(needsLoad ? [ready(stages)] : []),
    ofServer('commit', stages),
    ofServer('acknowledge', stages),
  ]
  return withProgress(rows, isOver)
}

function loadingRows(change: KnownChange, stages: readonly Timed[], golden: number, isOver: boolean): StageRow[] {
  const told = [...new Set(stages.flatMap(({ version }) => (version === undefined ? [] : [Number(version)])))]
  const isPrepared = stages.some(({ name }) => name === 'prepare')
  const expected = isPrepared || isOver ? [] : newVersions(change)
  const versions = [...new Set([...told, ...expected])]
  const names: readonly (Loading | 'golden')[] = golden > 0 || stages.some(isGolden) ? [...LOADING, 'golden'] : LOADING
  return versions.flatMap((version) => {
    const own = stages.filter((stage) => stage.version === undefined || Number(stage.version) === version)
    return names.map((name) => loadingRow(name, version, versions.length > 1, own))
  })
}

function loadingRow(name: Loading | 'golden', version: number, isOneOfMany: boolean, own: readonly Timed[]): StageRow {
  const mine = own.filter((stage) => (name === 'golden' ? isGolden(stage) : stage.name === name))
  const parts = mine
    .map((stage) => ({
      label: name === 'golden' ? goldenName(stage) : (stage.runner ?? ''),
      ms: stage.ms,
      from: stage.from,
      ok: stage.ok,
      reason: stage.reason,
    }))
    .toSorted((a, b) => Number(a.ok) - Number(b.ok) || b.ms - a.ms)
  const from = Math.min(...parts.map((part) => part.from))
  // Golden requests run one after the other, runners side by side.
  const ms = name === 'golden' ? Math.max(...parts.map((part) => part.from + part.ms)) - from : (parts[0]?.ms ?? 0)
  return {
    key: `${version} ${name}`,
    name,
    version: isOneOfMany ? version : null,
    is: parts.length === 0 ? 'todo' : parts.every(({ ok }) => ok) ? 'done' : 'failed',
    from: parts.length === 0 ? 0 : name === 'golden' ? from : parts[0]!.from,
    ms: parts.length === 0 ? null : ms,
    parts,
  }
}

function ready(stages: readonly Timed[]): StageRow {
  const prepare = stages.find(({ name }) => name === 'prepare')
  return {
    key: 'ready',
    name: 'ready',
    version: null,
    is: prepare === undefined ? 'todo' : prepare.ok ? 'done' : 'unreached',
    from: prepare?.ms ?? 0,
    ms: null,
    parts: [],
  }
}

function ofServer(name: 'commit' | 'acknowledge', stages: readonly Timed[]): StageRow {
  const stage = stages.find((one) => one.name === name)
  const part = stage && { label: '', ms: stage.ms, from: stage.from, ok: stage.ok, reason: stage.reason }
  return {
    key: name,
    name,
    version: null,
    is: stage === undefined ? 'todo' : stage.ok ? 'done' : 'failed',
    from: stage?.from ?? 0,
    ms: stage?.ms ?? null,
    parts: part ? [part] : [],
  }
}

/** What has not been told: skipped where something later was, under way where it comes next, else not reached. */
function withProgress(rows: readonly StageRow[], isOver: boolean): StageRow[] {
  const last = rows.findLastIndex(({ is }) => is === 'done' || is === 'failed')
  const next = rows.findIndex(({ is }, index) => is === 'todo' && index > last)
  const begun = Math.max(0, ...rows.map(({ from, ms }) => from + (ms ?? 0)))
  return rows.map((row, index) => {
    if (row.is !== 'todo') return row
    if (index < last) return { ...row, is: 'unneeded' }
    if (isOver) return { ...row, is: 'unreached' }
    return index === next ? { ...row, is: 'moving', from: begun } : row
  })
}

/** What becomes of the versions that answered before, as long as this change is the newest. */
export function aftermath(change: KnownChange, deployment: Deployment | undefined): StageRow[] {
  if (!deployment || !change.before || change.committedAt === null) return []
  if (deployment.table.generation !== change.after.generation || deployment.table.parked !== null) return []
  const answering = versionsOf(change.after)
  const left = change.before.model === change.after.model ? versionsOf(change.before) : []
  const leaving = left.filter((version) => !answering.includes(version))
  const engines = deployment.engines.filter(
    ({ version, model }) => model === change.before?.model && leaving.includes(Number(version)),
  )
  if (engines.length === 0) return []
  const isDraining = engines.some(({ state }) => state === 'draining' || state === 'serving')
  const stands = engines.some(({ state }) => state === 'standby')
  const row = (name: 'drain' | 'standby', is: RowState): StageRow => ({
    key: name,
    name,
    version: null,
    leaving,
    is,
    from: 0,
    ms: null,
    parts: [],
  })
  return [
    row('drain', isDraining ? 'draining' : 'done'),
    row('standby', isDraining ? 'todo' : stands ? 'done' : 'todo'),
  ]
}

/** The length of the clock that the bars share. */
export const clockOf = (rows: readonly StageRow[], elapsed: number): number =>
  Math.max(elapsed, ...rows.map(({ from, ms }) => from + (ms ?? 0)), 1)

/** Until the commit, in milliseconds; undefined before it. */
export function untilCommit(change: KnownChange): number | undefined {
  const commit = onClock(change.stages).find(({ name, ok }) => name === 'commit' && ok)
  return commit && commit.from + commit.ms
}
