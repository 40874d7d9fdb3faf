import type { Event } from '@stead/contracts'
import type { Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { appendEvent } from '../events/events.sql.ts'
import type { NewEvent } from '../events/events.ts'
import { appendAudit } from './audit.sql.ts'
import type { NewEntry } from './audit.store.ts'

/** A change of state, as the activity feed tells it, and what the audit log says besides. */
export type Recorded = NewEvent & Pick<NewEntry, 'digest' | 'before' | 'after' | 'reason'>

/** Writes an entry of the audit log and an event within the transaction of the change, in the order in which everybody
 *  locks the two. Call it last, and publish the event after the commit. */
export async function recordChange(
  transaction: Transaction<Tables>,
  { digest, before, after, reason, ...event }: Recorded,
): Promise<Event> {
  const { projectId, kind: act, subject, actor } = event
  await appendAudit(transaction, { projectId, act, subject, actor, digest, before, after, reason })
  return appendEvent(transaction, event)
}
