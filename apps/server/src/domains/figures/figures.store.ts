import type { Figure, VersionNumber } from '@stead/contracts'

export type KeptStep = 10 | 300

/** What one version of a deployment did in one step. */
export interface KeptFigure {
  readonly deploymentId: string
  readonly version: VersionNumber
  readonly step: KeptStep
  /** The beginning of the step, in epoch seconds. */
  readonly at: number
  readonly figure: Figure
}

/** A span of time cut into equal parts, in seconds. */
export interface Span {
  readonly step: KeptStep
  /** Both are the beginning of a step. */
  readonly from: number
  readonly to: number
  readonly parts: number
}

/** What all versions of a deployment did in a span. */
export interface SpanSums {
  /** Requests by part, as far as there were any. A step that lies in several parts is shared out by time. */
  readonly parts: ReadonlyMap<number, number>
  readonly errors: Readonly<Record<string, number>>
}

/** Figures by deployment, version, step and time. */
export interface FigureStore {
  /** Adds each to what is there, all or none. Those of deployments that are gone are dropped. */
  add(figures: readonly KeptFigure[]): Promise<void>
  /** From `from` to before `to`, in order of time and version. */
  read(deploymentId: string, step: KeptStep, from: number, to: number): Promise<KeptFigure[]>
  /** By deployment id, as far as there is anything. */
  sums(deploymentIds: readonly string[], span: Span): Promise<Map<string, SpanSums>>
  forgetBefore(step: KeptStep, at: number): Promise<void>
}
