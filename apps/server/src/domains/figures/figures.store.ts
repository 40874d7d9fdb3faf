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

/** Figures by deployment, version, step and time. */
export interface FigureStore {
  /** Adds each to what is there, all or none. Those of deployments that are gone are dropped. */
  add(figures: readonly KeptFigure[]): Promise<void>
  /** From `from` to before `to`, in order of time and version. */
  read(deploymentId: string, step: KeptStep, from: number, to: number): Promise<KeptFigure[]>
  forgetBefore(step: KeptStep, at: number): Promise<void>
}
