import { randomUUID } from 'node:crypto'
import { GoldenRequest } from '@stead/contracts'
import type { Kysely } from 'kysely'
import { isForeignKeyViolation } from '../../database/failures.ts'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import type { GoldenStore } from './golden.store.ts'

export function sqlGoldenStore(kysely: Kysely<Tables>): GoldenStore {
  return {
    async list(deploymentId) {
      const rows = await kysely
        .selectFrom('golden_requests')
        .select(['name', 'request', 'assertion', 'created_at as createdAt'])
        .where('deployment_id', '=', deploymentId)
        .orderBy('created_at')
        .orderBy('name')
        .execute()
      return rows.map((row) => GoldenRequest.parse(row))
    },
    async add({ id, projectId, name: deployment }, { name, request, assertion }, actor) {
      try {
        return await kysely.transaction().execute(async (transaction) => {
          const row = await transaction
            .insertInto('golden_requests')
            .values({ id: randomUUID(), project_id: projectId, deployment_id: id, name, request, assertion })
            .onConflict((conflict) => conflict.columns(['deployment_id', 'name']).doNothing())
            .returning('created_at')
            .executeTakeFirst()
          if (!row) return undefined
          const subject = `${deployment}/${name}`
          // What must hold, not what is asked: requests may be of people.
          const after = { assertion: assertion.kind }
          const event = await recordChange(transaction, { projectId, kind: 'golden.added', subject, actor, after })
          return { golden: { name, request, assertion, createdAt: row.created_at }, event }
        })
      } catch (error) {
        if (isForeignKeyViolation(error, 'golden_requests_deployment_fk')) return 'deployment_gone'
        throw error
      }
    },
    remove: ({ id, projectId, name: deployment }, name, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('golden_requests')
          .where('deployment_id', '=', id)
          .where('name', '=', name)
          .executeTakeFirst()
        if (numDeletedRows === 0n) return undefined
        const subject = `${deployment}/${name}`
        return recordChange(transaction, { projectId, kind: 'golden.removed', subject, actor })
      }),
  }
}
