import type { AuditEntry } from '@stead/contracts'

export interface NewEntry {
  /** Null for what belongs to no project. */
  readonly projectId: string | null
  readonly outcome?: 'done' | 'denied'
  readonly act: string
  /** On what: `forecast`, `weather/8`, `member ada`. */
  readonly subject: string
  readonly digest?: AuditEntry['digest'] | undefined
  /** The object before and after, as far as the change touched it; never a secret, never a payload. */
  readonly before?: unknown
  readonly after?: unknown
  readonly reason?: string
  readonly times?: number
  /** Where it is not the author of the request. */
  readonly actor?: string
}

/** Which entries of a chain are wanted. */
export interface AuditFilter {
  readonly actor?: string | undefined
  /** An act, or the noun of some: `deployment` finds `deployment.swapped`. */
  readonly act?: string | undefined
  /** A thing, and all that belongs to it: a model's name finds `model/8` and `model@alias`. */
  readonly subject?: string | undefined
  readonly outcome?: 'done' | 'denied' | undefined
  readonly from?: string | undefined
  readonly until?: string | undefined
}

export interface Head {
  readonly chain: string
  readonly sequence: number
  readonly head: string
}

export interface StoredEntry {
  readonly sequence: number
  /** Null where it cannot be read any more. */
  readonly entry: AuditEntry | null
  /** What finds the entry says the same as the entry. */
  readonly isFaithful: boolean
}

/** The log as it is read. Writing is in the transactions of what is told: `appendAudit`. */
export interface AuditStore {
  /** Writes an entry of something that changed nothing. */
  append(entry: NewEntry): Promise<void>
  /** The newest `limit` entries before a sequence, or of all, newest first. */
  before(
    chain: string,
    page: AuditFilter & { readonly before?: number | undefined; readonly limit: number },
  ): Promise<AuditEntry[]>
  /** In order. */
  after(chain: string, sequence: number, limit: number): Promise<StoredEntry[]>
  hashAt(chain: string, sequence: number): Promise<string | undefined>
  /** How far a chain is; sequence 0 where it has no entry. */
  head(chain: string): Promise<Head>
  /** Of all chains that have entries. */
  heads(): Promise<Head[]>
}
