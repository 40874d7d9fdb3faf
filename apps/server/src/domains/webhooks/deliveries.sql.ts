import { Delivery } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { enqueueDeliveries } from './outbox.sql.ts'
import type { DeliveryStore, DueDelivery } from './webhooks.store.ts'

/** Attempts that are remembered of a delivery. */
const MOST_ATTEMPTS = 20

const COLUMNS = sql`d.id, d.event, d.sequence, d.state, d.attempts, d.next_at as "nextAt", d.log, d.body,
  d.created_at as "createdAt"`

export function sqlDeliveryStore(kysely: Kysely<Tables>): DeliveryStore {
  return {
    enqueue: (tell) => enqueueDeliveries(kysely, tell),
    async due(now, limit, except) {
      const { rows } = await sql<DueDelivery>`select * from (select distinct on (d.webhook_id)
          d.id, d.webhook_id as webhook, w.url, w.secret, d.body, d.attempts, d.created_at as "createdAt"
        from deliveries as d join webhooks as w on w.id = d.webhook_id
        where d.state = 'pending' and d.next_at <= ${now} and w.status = 'ACTIVE'
          and d.webhook_id <> all (array(select jsonb_array_elements_text(${JSON.stringify(except)}::jsonb)))
        order by d.webhook_id, d.created_at, d.sequence, d.id) as first
        order by "createdAt", id limit ${limit}`.execute(kysely)
      return rows
    },
    async settle(id, attempt, outcome) {
      const state = outcome.is === 'again' ? 'pending' : outcome.is
      const next = outcome.is === 'again' ? outcome.at : null
      const added = JSON.stringify([attempt])
      await sql`update deliveries set attempts = attempts + 1, state = ${state}, next_at = ${next},
        log = case when jsonb_array_length(log) >= ${MOST_ATTEMPTS}::int then (log - 0) || ${added}::jsonb else log || ${added}::jsonb end
        where id = ${id}`.execute(kysely)
    },
    async list(projectId, webhook, { after, limit }) {
      const place = after
        ? sql`(d.created_at < ${after.createdAt}::timestamptz or (d.created_at = ${after.createdAt}::timestamptz and d.id > ${after.id}))`
        : sql`true`
      const { rows } = await sql`select ${COLUMNS} from deliveries as d
        where d.project_id = ${projectId} and d.webhook_id = ${webhook} and ${place}
        order by d.created_at desc, d.id limit ${limit}`.execute(kysely)
      return rows.map((row) => Delivery.parse(row))
    },
    async repeat(projectId, webhook, delivery, id, now) {
      const { rows } = await sql`insert into deliveries as d (id, webhook_id, project_id, event, body, next_at)
        select ${id}, webhook_id, project_id, event, body, ${now}::timestamptz from deliveries
        where project_id = ${projectId} and webhook_id = ${webhook} and id = ${delivery}
        returning ${COLUMNS}`.execute(kysely)
      return rows[0] === undefined ? undefined : Delivery.parse(rows[0])
    },
    async prune(before, most) {
      await sql`delete from deliveries where id in (
        select id from (
          select id, created_at, row_number() over (partition by webhook_id order by created_at desc, id) as place
          from deliveries where state <> 'pending'
        ) as ended where created_at < ${before} or place > ${most} limit 10000)`.execute(kysely)
    },
  }
}
