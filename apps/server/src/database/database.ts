import { Kysely, sql } from 'kysely'
import { dialectOver, type SlowStatement } from './dialect.ts'
import { openEmbedded } from './embedded.ts'
import type { Sessions } from './sessions.ts'
import type { Tables } from './tables.ts'
import { keepSwept } from './upkeep.ts'

export type DatabaseConfig =
  | { readonly kind: 'embedded'; readonly home: string; readonly template?: string | undefined }
  | { readonly kind: 'postgres'; readonly url: string }

export interface DatabaseOptions {
  /** Told of every statement that took longer than its budget; it must not throw. */
  readonly onSlow?: (slow: SlowStatement) => void
  /** Milliseconds a statement may take before `onSlow` hears of it: the embedded database answers nobody meanwhile. */
  readonly budget?: number
}

export interface Database {
  readonly kind: DatabaseConfig['kind']
  readonly kysely: Kysely<Tables>
  /** Bytes the database takes on disk. */
  size(): Promise<number>
  /** Closes after the statements under way; a second call waits for the first. */
  close(): Promise<void>
}

const BUDGET_MS = 250

/** Opens the database, without migrating it. For the embedded one the caller holds the lock of the home; where there is
 *  none yet, it is a copy of the template that is named, or empty.
 *
 *  On the embedded database there is one session. Inside `kysely.transaction()` use only the transaction given:
 *  a query on `kysely` itself waits for the transaction to end, and a transaction that waits for it fails. */
export async function openDatabase(config: DatabaseConfig, options: DatabaseOptions = {}): Promise<Database> {
  const sessions = config.kind === 'embedded' ? await openEmbedded(config) : await openPostgres(config.url)
  const budget = { milliseconds: options.budget ?? BUDGET_MS, exceeded: options.onSlow ?? (() => undefined) }
  const kysely = new Kysely<Tables>({ dialect: dialectOver(sessions, budget) })
  const upkeep = config.kind === 'embedded' ? keepSwept(sessions) : undefined
  const close = async () => {
    await upkeep?.stop()
    await kysely.destroy()
    await sessions.end()
  }
  let closing: Promise<void> | undefined
  return {
    kind: config.kind,
    kysely,
    async size() {
      const { rows } = await sql<{ size: number }>`select pg_database_size(current_database()) as size`.execute(kysely)
      return rows[0]?.size ?? 0
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** The driver is loaded only where it is used. */
async function openPostgres(url: string): Promise<Sessions> {
  const postgres = await import('./postgres.ts')
  return postgres.openPostgres(url)
}
