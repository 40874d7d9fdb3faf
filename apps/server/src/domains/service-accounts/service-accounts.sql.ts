import { randomUUID } from 'node:crypto'
import { ServiceAccount } from '@stead/contracts'
import type { AccountName, Grants } from '@stead/contracts'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import { grantsIn } from '../access/gate.sql.ts'
import { deploymentsOf, lockMembers } from '../members/members.sql.ts'
import type { AccountStore } from './service-accounts.store.ts'
import { readTokens } from '../tokens/tokens.sql.ts'

export function sqlAccountStore(kysely: Kysely<Tables>): AccountStore {
  return {
    async list(projectId) {
      const rows = await rowsOf(kysely, projectId).orderBy('name').execute()
      return Promise.all(rows.map((row) => readAccount(kysely, row)))
    },
    find: (projectId, name) => rowsOf(kysely, projectId).where('name', '=', name).executeTakeFirst(),
    create: (projectId, { name, description, roles, denies }, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await transaction
          .insertInto('service_accounts')
          .values({ id: randomUUID(), project_id: projectId, name, description, roles, denies })
          .onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing())
          .returningAll()
          .executeTakeFirst()
        if (!row) return undefined
        const account = await readAccount(transaction, row)
        const after = factsOf(account)
        const event = await record(transaction, { projectId, kind: 'account.created', name, actor, after })
        return { account, event }
      }),
    change: (projectId, name, change, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await rowsOf(transaction, projectId).where('name', '=', name).forUpdate().executeTakeFirst()
        if (!row) return undefined
        const account = await readAccount(transaction, row)
        const before = factsOf(account)
        const after = {
          description: change.description ?? before.description,
          roles: change.roles ?? before.roles,
          denies: change.denies ?? before.denies,
        }
        if (JSON.stringify(before) === JSON.stringify(after)) return { account, event: undefined }
        await transaction.updateTable('service_accounts').set(after).where('id', '=', row.id).execute()
        const event = await record(transaction, { projectId, kind: 'account.changed', name, actor, before, after })
        return { account: ServiceAccount.parse({ ...account, ...after }), event }
      }),
    remove: (projectId, name, actor, objection) =>
      kysely.transaction().execute(async (transaction) => {
        await lockMembers(transaction, projectId)
        const row = await rowsOf(transaction, projectId).where('name', '=', name).forUpdate().executeTakeFirst()
        if (!row) return undefined
        const account = await readAccount(transaction, row)
        objection(account.deployments)
        const before = factsOf(account)
        await transaction.deleteFrom('service_accounts').where('id', '=', row.id).execute()
        return record(transaction, { projectId, kind: 'account.deleted', name, actor, before })
      }),
  }
}

const rowsOf = (db: Kysely<Tables>, projectId: string) =>
  db.selectFrom('service_accounts').selectAll().where('project_id', '=', projectId)

interface Row {
  readonly id: string
  readonly project_id: string
  readonly name: string
  readonly description: string
  readonly roles: unknown
  readonly denies: unknown
  readonly created_at: string
}

async function readAccount(db: Kysely<Tables>, { id, project_id, name, description, created_at, ...row }: Row) {
  const deployments = await deploymentsOf(db, project_id, `account:${id}`)
  const tokens = await readTokens(db, { kind: 'account', id })
  return ServiceAccount.parse({ name, description, ...grantsIn(row), createdAt: created_at, deployments, tokens })
}

type Facts = Grants & Pick<ServiceAccount, 'description'>
const factsOf = ({ description, roles, denies }: ServiceAccount): Facts => ({ description, roles, denies })

interface Changed {
  readonly projectId: string
  readonly kind: string
  readonly name: AccountName
  readonly actor: string
  readonly before?: Facts
  readonly after?: Facts
}

async function record(transaction: Transaction<Tables>, { projectId, kind, name, actor, before, after }: Changed) {
  const subject = `service:${name}`
  const document = after ? { roles: after.roles, denies: after.denies } : {}
  return recordChange(transaction, { projectId, kind, subject, actor, document, before, after })
}
