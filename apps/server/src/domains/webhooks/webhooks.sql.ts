import { type Event, ListedWebhook, LostSecret, Webhook } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import type { KeptWebhook, NewWebhook, WebhookChange, WebhookStore } from './webhooks.store.ts'

const COLUMNS = ['id', 'name', 'description', 'url', 'events', 'status', 'secret', 'created_at', 'updated_at'] as const

/** Of the newest delivery that was tried. */
const LAST = sql`(select jsonb_build_object('id', d.id, 'event', d.event, 'state', d.state, 'attempts', d.attempts,
    'nextAt', to_char(d.next_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'attempt', d.log->-1)
  from deliveries as d where d.webhook_id = webhooks.id and d.attempts > 0 order by d.created_at desc, d.id limit 1)`

export function sqlWebhookStore(kysely: Kysely<Tables>): WebhookStore {
  const rows = (projectId: string) => kysely.selectFrom('webhooks').select(COLUMNS).where('project_id', '=', projectId)
  return {
    async list(projectId) {
      const found = await rows(projectId).select(LAST.as('last')).orderBy('created_at').orderBy('id').execute()
      return found.map(({ last, ...row }) => ({ ...keptIn(row), last: ListedWebhook.shape.last.parse(last) }))
    },
    async sealed() {
      const found = await kysely
        .selectFrom('webhooks')
        .innerJoin('projects', 'projects.id', 'webhooks.project_id')
        .select(['projects.name as project', 'webhooks.id as webhook', 'webhooks.name', 'webhooks.secret'])
        .where('webhooks.secret', 'is not', null)
        .orderBy('projects.name')
        .orderBy('webhooks.created_at')
        .orderBy('webhooks.id')
        .execute()
      return found.map(({ secret, ...row }) => ({ ...LostSecret.parse(row), secret: secret! }))
    },
    async find(projectId, id) {
      const row = await rows(projectId).where('id', '=', id).executeTakeFirst()
      return row && keptIn(row)
    },
    create: (projectId, webhook, actor, most) =>
      kysely.transaction().execute(async (transaction) => {
        const { count } = await transaction
          .selectFrom('webhooks')
          .select(sql<number>`count(*)`.as('count'))
          .where('project_id', '=', projectId)
          .executeTakeFirstOrThrow()
        if (count >= most) return 'full'
        await transaction
          .insertInto('webhooks')
          .values({ ...webhook, project_id: projectId, since: 0 })
          .execute()
        return tellAfter(
          transaction,
          await record(transaction, 'created', { projectId, actor }, { after: webhook }),
          webhook,
        )
      }),
    change: (projectId, id, change, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom('webhooks')
          .select(COLUMNS)
          .where('project_id', '=', projectId)
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst()
        if (!row) return 'gone'
        const before = keptIn(row)
        const given = Object.fromEntries(
          Object.entries(change).filter(([, value]) => value !== undefined),
        ) as WebhookChange
        const after = { ...before, ...given }
        const { name, description, url, events, status, secret } = after
        const written = { name, description, url, events, status, secret, updated_at: sql<string>`now()` }
        await transaction.updateTable('webhooks').set(written).where('id', '=', id).execute()
        const event = await record(transaction, 'changed', { projectId, actor }, { before, after })
        // What happened while it was disabled is not told later.
        return before.status === 'DISABLED' && status === 'ACTIVE' ? tellAfter(transaction, event, { id }) : event
      }),
    remove: (projectId, id, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await transaction
          .deleteFrom('webhooks')
          .where('project_id', '=', projectId)
          .where('id', '=', id)
          .returning(COLUMNS)
          .executeTakeFirst()
        return row ? record(transaction, 'deleted', { projectId, actor }, { before: keptIn(row) }) : 'gone'
      }),
  }
}

function keptIn({ created_at, updated_at, secret, ...row }: Record<(typeof COLUMNS)[number], unknown>): KeptWebhook {
  const kept = secret as string | null
  return {
    ...Webhook.parse({ ...row, hasSecret: kept !== null, createdAt: created_at, updatedAt: updated_at }),
    secret: kept,
  }
}

/** Told of what comes after this event, whose number is known only now: the locks of the log and of the events are taken
 *  in the order in which everybody takes them. */
async function tellAfter(
  transaction: Transaction<Tables>,
  event: Event,
  { id }: Pick<NewWebhook, 'id'>,
): Promise<Event> {
  await transaction.updateTable('webhooks').set({ since: event.sequence }).where('id', '=', id).execute()
  return event
}

interface Told {
  readonly before?: NewWebhook
  readonly after?: NewWebhook
}

function record(
  transaction: Transaction<Tables>,
  what: 'created' | 'changed' | 'deleted',
  who: { readonly projectId: string; readonly actor: string },
  { before, after }: Told,
) {
  const { name, id } = (after ?? before)!
  const described = { before: before && auditOf(before), after: after && auditOf(after) }
  return recordChange(transaction, { ...who, ...described, kind: `webhook.${what}`, subject: name, document: { id } })
}

/** Paths of addresses often are secrets: of those the log has the host alone. */
const auditOf = ({ name, description, url, events, status, secret }: NewWebhook) => ({
  name,
  description,
  host: new URL(url).origin,
  events,
  status,
  isSigned: secret !== null,
})
