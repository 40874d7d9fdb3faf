import { randomUUID } from 'node:crypto'
import { AccountName } from '@stead/contracts'
import type { Kysely } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { Person } from '../access/principal.ts'

/** A person in the database, as the gate would know them by a session. */
export async function addPerson(
  kysely: Kysely<Tables>,
  name: string,
  more: { readonly isOwner?: boolean; readonly isDisabled?: boolean } = {},
): Promise<Person & { readonly name: AccountName }> {
  const { isOwner = false, isDisabled = false } = more
  const id = randomUUID()
  await kysely
    .insertInto('people')
    .values({ id, name, display_name: name, is_owner: isOwner, is_disabled: isDisabled })
    .execute()
  return {
    kind: 'person',
    id,
    name: AccountName.parse(name),
    isInstallationOwner: isOwner,
    grants: new Map(),
    memberOf: new Map(),
    credential: `session of ${name}`,
    isSession: true,
    scope: { projects: null, acts: null },
  }
}

/** What the audit log holds, oldest first, without what every entry has. */
export async function auditOf(kysely: Kysely<Tables>) {
  const rows = await kysely.selectFrom('audit').select(['chain', 'entry']).orderBy('at').orderBy('sequence').execute()
  return rows.map(({ chain, entry }) => {
    const { act, actor, subject, before, after } = JSON.parse(entry) as Record<string, unknown>
    return { chain, act, actor, subject, before, after }
  })
}
