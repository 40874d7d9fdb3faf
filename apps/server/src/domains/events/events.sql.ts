import { Event } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { sequencesOf } from './event-filters.sql.ts'
import type { EventStore, NewEvent } from './events.ts'

/** Whoever writes an event holds this until its commit, so that a reader who has seen a sequence has seen all before. */
const APPEND_LOCK = 7_070_002

/** Writes an event within the caller's transaction. Call it last: from here other writers wait for the commit. */
export async function appendEvent(transaction: Transaction<Tables>, event: NewEvent): Promise<Event> {
  await holdEvents(transaction)
  const { sequence } = await transaction
    .insertInto('events')
    .values({
      project_id: event.projectId,
      kind: event.kind,
      subject: event.subject,
      actor: event.actor,
      document: event.document ?? {},
      // now() would be the start of the transaction, which may lie before an event already told.
      at: sql<string>`clock_timestamp()`,
    })
    .returning('sequence')
    .executeTakeFirstOrThrow()
  const row = await events(transaction).where('events.sequence', '=', sequence).executeTakeFirstOrThrow()
  return Event.parse(row)
}

export async function holdEvents(transaction: Transaction<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(APPEND_LOCK)})`.execute(transaction)
}

export function sqlEventStore(kysely: Kysely<Tables>): EventStore {
  return {
    async after(sequence, limit) {
      const rows = await events(kysely)
        .where('events.sequence', '>', sequence)
        .orderBy('events.sequence')
        .limit(limit)
        .execute()
      return rows.map((row) => Event.parse(row))
    },
    async before(projectId, page) {
      const rows = await events(kysely)
        .where('events.sequence', 'in', sequencesOf(projectId, page))
        .orderBy('events.sequence', 'desc')
        .execute()
      return rows.map((row) => Event.parse(row))
    },
    async newest() {
      const row = await kysely
        .selectFrom('events')
        .select('sequence')
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row?.sequence ?? 0
    },
  }
}

function events(kysely: Kysely<Tables>) {
  return kysely
    .selectFrom('events')
    .innerJoin('projects', 'projects.id', 'events.project_id')
    .select([
      'events.sequence',
      'projects.name as project',
      'events.kind',
      'events.subject',
      'events.actor',
      'events.at',
      'events.document',
    ])
}
