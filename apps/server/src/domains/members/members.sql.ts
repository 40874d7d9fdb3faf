import { DeploymentName, Member } from '@stead/contracts'
import type { AccountName, Grants } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import { grantsIn } from '../access/gate.sql.ts'
import type { MemberStore, Standing } from './members.store.ts'

export function sqlMemberStore(kysely: Kysely<Tables>): MemberStore {
  return {
    list: (projectId) => readMembers(kysely, projectId),
    set: (projectId, person, grants, actor, objection) =>
      kysely.transaction().execute(async (transaction) => {
        await lockMembers(transaction, projectId)
        const standing = await standingOf(transaction, projectId, person)
        if (!standing) return undefined
        objection(standing)
        const event = isSame(standing.grants, grants)
          ? undefined
          : await write(transaction, { projectId, person, actor, standing }, grants)
        const member = (await readMembers(transaction, projectId, person))[0]
        if (!member) throw new Error(`"${person}" was made a member and is none`)
        return { member, event }
      }),
    remove: (projectId, person, actor, objection) =>
      kysely.transaction().execute(async (transaction) => {
        await lockMembers(transaction, projectId)
        const standing = await standingOf(transaction, projectId, person)
        if (!standing) return undefined
        objection(standing)
        await transaction
          .deleteFrom('members')
          .where('project_id', '=', projectId)
          .where('person_id', '=', standing.personId)
          .execute()
        const subject = `member ${person}`
        return recordChange(transaction, { projectId, kind: 'member.removed', subject, actor, before: standing.grants })
      }),
  }
}

/** The project's row is the queue of those who change its members or who answers for what. Rows that refer to it are
 *  written meanwhile as ever. */
export async function lockMembers(transaction: Transaction<Tables>, projectId: string): Promise<void> {
  await transaction.selectFrom('projects').select('id').where('id', '=', projectId).forNoKeyUpdate().execute()
}

/** The deployments of a project that somebody answers for, by name. */
export async function deploymentsOf(db: Kysely<Tables>, projectId: string, owner: string): Promise<DeploymentName[]> {
  const rows = await db
    .selectFrom('deployments')
    .select('name')
    .where('project_id', '=', projectId)
    .where('owner', '=', owner)
    .orderBy('name')
    .execute()
  return rows.map(({ name }) => DeploymentName.parse(name))
}

async function standingOf(
  transaction: Transaction<Tables>,
  projectId: string,
  name: AccountName,
): Promise<Standing | undefined> {
  const person = await transaction
    .selectFrom('people')
    .select(['id', 'is_owner', 'is_disabled'])
    .where('name', '=', name)
    .forKeyShare()
    .executeTakeFirst()
  if (!person) return undefined
  const members = await transaction
    .selectFrom('members')
    .innerJoin('people', 'people.id', 'members.person_id')
    .select(['members.person_id', 'members.roles', 'members.denies', 'people.is_disabled'])
    .where('members.project_id', '=', projectId)
    .execute()
  const own = members.find((row) => row.person_id === person.id)
  return {
    personId: person.id,
    isInstallationOwner: person.is_owner,
    isDisabled: person.is_disabled,
    grants: own && grantsIn(own),
    others: members.filter((row) => row.person_id !== person.id && !row.is_disabled).map(grantsIn),
    deployments: await deploymentsOf(transaction, projectId, `person:${person.id}`),
  }
}

interface Write {
  readonly projectId: string
  readonly person: AccountName
  readonly actor: string
  readonly standing: Standing
}

async function write(transaction: Transaction<Tables>, { projectId, person, actor, standing }: Write, grants: Grants) {
  const { roles, denies } = grants
  await transaction
    .insertInto('members')
    .values({ project_id: projectId, person_id: standing.personId, roles, denies })
    .onConflict((conflict) => conflict.columns(['project_id', 'person_id']).doUpdateSet({ roles, denies }))
    .execute()
  const subject = `member ${person}`
  const states = { before: standing.grants, after: grants, document: { ...grants } }
  return recordChange(transaction, { projectId, kind: 'member.set', subject, actor, ...states })
}

const isSame = (before: Grants | undefined, after: Grants) => JSON.stringify(before) === JSON.stringify(after)

async function readMembers(db: Kysely<Tables>, projectId: string, only?: AccountName): Promise<Member[]> {
  let query = db
    .selectFrom('people')
    .leftJoin('members', (join) =>
      join.onRef('members.person_id', '=', 'people.id').on('members.project_id', '=', projectId),
    )
    .select([
      'people.name',
      'people.display_name as displayName',
      'people.is_owner as isInherited',
      'members.roles',
      'members.denies',
      sql<string>`coalesce(members.created_at, people.created_at)`.as('since'),
      sql<string[]>`(
        select coalesce(jsonb_agg(deployments.name order by deployments.name), '[]') from deployments
        where deployments.project_id = ${projectId} and deployments.owner = 'person:' || people.id
      )`.as('deployments'),
    ])
    .where((is) => is.or([is('people.is_owner', '=', true), is('members.person_id', 'is not', null)]))
  if (only !== undefined) query = query.where('people.name', '=', only)
  const rows = await query.orderBy('people.name').execute()
  return rows.map(({ roles, denies, ...row }) => {
    const own = grantsIn({ roles, denies })
    return Member.parse({ ...row, ...own, roles: row.isInherited ? ['owner'] : own.roles })
  })
}
