import type { Run } from '@stead/contracts'

/** When a run that goes on last told something of itself, as far as its metrics say: a process that was killed without a
 *  word leaves its run RUNNING, and this is how long ago that may have been. Milliseconds since 1970. */
export function lastHeardOf({ status, metrics }: Pick<Run, 'status' | 'metrics'>): number | undefined {
  if (status !== 'RUNNING') return undefined
  const times = Object.values(metrics).map(({ timestamp }) => timestamp)
  return times.length === 0 ? undefined : times.reduce((latest, time) => Math.max(latest, time))
}
