import { UsagePoint } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { UsageStore } from './consumers.store.ts'

/** Rows of one statement: each takes eight of the 65,535 parameters there may be. */
const BATCH = 1000

export function sqlUsageStore(kysely: Kysely<Tables>): UsageStore {
  return {
    add: (uses, keysUsed) =>
      kysely.transaction().execute(async (transaction) => {
        // In one order, so that no two writers wait for each other.
        const rows = uses
          .map(({ projectId, consumerId, key, hour, ...use }) => ({
            project_id: projectId,
            consumer_id: consumerId,
            key_id: key,
            hour: new Date(hour).toISOString(),
            ...use,
          }))
          .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
        for (let start = 0; start < rows.length; start += BATCH)
          await transaction
            .insertInto('usage')
            .values(rows.slice(start, start + BATCH))
            .onConflict((conflict) =>
              conflict.columns(['consumer_id', 'hour', 'key_id', 'deployment', 'version']).doUpdateSet((row) => ({
                requests: sql`${row.ref('usage.requests')} + ${row.ref('excluded.requests')}`,
                failed: sql`${row.ref('usage.failed')} + ${row.ref('excluded.failed')}`,
              })),
            )
            .execute()
        for (const { key, at } of keysUsed)
          await transaction.updateTable('consumer_keys').set({ last_used_at: at }).where('id', '=', key).execute()
      }),
    async sums(day, month) {
      const { rows } = await sql<{ consumerId: string; today: number; thisMonth: number }>`
        select consumer_id as "consumerId", sum(requests) as "thisMonth",
          coalesce(sum(requests) filter (where hour >= ${day.toISOString()}::timestamptz), 0) as today
        from usage where hour >= ${month.toISOString()}::timestamptz
        group by consumer_id`.execute(kysely)
      return rows
    },
    async read(consumerId, from, step) {
      const { rows } = await sql<unknown>`
        select date_trunc(${step}, hour, 'UTC') as at, key_id as key, deployment, version,
          sum(requests) as requests, sum(failed) as failed
        from usage where consumer_id = ${consumerId} and hour >= ${from.toISOString()}::timestamptz
        group by 1, 2, 3, 4 order by 1, 2, 3, 4`.execute(kysely)
      return rows.map((row) => UsagePoint.parse(row))
    },
  }
}

const orderOf = (row: { consumer_id: string; hour: string; key_id: string; deployment: string; version: number }) =>
  `${row.consumer_id} ${row.hour} ${row.key_id} ${row.deployment} ${row.version}`
