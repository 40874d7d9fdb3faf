import { type Kysely, sql, type Transaction } from 'kysely'
import { foundation } from './migrations/0001-foundation.ts'
import { readingAtSize } from './migrations/0002-reading-at-size.ts'
import { access } from './migrations/0003-access.ts'
import { tracking } from './migrations/0004-tracking.ts'
import { registry } from './migrations/0005-registry.ts'
import { traces } from './migrations/0006-traces.ts'
import { webhooks } from './migrations/0007-webhooks.ts'
import { projectDescriptions } from './migrations/0008-project-descriptions.ts'
import { runOrders } from './migrations/0009-run-orders.ts'
import type { Tables } from './tables.ts'

/** One step of the schema. It is never changed once it has been released; a change is a new step. */
export interface Migration {
  readonly name: string
  readonly statements: readonly string[]
}

export const MIGRATIONS: readonly Migration[] = [
  foundation,
  readingAtSize,
  access,
  tracking,
  registry,
  traces,
  webhooks,
  projectDescriptions,
  runOrders,
]

/** Any number will do, as long as nobody else in the database locks the same. */
const MIGRATION_LOCK = 7_070_001

/** Brings the schema up to date: every step in a transaction of its own, in order, once, however many servers try.
 *  Refuses a database that a newer Stead has written. Returns the names of the steps it took. */
export async function migrate(
  kysely: Kysely<Tables>,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<string[]> {
  const taken: string[] = []
  for (;;) {
    const name = await kysely.transaction().execute((transaction) => takeNextStep(transaction, migrations))
    if (name === undefined) return taken
    taken.push(name)
  }
}

/** The list is read under the lock, so that of several servers the first takes the step and the others see it taken. */
async function takeNextStep(transaction: Transaction<Tables>, migrations: readonly Migration[]) {
  await sql`set local statement_timeout = 0`.execute(transaction)
  await sql`set local lock_timeout = 0`.execute(transaction)
  await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(transaction)
  await sql`create table if not exists migrations (
    name text not null constraint migrations_pk primary key,
    applied_at timestamptz(3) not null default now()
  )`.execute(transaction)
  const rows = await transaction.selectFrom('migrations').select('name').execute()
  const applied = new Set(rows.map((row) => row.name))
  refuseNewerDatabase(applied, migrations)
  const next = migrations.find(({ name }) => !applied.has(name))
  if (next === undefined) return undefined
  for (const statement of next.statements) await sql.raw(statement).execute(transaction)
  await transaction.insertInto('migrations').values({ name: next.name }).execute()
  return next.name
}

function refuseNewerDatabase(applied: ReadonlySet<string>, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = [...applied].filter((name) => !known.has(name)).toSorted()
  if (unknown.length === 0) return
  throw new Error(
    `The database was written by a newer Stead: this one does not know ${unknown.join(', ')}. ` +
      'Start the newer version, or restore a dump made before the upgrade.',
  )
}
