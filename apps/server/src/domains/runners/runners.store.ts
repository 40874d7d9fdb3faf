import type { RunnerName } from '@stead/contracts'

/** The runners that held a lease when they were last heard of: what a server that starts must wait for, since their
 *  leases of its predecessor may still be running. */
export interface RunnerStore {
  list(): Promise<RunnerName[]>
  remember(name: RunnerName): Promise<void>
  forget(name: RunnerName): Promise<void>
}
