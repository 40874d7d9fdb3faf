import { randomUUID } from 'node:crypto'
import { Profile } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { appendAudit } from '../audit/audit.sql.ts'
import type { SessionStore } from './sessions.store.ts'

export function sqlSessionStore(kysely: Kysely<Tables>): SessionStore {
  return {
    async find(name) {
      const row = await kysely
        .selectFrom('people')
        .select(['id', 'name', 'password_hash'])
        .where('name', '=', name)
        .where('is_disabled', '=', false)
        .executeTakeFirst()
      return row && { id: row.id, name: row.name, passwordHash: row.password_hash }
    },
    begin: (person, session, idleMs) =>
      kysely.transaction().execute(async (transaction) => {
        // Also locks the person: whoever is being disabled or given a new password has their sessions ended after this.
        const seen = await transaction
          .updateTable('people')
          .set({ seen_at: sql<string>`now()` })
          .where('id', '=', person.id)
          .where('is_disabled', '=', false)
          .where('password_hash', 'is not distinct from', person.passwordHash)
          .returning('id')
          .executeTakeFirst()
        if (!seen) return false
        await transaction
          .deleteFrom('sessions')
          .where((is) =>
            is.or([
              is('expires_at', '<', sql<string>`now()`),
              is.and([is('person_id', '=', person.id), is('seen_at', '<', longAgo(idleMs))]),
            ]),
          )
          .execute()
        await transaction
          .insertInto('sessions')
          .values({
            id: randomUUID(),
            hash: session.hash,
            person_id: person.id,
            agent: session.agent,
            address: session.address,
            expires_at: session.expiresAt,
          })
          .execute()
        await appendAudit(transaction, {
          projectId: null,
          act: 'session.created',
          subject: `person ${person.name}`,
          actor: person.name,
          after: { way: session.way },
        })
        return true
      }),
    async list(personId, idleMs) {
      const rows = await kysely
        .selectFrom('sessions')
        .selectAll()
        .where('person_id', '=', personId)
        .where('expires_at', '>', sql<string>`now()`)
        .where('seen_at', '>', longAgo(idleMs))
        .orderBy('created_at', 'desc')
        .execute()
      return rows.map((row) => ({
        id: row.id,
        createdAt: row.created_at,
        seenAt: row.seen_at,
        expiresAt: row.expires_at,
        agent: row.agent,
        from: row.address,
      }))
    },
    end: (personId, session) =>
      kysely.transaction().execute(async (transaction) => {
        const ended = await transaction
          .deleteFrom('sessions')
          .using('people')
          .whereRef('people.id', '=', 'sessions.person_id')
          .where('sessions.person_id', '=', personId)
          .where('sessions.id', '=', session)
          .returning('people.name')
          .executeTakeFirst()
        if (!ended) return false
        await appendAudit(transaction, { projectId: null, act: 'session.ended', subject: `person ${ended.name}` })
        return true
      }),
    async profileOf(personId) {
      const row = await kysely.selectFrom('people').selectAll().where('id', '=', personId).executeTakeFirst()
      return (
        row && {
          ...Profile.parse({
            name: row.name,
            displayName: row.display_name,
            isInstallationOwner: row.is_owner,
            hasPassword: row.password_hash !== null,
          }),
          passwordHash: row.password_hash,
        }
      )
    },
  }
}

const longAgo = (ms: number) => sql<string>`now() - ${ms} * interval '1 millisecond'`
