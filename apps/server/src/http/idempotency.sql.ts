import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database/tables.ts'
import type { IdempotencyStore } from './idempotency.ts'

export interface SqlIdempotencyStore extends IdempotencyStore {
  /** Forgets answers given before the moment. */
  forgetBefore(moment: Date): Promise<void>
}

const DEFAULT_PROJECT_ID = 'default'

export function sqlIdempotencyStore(kysely: Kysely<Tables>): SqlIdempotencyStore {
  return {
    async find(scope, key) {
      const row = await kysely
        .selectFrom('idempotency')
        .select(['request_hash', 'status', 'answer'])
        .where('project_id', '=', projectOf(scope))
        .where('scope', '=', scope)
        .where('key', '=', key)
        .executeTakeFirst()
      if (row === undefined || row.status === null) return undefined
      return { requestHash: row.request_hash, status: row.status, answer: row.answer }
    },
    async keep(scope, key, { requestHash, status, answer }) {
      await kysely
        .insertInto('idempotency')
        .values({
          project_id: projectOf(scope),
          scope,
          key,
          request_hash: requestHash,
          status,
          answer: typeof answer === 'object' ? answer : null,
        })
        .onConflict((conflict) => conflict.columns(['project_id', 'scope', 'key']).doNothing())
        .execute()
    },
    async forgetBefore(moment) {
      await kysely.deleteFrom('idempotency').where('created_at', '<', moment.toISOString()).execute()
    },
  }
}

/** The scope holds the path, and the path the project; one that names none that exists belongs to the default project. */
function projectOf(scope: string) {
  const name = /\/projects\/([^/?]+)/.exec(scope)?.[1] ?? ''
  return sql<string>`coalesce((select id from projects where name = ${name}), ${DEFAULT_PROJECT_ID})`
}
