import type { Runtime, Signature } from '@stead/contracts'

/** One file of a bundle: its place in it, and its bytes. */
export interface BundleFile {
  readonly path: string
  readonly file: File
  /** The folder that was chosen with all that is in it. */
  readonly folder?: string
}

/** What a person asks for besides the bytes, as it was written. */
export interface PushRequest {
  readonly project: string
  readonly model: string
  readonly description: string
  /** Points at the version afterwards; empty for none. */
  readonly alias: string
  readonly sourceRun: string
  readonly dataset: string
  readonly commit: string
  /** Empty where the files tell it. */
  readonly runtime: Runtime | ''
  /** Declared where the files do not tell it. */
  readonly signature: Signature | undefined
  /** Make another version even of files that one has already. */
  readonly again: boolean
}

export interface Refusal {
  readonly code: string
  readonly message: string
  /** The field it is about, as the server names it. */
  readonly where: string | undefined
}

export type PushState =
  | { readonly is: 'hashing' }
  | { readonly is: 'sending' }
  /** The connection broke; it goes on by itself. */
  | { readonly is: 'waiting' }
  | { readonly is: 'paused' }
  | { readonly is: 'registering' }
  | { readonly is: 'refused'; readonly refusal: Refusal }
  /** The page was left meanwhile, and the files with it. */
  | { readonly is: 'left' }
  | {
      readonly is: 'done'
      readonly version: number
      readonly created: boolean
      /** Why the alias does not point at it, where it does not. */
      readonly aliasFailure: string | undefined
    }

/** What is known of a file without having it: enough to know it again. */
export interface KnownFile {
  readonly path: string
  readonly size: number
  readonly lastModified: number
  readonly digest: string | undefined
}

/** A version on its way in. */
export interface Push {
  readonly id: string
  readonly request: PushRequest
  readonly files: readonly KnownFile[]
  readonly state: PushState
  readonly size: number
  /** Bytes read so far to find the digests. */
  readonly hashed: number
  /** Bytes that the server keeps. */
  readonly received: number
  /** Bytes per second lately, of what is going on; undefined until it is known. */
  readonly speed: number | undefined
}

export const sizeOf = (files: readonly { readonly size: number }[]): number =>
  files.reduce((sum, { size }) => sum + size, 0)
