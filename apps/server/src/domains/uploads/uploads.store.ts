import type { Readable } from 'node:stream'
import type { Digest } from '@stead/contracts'

/** Whose upload, and of what. */
export interface UploadKey {
  readonly projectId: string
  readonly digest: Digest
}

export interface Unfinished {
  /** Bytes it will have. */
  readonly size: number
  /** Bytes that are kept. */
  readonly received: number
  /** When it was begun, begun again, or last grew. */
  readonly touchedAt: Date
}

/** Uploads that have not ended. What was appended outlives the process; `received` is read off what is kept, so it is
 *  true after a crash as well. A power cut may spoil bytes: only the digest tells that they are right.
 *  Different uploads may be written side by side; one writer at a time for each is the caller's to see to. */
export interface UploadStore {
  find(key: UploadKey): Promise<Unfinished | undefined>
  /** Begins an empty one, in place of what there is. Fails with storage_full. */
  begin(key: UploadKey, size: number): Promise<void>
  /** Marks it as wanted; nothing happens where there is none. */
  touch(key: UploadKey): Promise<void>
  /** Adds the bytes at the end, each piece as it comes: what came before a failure stays.
   *  Fails with storage_full, or as the bytes fail. */
  append(key: UploadKey, bytes: AsyncIterable<Uint8Array>): Promise<void>
  /** All that is kept; the stream is the caller's to consume or destroy. */
  open(key: UploadKey): Promise<Readable>
  /** False if there was none. */
  remove(key: UploadKey): Promise<boolean>
  /** Every upload, in no particular order. */
  list(): AsyncIterable<UploadKey & Unfinished>
}
