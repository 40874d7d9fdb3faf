import type { Readable } from 'node:stream'
import type { LostSecret } from '@stead/contracts'

/** The whole installation as one stream of bytes, and back. */
export interface Archives {
  /** A consistent state, taken while everything runs. What fails on the way ends the stream too early. */
  backup(): Promise<Readable>
  /** Whole or not at all. Refuses a home that is not empty unless told to replace what is there. Keys are in no archive:
   *  it tells which secrets of webhooks cannot be used here. */
  restore(archive: Readable, replace: boolean): Promise<Restored & { readonly lostSecrets: LostSecret[] }>
}

/** What is there now: rows by table, and artifacts. */
export interface Restored {
  readonly tables: Record<string, number>
  readonly artifacts: number
}
