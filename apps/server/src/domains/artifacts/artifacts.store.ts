import type { Readable } from 'node:stream'
import type { Digest } from '@stead/contracts'

export type Bytes = Readable | AsyncIterable<Uint8Array>

/** What the sender said beforehand, and how much is taken at most. */
export interface Expected {
  readonly size?: number | undefined
  readonly limit: number
}

/** As expected of bytes whose digest shows only at their end. */
export interface ExpectedUnnamed extends Expected {
  /** Told the digest after the last byte, before it is looked for and before anything becomes visible. */
  readonly named?: ((digest: Digest) => Promise<void>) | undefined
}

/** Both ends inclusive and in bytes, as in HTTP; an end beyond the artifact is cut to it. */
export interface Range {
  readonly start: number
  readonly end?: number | undefined
}

/** How a reader gets at the bytes without going through the server: a read-only local file, or a URL that lapses. */
export type Grant =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly expiresAt: string }

export interface Stored {
  readonly digest: Digest
  readonly size: number
}

/** Immutable bytes, named by their SHA-256. What is in the store is whole and is what its name says, at every moment:
 *  bytes become visible only after all of them have matched the digest, and survive a power cut from then on.
 *  Any number of puts, of the same digest too, may run side by side. Removing a digest while it is being put
 *  is the caller's to prevent. */
export interface ArtifactStore {
  /** Reads the bytes to their end. `stored` is false if the store already held them.
   *  Fails with digest_mismatch, payload_too_large or storage_full, or as the stream fails, and leaves nothing behind.
   *  A stream it could not finish is not destroyed: over HTTP the answer has yet to go out. */
  put(digest: Digest, bytes: Bytes, expected: Expected): Promise<{ size: number; stored: boolean }>
  /** As `put`, for bytes whose digest is not known beforehand: it is found while they are laid aside. However many they
   *  are, they take no more memory than a few parts. Fewer or more bytes than announced fail with digest_mismatch. */
  take(bytes: Bytes, expected: ExpectedUnnamed): Promise<Stored & { stored: boolean }>
  /** `size` is that of the whole artifact; the stream is the caller's to consume or destroy.
   *  Fails with artifact_not_found, or with invalid_request for a range that begins beyond the end. */
  open(digest: Digest, range?: Range): Promise<{ stream: Readable; size: number }>
  stat(digest: Digest): Promise<{ size: number } | undefined>
  /** Removes the artifact, if it is there. Streams already open are read to their end. */
  remove(digest: Digest): Promise<void>
  /** A URL lapses after so many seconds, of 1 to 604,800; an hour unless told. Fails with artifact_not_found. */
  grant(digest: Digest, forSeconds?: number): Promise<Grant>
  /** Every artifact, in no particular order. */
  list(): AsyncIterable<Stored>
  close(): Promise<void>
}
