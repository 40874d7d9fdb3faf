import { ACTS, ROLES } from '@stead/contracts'
import type { Act, Grants, Role } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { GateStore } from './gate.store.ts'
import type { Person, Scope } from './principal.ts'

export function sqlGateStore(kysely: Kysely<Tables>): GateStore {
  async function personOf(
    id: string,
    shown: Pick<Person, 'credential' | 'isSession' | 'scope'>,
  ): Promise<Person | undefined> {
    const person = await kysely
      .selectFrom('people')
      .select(['id', 'name', 'is_owner'])
      .where('id', '=', id)
      .where('is_disabled', '=', false)
      .executeTakeFirst()
    if (!person) return undefined
    const memberships = await kysely
      .selectFrom('members')
      .innerJoin('projects', 'projects.id', 'members.project_id')
      .select(['projects.name as project', 'members.project_id', 'members.roles', 'members.denies'])
      .where('members.person_id', '=', id)
      .execute()
    return {
      kind: 'person',
      id,
      name: person.name,
      isInstallationOwner: person.is_owner,
      grants: new Map(memberships.map((row) => [row.project_id, grantsIn(row)])),
      memberOf: new Map(memberships.map((row) => [row.project, row.project_id])),
      ...shown,
    }
  }

  return {
    async hasOwner() {
      const owner = await kysely
        .selectFrom('people')
        .select('id')
        .where('is_owner', '=', true)
        .limit(1)
        .executeTakeFirst()
      return owner !== undefined
    },
    async byToken(hash) {
      const token = await kysely
        .selectFrom('tokens')
        .select(['id', 'kind', 'person_id', 'account_id', 'projects', 'acts'])
        .where('hash', '=', hash)
        .where((is) => is.or([is('expires_at', 'is', null), is('expires_at', '>', sql<string>`now()`)]))
        .executeTakeFirst()
      if (!token) return undefined
      const scope = scopeIn(token)
      if (token.person_id !== null) return personOf(token.person_id, { credential: token.id, isSession: false, scope })
      if (token.account_id === null) return { kind: 'runner', credential: token.id }
      const account = await kysely
        .selectFrom('service_accounts')
        .innerJoin('projects', 'projects.id', 'service_accounts.project_id')
        .select([
          'service_accounts.id',
          'service_accounts.name',
          'service_accounts.project_id',
          'service_accounts.roles',
          'service_accounts.denies',
          'projects.name as project',
        ])
        .where('service_accounts.id', '=', token.account_id)
        .executeTakeFirst()
      return (
        account && {
          kind: 'account',
          id: account.id,
          name: account.name,
          projectId: account.project_id,
          project: account.project,
          grants: grantsIn(account),
          credential: token.id,
          scope,
        }
      )
    },
    async bySession(hash, idleMs) {
      const session = await kysely
        .selectFrom('sessions')
        .select(['id', 'person_id'])
        .where('hash', '=', hash)
        .where('expires_at', '>', sql<string>`now()`)
        .where('seen_at', '>', sql<string>`now() - ${idleMs} * interval '1 millisecond'`)
        .executeTakeFirst()
      return (
        session &&
        personOf(session.person_id, {
          credential: session.id,
          isSession: true,
          scope: { projects: null, acts: null },
        })
      )
    },
    async touch(kind, id) {
      if (kind === 'token')
        await kysely
          .updateTable('tokens')
          .set({ last_used_at: sql<string>`now()` })
          .where('id', '=', id)
          .execute()
      else
        await kysely
          .updateTable('sessions')
          .set({ seen_at: sql<string>`now()` })
          .where('id', '=', id)
          .execute()
    },
  }
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

const isRole = (text: string): text is Role => ROLES.some((role) => role === text)
const isAct = (text: string): text is Act => Object.hasOwn(ACTS, text)

/** A role that this Stead does not know allows nothing. */
export const grantsIn = ({ roles, denies }: { roles: unknown; denies: unknown }): Grants => ({
  roles: texts(roles).filter(isRole),
  denies: texts(denies),
})

const scopeIn = ({ projects, acts }: { projects: unknown; acts: unknown }): Scope => ({
  projects: projects === null ? null : texts(projects),
  acts: acts === null ? null : texts(acts).filter(isAct),
})
