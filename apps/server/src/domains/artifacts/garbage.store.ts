import type { Digest } from '@stead/contracts'
import type { Stored } from './artifacts.store.ts'

export interface Found {
  readonly artifacts: number
  readonly bytes: number
}

/** What the database knows of artifacts that nothing names any more. Each call looks at some rows, and tells the key
 *  behind which the next one goes on; undefined once there are no more. */
export interface GarbageStore {
  /** Removes files of runs and logged models that are no longer there, unless they are younger than `before`. */
  forgetStrays(projectId: string, before: Date, after: string): Promise<{ files: number; next: string | undefined }>
  /** Takes artifacts from the project that no file and no version of it names, unless they are younger than `before`,
   *  in one transaction with the record of it. What is being named at that moment stays. */
  disown(projectId: string, before: Date, after: string): Promise<{ artifacts: Stored[]; next: string | undefined }>
  /** What files that `forgetStrays` would remove name, once for each of them. */
  strays(projectId: string, before: Date, after: string): Promise<{ digests: Digest[]; next: string | undefined }>
  /** What `disown` would take as things are. Bytes that another project has too count as none. */
  unnamed(projectId: string, before: Date, after: string): Promise<Found & { next: string | undefined }>
  /** What nothing would name any more if each of these digests lost as many names. */
  unnamedWithout(projectId: string, before: Date, names: ReadonlyMap<Digest, number>): Promise<Found>
  /** Whether any project has the artifact. */
  isOwned(digest: Digest): Promise<boolean>
}
