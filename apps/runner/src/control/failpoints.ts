/** The steps of a change at which a runner's sudden death is tested: after each, it must come back with exactly the
 *  old route table or exactly the new one. */
export const FAILPOINTS = [
  'preparation-received',
  'artifact-fetched',
  'engine-loaded',
  'prepared-reported',
  'commit-received',
  'journal-written',
  'front-ends-flipped',
  'acknowledged',
] as const
export type Failpoint = (typeof FAILPOINTS)[number]

/** Ends the process where the tests ask for it; does nothing otherwise. */
export type ReachFailpoint = (name: Failpoint) => void

export function failpointsOf(asked: Failpoint | undefined): ReachFailpoint {
  if (asked === undefined) return () => {}
  return (name) => {
    if (name === asked) process.kill(process.pid, 'SIGKILL')
  }
}
