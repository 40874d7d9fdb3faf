import { randomUUID } from 'node:crypto'
import { Person } from '@stead/contracts'
import type { AccountName } from '@stead/contracts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { People } from '../../database/tables-access.ts'
import type { Tables } from '../../database/tables.ts'
import { appendAudit } from '../audit/audit.sql.ts'
import type { KnownPerson, NewPerson, PeopleStore, PersonChange, Standing } from './people.store.ts'

/** More than a person wants to read in a refusal. */
const MOST_NAMED = 100

export function sqlPeopleStore(kysely: Kysely<Tables>): PeopleStore {
  return {
    async list() {
      const rows = await kysely
        .selectFrom('people')
        .selectAll('people')
        .select(
          sql<string | null>`greatest(
            people.seen_at,
            (select max(sessions.seen_at) from sessions where sessions.person_id = people.id),
            (select max(tokens.last_used_at) from tokens where tokens.person_id = people.id)
          )`.as('last_seen'),
        )
        .orderBy('people.name')
        .execute()
      return rows.map((row) => personIn({ ...row, seen_at: row.last_seen }))
    },
    async create(person) {
      const made = await kysely.transaction().execute((transaction) => insertPerson(transaction, person))
      return made && Person.parse(made)
    },
    change: (name, change, judge, keepSession) =>
      kysely.transaction().execute(async (transaction) => {
        const standing = await lockStanding(transaction, name)
        if (!standing) return undefined
        judge(standing)
        return changePerson(transaction, standing.person, change, keepSession)
      }),
    remove: (name, judge) =>
      kysely.transaction().execute(async (transaction) => {
        const standing = await lockStanding(transaction, name)
        if (!standing) return false
        judge(standing)
        const memberships = await membershipsOf(transaction, standing.person.id)
        await transaction.deleteFrom('people').where('id', '=', standing.person.id).execute()
        await appendAudit(transaction, {
          projectId: null,
          act: 'person.deleted',
          subject: `person ${name}`,
          before: { ...told(standing.person), memberships },
        })
        return true
      }),
  }
}

/** Undefined when the name is taken. */
export async function insertPerson(
  transaction: Transaction<Tables>,
  person: NewPerson & { readonly sso?: { readonly issuer: string; readonly subject: string } },
  actor?: string,
): Promise<KnownPerson | undefined> {
  const row = await transaction
    .insertInto('people')
    .values({
      id: randomUUID(),
      name: person.name,
      display_name: person.displayName,
      password_hash: person.passwordHash,
      is_owner: person.isInstallationOwner,
      sso_issuer: person.sso?.issuer ?? null,
      sso_subject: person.sso?.subject ?? null,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!row) return undefined
  const made = knownIn(row)
  await appendAudit(transaction, {
    projectId: null,
    act: 'person.created',
    subject: `person ${person.name}`,
    after: { ...told(made), ...(person.sso ? { issuer: person.sso.issuer } : {}) },
    ...(actor === undefined ? {} : { actor }),
  })
  return made
}

/** Locks the person and all owners, in the order of ids so that two who change each other do not wait for ever. */
async function lockStanding(transaction: Transaction<Tables>, name: AccountName): Promise<Standing | undefined> {
  // The queues of those who change members, and before any person, in the order in which those take them.
  await sql`select projects.id from projects where exists (
    select 1 from members join people on people.id = members.person_id
    where members.project_id = projects.id and people.name = ${name}
  ) order by projects.id for no key update`.execute(transaction)
  const rows = await transaction
    .selectFrom('people')
    .selectAll()
    .where((is) => is.or([is('name', '=', name), is('is_owner', '=', true)]))
    .orderBy('id')
    .forUpdate()
    .execute()
  const row = rows.find((one) => one.name === name)
  if (!row) return undefined
  const owned = await transaction
    .selectFrom('deployments')
    .select('name')
    .where('owner', '=', `person:${row.id}`)
    .orderBy('name')
    .limit(MOST_NAMED)
    .execute()
  return {
    person: knownIn(row),
    otherOwners: rows.filter((one) => one.name !== name && one.is_owner && !one.is_disabled).length,
    deployments: owned.map((deployment) => deployment.name),
    ownsAlone: await ownedAlone(transaction, row.id),
  }
}

async function ownedAlone(transaction: Transaction<Tables>, personId: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select projects.name from projects
    join members as own on own.project_id = projects.id and own.person_id = ${personId} and own.roles ? 'owner'
    where not exists (
      select 1 from members join people on people.id = members.person_id
      where members.project_id = projects.id and members.person_id <> ${personId}
        and members.roles ? 'owner' and not people.is_disabled
    ) order by projects.name limit ${MOST_NAMED}`.execute(transaction)
  return rows.map(({ name }) => name)
}

/** By project: they go with the person. */
async function membershipsOf(transaction: Transaction<Tables>, personId: string) {
  const rows = await transaction
    .selectFrom('members')
    .innerJoin('projects', 'projects.id', 'members.project_id')
    .select(['projects.name', 'members.roles', 'members.denies'])
    .where('members.person_id', '=', personId)
    .orderBy('projects.name')
    .execute()
  return Object.fromEntries(rows.map(({ name, roles, denies }) => [name, { roles, denies }]))
}

async function changePerson(
  transaction: Transaction<Tables>,
  before: KnownPerson,
  change: PersonChange,
  keepSession: string | undefined,
): Promise<Person> {
  const row = await transaction
    .updateTable('people')
    .set({
      display_name: change.displayName ?? before.displayName,
      is_owner: change.isInstallationOwner ?? before.isInstallationOwner,
      is_disabled: change.isDisabled ?? before.isDisabled,
      ...(change.passwordHash === undefined ? {} : { password_hash: change.passwordHash }),
    })
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  if (change.passwordHash !== undefined || change.isDisabled === true) {
    const sessions = transaction.deleteFrom('sessions').where('person_id', '=', before.id)
    await (keepSession === undefined ? sessions : sessions.where('id', '!=', keepSession)).execute()
  }
  const after = knownIn(row)
  await appendAudit(transaction, {
    projectId: null,
    act: 'person.changed',
    subject: `person ${before.name}`,
    before: told(before),
    after: { ...told(after), ...(change.passwordHash === undefined ? {} : { hasNewPassword: true }) },
  })
  return Person.parse(after)
}

const told = ({ displayName, isInstallationOwner, isDisabled, hasPassword }: KnownPerson) => ({
  displayName,
  isInstallationOwner,
  isDisabled,
  hasPassword,
})

export function personIn(row: Selectable<People>): Person {
  return Person.parse({
    name: row.name,
    displayName: row.display_name,
    isInstallationOwner: row.is_owner,
    hasPassword: row.password_hash !== null,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    isDisabled: row.is_disabled,
  })
}

const knownIn = (row: Selectable<People>): KnownPerson => ({ ...personIn(row), id: row.id })
