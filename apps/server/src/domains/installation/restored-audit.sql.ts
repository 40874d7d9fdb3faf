import { sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'

/** A chain of the audit log that a restore put another one in place of, and how far it had come. */
export interface ReplacedChain {
  readonly chain: string
  readonly sequence: number
  readonly head: string
}

/** The table that the archive's entries wait in. */
export const RESTORED_AUDIT = 'restored_audit'

export async function layAuditAside(transaction: Transaction<Tables>): Promise<void> {
  await sql`create temporary table ${sql.table(RESTORED_AUDIT)} (like audit) on commit drop`.execute(transaction)
}

/** Puts the archive's entries into the log. A chain that only went on since the backup stays as it is: a restore undoes
 *  what was done, not that it was done. Tells of the chains that were others; the caller holds the log. */
export async function mergeAudit(transaction: Transaction<Tables>): Promise<ReplacedChain[]> {
  const last = (table: string) =>
    sql`(select distinct on (chain) chain, sequence, hash from ${sql.table(table)} order by chain, sequence desc)`
  await sql`delete from ${sql.table(RESTORED_AUDIT)} where chain in (
    select restored.chain from ${last(RESTORED_AUDIT)} as restored
    join audit on audit.chain = restored.chain and audit.sequence = restored.sequence and audit.hash = restored.hash
  )`.execute(transaction)
  const { rows } = await sql<ReplacedChain>`
    select chain, sequence, hash as head from ${last('audit')} as own
    where chain in (select chain from ${sql.table(RESTORED_AUDIT)})
    order by chain`.execute(transaction)
  await sql`delete from audit where chain in (select chain from ${sql.table(RESTORED_AUDIT)})`.execute(transaction)
  await sql`insert into audit select * from ${sql.table(RESTORED_AUDIT)}`.execute(transaction)
  return rows
}
