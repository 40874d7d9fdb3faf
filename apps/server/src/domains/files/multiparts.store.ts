import type { Readable } from 'node:stream'
import type { Digest, FilePath } from '@stead/contracts'

/** A file that comes in parts: where it will be, and what those who bring its parts must show. */
export interface Multipart {
  readonly projectId: string
  readonly path: FilePath
  /** SHA-256 of the secret, in hexadecimal. */
  readonly secretHash: string
}

/** Files on their way in, in parts that come in any order and side by side. A part is whole or absent, and outlives the
 *  process from then on. */
export interface MultipartStore {
  begin(id: string, multipart: Multipart): Promise<void>
  find(id: string): Promise<Multipart | undefined>
  /** Keeps a part in place of the one of the same number; its digest. Fails with storage_full, payload_too_large or
   *  digest_mismatch, or as the bytes do. */
  putPart(id: string, number: number, bytes: AsyncIterable<Uint8Array>): Promise<Digest>
  /** The sizes of the parts that are there. */
  parts(id: string): Promise<ReadonlyMap<number, { readonly digest: Digest; readonly size: number }>>
  openPart(id: string, number: number): Promise<Readable>
  /** Nothing happens where there is none. */
  remove(id: string): Promise<void>
  /** Every one, those that a crash left half begun too, and when it was begun or last got a part. */
  list(): AsyncIterable<{ readonly id: string; readonly touchedAt: Date }>
}
