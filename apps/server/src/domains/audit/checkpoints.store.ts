import type { AuditCheckpoint, Digest } from '@stead/contracts'
import type { Head } from './audit.store.ts'

/** Signed checkpoints, outside of the database: whoever can write there cannot write here, nor sign. Only those of the
 *  present key are told. */
export interface CheckpointStore {
  /** SPKI, in PEM. */
  readonly publicKey: string
  /** SHA-256 of the public key. */
  readonly key: Digest
  /** Those that have one. */
  chains(): Iterable<string>
  newest(chain: string): AuditCheckpoint | undefined
  /** Whether the present key signed it. */
  isGenuine(checkpoint: AuditCheckpoint): boolean
  /** All of a chain in the order they were set. */
  of(chain: string): AsyncIterable<AuditCheckpoint>
  /** Signs how far chains are. They survive a power cut from then on. */
  set(heads: readonly Head[], at: string): Promise<void>
  /** Forgets those of the chains, which are others now. What there was is kept aside, for old exports. */
  forget(chains: readonly string[], at: string): Promise<void>
}
