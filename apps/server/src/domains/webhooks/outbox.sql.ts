import { randomUUID } from 'node:crypto'
import { Event, WebhookEvent } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import { PROMPT_TAG } from '../registry/registry.store.ts'
import { bodyOf, subjectOf, TOLD_KINDS } from './tellings.ts'
import type { DeliveryStore, Subject } from './webhooks.store.ts'

/** How far the events have been turned into deliveries: a row of the settings, locked by whoever goes on. */
const PLACE = 'webhooks'
const Place = z.object({ sequence: z.number().int() })

/** Events turned in one transaction: the embedded database answers nobody else meanwhile. */
const PAGE = 100

interface Listener {
  readonly id: string
  readonly projectId: string
  readonly since: number
  readonly events: readonly WebhookEvent[]
}

/** Events are written in the transaction of what they tell of, in the order of their numbers; whoever follows the numbers
 *  misses none. */
export async function enqueueDeliveries(
  kysely: Kysely<Tables>,
  tell: Parameters<DeliveryStore['enqueue']>[0],
): Promise<boolean> {
  // Nothing is locked while nothing has happened, which is nearly always.
  const { rows } = await sql<{ newest: number; come: number }>`select
      (select coalesce(max(sequence), 0) from events) as newest,
      coalesce((select (value->>'sequence')::bigint from settings where key = ${PLACE}), -1) as come`.execute(kysely)
  if (rows[0]!.newest === rows[0]!.come) return false
  return kysely.transaction().execute((transaction) => goOn(transaction, tell))
}

async function goOn(transaction: Transaction<Tables>, tell: Parameters<DeliveryStore['enqueue']>[0]): Promise<boolean> {
  await sql`insert into settings (key, value) values (${PLACE}, '{"sequence": 0}') on conflict do nothing`.execute(
    transaction,
  )
  const { value } = await transaction
    .selectFrom('settings')
    .select('value')
    .where('key', '=', PLACE)
    .forUpdate()
    .executeTakeFirstOrThrow()
  const come = Place.parse(value).sequence
  const listeners = await findListeners(transaction)
  const events = await eventsAfter(
    transaction,
    Math.max(come, Math.min(...listeners.map(({ since }) => since))),
    listeners,
  )
  for (const event of events) await tellListeners(transaction, event, listeners, tell)
  const isMore = events.length === PAGE
  const last = isMore ? events.at(-1)!.sequence : sql`(select coalesce(max(sequence), 0) from events)`
  await sql`update settings set value = jsonb_build_object('sequence', ${last}::bigint) where key = ${PLACE}`.execute(
    transaction,
  )
  return isMore
}

async function findListeners(transaction: Transaction<Tables>): Promise<Listener[]> {
  const rows = await transaction
    .selectFrom('webhooks')
    .select(['id', 'project_id', 'since', 'events'])
    .where('status', '=', 'ACTIVE')
    .orderBy('id')
    .execute()
  return rows.map(({ id, project_id, since, events }) => ({
    id,
    projectId: project_id,
    since,
    events: z.array(WebhookEvent).parse(events),
  }))
}

type ToldEvent = Event & { readonly projectId: string }

async function eventsAfter(
  transaction: Transaction<Tables>,
  sequence: number,
  listeners: readonly Listener[],
): Promise<ToldEvent[]> {
  if (listeners.length === 0) return []
  const rows = await transaction
    .selectFrom('events')
    .innerJoin('projects', 'projects.id', 'events.project_id')
    .select(['events.sequence', 'projects.name as project', 'events.project_id as projectId', 'events.kind'])
    .select(['events.subject', 'events.actor', 'events.at', 'events.document'])
    .where('events.sequence', '>', sequence)
    .where('events.kind', 'in', TOLD_KINDS)
    .where('events.project_id', 'in', [...new Set(listeners.map(({ projectId }) => projectId))])
    .orderBy('events.sequence')
    .limit(PAGE)
    .execute()
  return rows.map(({ projectId, ...row }) => ({ ...Event.parse(row), projectId }))
}

async function tellListeners(
  transaction: Transaction<Tables>,
  event: ToldEvent,
  listeners: readonly Listener[],
  tell: Parameters<DeliveryStore['enqueue']>[0],
): Promise<void> {
  const telling = tell(event, await subjectIn(transaction, event))
  if (telling === undefined) return
  const wanting = listeners.filter(
    ({ projectId, since, events }) =>
      projectId === event.projectId && since < event.sequence && events.includes(telling.event),
  )
  if (wanting.length === 0) return
  const { projectId: project_id, sequence } = event
  const body = bodyOf(telling, event.at)
  await transaction
    .insertInto('deliveries')
    .values(
      wanting.map(({ id: webhook_id }) => ({
        id: randomUUID(),
        webhook_id,
        project_id,
        sequence,
        event: telling.event,
        body,
        next_at: sql<string>`now()`,
      })),
    )
    .onConflict((conflict) => conflict.columns(['webhook_id', 'sequence', 'event']).doNothing())
    .execute()
}

const Tags = z.record(z.string(), z.string())
const SubjectRow = z.object({
  description: z.string(),
  tags: Tags,
  version: z.object({ source: z.string(), run: z.string().nullable(), description: z.string(), tags: Tags }).nullable(),
})

/** As it is now, which for a model that was renamed or removed since is nothing. */
async function subjectIn(transaction: Transaction<Tables>, event: ToldEvent): Promise<Subject> {
  const { model, version } = subjectOf(event)
  const { rows } = await sql`select m.description,
      (select coalesce(jsonb_object_agg(key, value), '{}') from model_tags where model_id = m.id) as tags,
      (select jsonb_build_object('source', v.source, 'run', v.run_id, 'description', v.description,
          'tags', (select coalesce(jsonb_object_agg(key, value), '{}') from version_tags where version_id = v.id))
        from versions as v where v.model_id = m.id and v.number = ${version ?? null}::int) as version
    from models as m where m.project_id = ${event.projectId} and m.name = ${model}`.execute(transaction)
  if (rows[0] === undefined) return { isPrompt: false, model: undefined, version: undefined }
  const { description, tags, version: found } = SubjectRow.parse(rows[0])
  return { isPrompt: tags[PROMPT_TAG] === 'true', model: { description, tags }, version: found ?? undefined }
}
