import type { Stage } from '@stead/contracts'

/** How long a change prepared and how long its commit took, in milliseconds; undefined where it had no such stage. */
export function timesOf(stages: readonly Stage[]): { prepare: number | undefined; commit: number | undefined } {
  const ms = (name: string) => stages.find((stage) => stage.name === name)?.ms
  return { prepare: ms('prepare'), commit: ms('commit') }
}
