import { canonicalOf, CHAIN_BEGINS, INSTALLATION_CHAIN } from '@stead/contracts'
import type { AuditedFacts, AuditEntry } from '@stead/contracts'
import { sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { NewEntry } from './audit.store.ts'
import { authorNow } from './author.ts'
import { sha256 } from './hash.ts'

/** Any numbers will do, as long as nobody else in the database locks the same. */
const CHAIN_LOCK = 7_070_003
const LOG_LOCK = 7_070_004

/** Writes an entry of the audit log within the transaction of the change it tells of. Call it last but for the event:
 *  from here other writers of the chain wait for the commit. */
export async function appendAudit(transaction: Transaction<Tables>, entry: NewEntry): Promise<void> {
  const chain = entry.projectId ?? INSTALLATION_CHAIN
  await sql`select pg_advisory_xact_lock_shared(${sql.lit(LOG_LOCK)}),
    pg_advisory_xact_lock(${sql.lit(CHAIN_LOCK)}, hashtext(${chain}))`.execute(transaction)
  const last = await transaction
    .selectFrom('audit')
    .select(['sequence', 'hash'])
    .where('chain', '=', chain)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  const author = authorNow()
  const facts: AuditedFacts = {
    chain,
    sequence: (last?.sequence ?? 0) + 1,
    at: new Date().toISOString(),
    outcome: entry.outcome ?? 'done',
    act: entry.act,
    actor: entry.actor ?? author.actor,
    credential: author.credential,
    from: author.from,
    request: author.request,
    subject: entry.subject,
    digest: entry.digest ?? null,
    before: (entry.before ?? null) as AuditEntry['before'],
    after: (entry.after ?? null) as AuditEntry['after'],
    reason: entry.reason ?? '',
    times: entry.times ?? 1,
  }
  const text = canonicalOf(facts)
  const previous = last?.hash ?? CHAIN_BEGINS
  await transaction
    .insertInto('audit')
    .values({
      chain,
      sequence: facts.sequence,
      at: facts.at,
      outcome: facts.outcome,
      act: facts.act,
      actor: facts.actor,
      subject: facts.subject,
      entry: text,
      previous,
      hash: sha256(`${previous}\n${text}`),
    })
    .execute()
}

/** Keeps everybody from the whole log until the end of the transaction, which may then take entries away. */
export async function holdLog(transaction: Transaction<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(LOG_LOCK)})`.execute(transaction)
  await sql`set local stead.replaces_audit = 'yes'`.execute(transaction)
}
