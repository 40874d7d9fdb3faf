import { AuditEntry, CHAIN_BEGINS } from '@stead/contracts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { appendAudit } from './audit.sql.ts'
import type { AuditFilter, AuditStore, Head, StoredEntry } from './audit.store.ts'

/** How the log is read: what was hashed is the truth, and the columns beside it only find it. */

const COLUMNS = ['chain', 'sequence', 'at', 'outcome', 'act', 'actor', 'subject', 'entry', 'previous', 'hash'] as const

interface Row {
  readonly chain: string
  readonly sequence: number
  readonly at: string
  readonly outcome: string
  readonly act: string
  readonly actor: string
  readonly subject: string
  readonly entry: string
  readonly previous: string
  readonly hash: string
}

export function sqlAuditStore(kysely: Kysely<Tables>): AuditStore {
  const entries = (chain: string) => kysely.selectFrom('audit').where('chain', '=', chain)
  return {
    append: (entry) => kysely.transaction().execute((transaction) => appendAudit(transaction, entry)),
    async before(chain, { before = Number.MAX_SAFE_INTEGER, limit, ...filter }) {
      const rows = await entries(chain)
        .select(COLUMNS)
        .where(passing(chain, filter))
        .where('sequence', '<', before)
        .orderBy('sequence', 'desc')
        .limit(limit)
        .execute()
      return rows.flatMap((row) => readEntry(row) ?? [])
    },
    async after(chain, sequence, limit) {
      const rows = await entries(chain)
        .select(COLUMNS)
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(readStored)
    },
    async hashAt(chain, sequence) {
      if (sequence === 0) return CHAIN_BEGINS
      return (await entries(chain).select('hash').where('sequence', '=', sequence).executeTakeFirst())?.hash
    },
    async head(chain) {
      const row = await entries(chain)
        .select(['sequence', 'hash'])
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst()
      return { chain, sequence: row?.sequence ?? 0, head: row?.hash ?? CHAIN_BEGINS }
    },
    async heads() {
      const { rows } = await sql<Head>`
        with recursive each (chain) as (
          (select chain from audit order by chain limit 1)
          union all
          select (select min(chain) from audit where chain > each.chain) from each where each.chain is not null
        )
        select each.chain, newest.sequence, newest.hash as head from each
        cross join lateral (
          select sequence, hash from audit where chain = each.chain order by sequence desc limit 1
        ) as newest`.execute(kysely)
      return rows
    },
  }
}

function passing(chain: string, { actor, act, subject, outcome, from, until }: AuditFilter): RawBuilder<boolean> {
  const tests = [sql`chain = ${chain}`]
  if (actor !== undefined) tests.push(sql`actor = ${actor}`)
  if (act !== undefined) tests.push(sql`(act = ${act} or starts_with(act, ${`${act}.`}))`)
  if (subject !== undefined)
    tests.push(
      sql`(subject = ${subject} or starts_with(subject, ${`${subject}/`}) or starts_with(subject, ${`${subject}@`}))`,
    )
  if (outcome !== undefined) tests.push(sql`outcome = ${outcome}`)
  if (from !== undefined) tests.push(sql`at >= ${from}::timestamptz`)
  if (until !== undefined) tests.push(sql`at < ${until}::timestamptz`)
  return sql<boolean>`(${sql.join(tests, sql` and `)})`
}

function readEntry({ entry, previous, hash }: Row): AuditEntry | null {
  try {
    return AuditEntry.parse({ ...(JSON.parse(entry) as object), previous, hash })
  } catch {
    return null
  }
}

function readStored(row: Row): StoredEntry {
  const entry = readEntry(row)
  const isFaithful =
    entry !== null &&
    entry.chain === row.chain &&
    entry.sequence === row.sequence &&
    Date.parse(entry.at) === Date.parse(row.at) &&
    entry.outcome === row.outcome &&
    entry.act === row.act &&
    entry.actor === row.actor &&
    entry.subject === row.subject
  return { sequence: row.sequence, entry, isFaithful }
}
