import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import { lockMembers } from './members.sql.ts'
import type { NewOwner, OwnershipStore } from './ownership.store.ts'

export function sqlOwnershipStore(kysely: Kysely<Tables>): OwnershipStore {
  return {
    handOver: (projectId, deployment, owner, actor) =>
      kysely.transaction().execute(async (transaction) => {
        await lockMembers(transaction, projectId)
        const row = await transaction
          .selectFrom('deployments')
          .select(['id', 'owner'])
          .where('project_id', '=', projectId)
          .where('name', '=', deployment)
          .forUpdate()
          .executeTakeFirst()
        if (!row) return 'no deployment'
        const id = await idOf(transaction, projectId, owner)
        if (id === undefined) return 'no owner'
        const next = `${owner.kind}:${id}`
        if (row.owner === next) return { event: undefined }
        await transaction.updateTable('deployments').set({ owner: next }).where('id', '=', row.id).execute()
        const [before, after] = [await nameOf(transaction, row.owner), shown(owner)]
        const event = await recordChange(transaction, {
          projectId,
          kind: 'deployment.handed-over',
          subject: deployment,
          actor,
          document: { from: before, to: after },
          before: { owner: before },
          after: { owner: after },
        })
        return { event }
      }),
  }
}

const shown = ({ kind, name }: { kind: string; name: string }) => (kind === 'account' ? `service:${name}` : name)

/** Undefined where they are not of the project, or cannot sign in. */
async function idOf(transaction: Transaction<Tables>, projectId: string, { kind, name }: NewOwner) {
  if (kind === 'account') {
    const accounts = transaction.selectFrom('service_accounts').select('id').where('project_id', '=', projectId)
    return (await accounts.where('name', '=', name).forKeyShare().executeTakeFirst())?.id
  }
  const person = await transaction
    .selectFrom('people')
    .select('id')
    .where('name', '=', name)
    .where('is_disabled', '=', false)
    .where((is) =>
      is.or([
        is('is_owner', '=', true),
        is.exists(
          is
            .selectFrom('members')
            .select('members.person_id')
            .whereRef('members.person_id', '=', 'people.id')
            .where('members.project_id', '=', projectId),
        ),
      ]),
    )
    .forKeyShare()
    .executeTakeFirst()
  return person?.id
}

/** As events name them; null for none, and for those who are gone. */
async function nameOf(transaction: Transaction<Tables>, owner: string | null): Promise<string | null> {
  const [kind = '', id = ''] = owner?.split(':', 2) ?? []
  if (kind === '') return null
  const table = kind === 'account' ? 'service_accounts' : 'people'
  const row = await transaction.selectFrom(table).select('name').where('id', '=', id).executeTakeFirst()
  return row ? shown({ kind, name: row.name }) : null
}
