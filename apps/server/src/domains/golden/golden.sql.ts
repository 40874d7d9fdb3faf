import { randomUUID } from 'node:crypto'
import { GoldenRequest } from '@stead/contracts'
import type { Kysely } from 'kysely'
import { isForeignKeyViolation } from '../../database/failures.ts'
import type { Tables } from '../../database/tables.ts'
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
    async add(projectId, deploymentId, { name, request, assertion }) {
      try {
        const row = await kysely
          .insertInto('golden_requests')
          .values({ id: randomUUID(), project_id: projectId, deployment_id: deploymentId, name, request, assertion })
          .onConflict((conflict) => conflict.columns(['deployment_id', 'name']).doNothing())
          .returning('created_at')
          .executeTakeFirst()
        return row && { name, request, assertion, createdAt: row.created_at }
      } catch (error) {
        if (isForeignKeyViolation(error, 'golden_requests_deployment_fk')) return 'deployment_gone'
        throw error
      }
    },
    async remove(deploymentId, name) {
      const { numDeletedRows } = await kysely
        .deleteFrom('golden_requests')
        .where('deployment_id', '=', deploymentId)
        .where('name', '=', name)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
  }
}
