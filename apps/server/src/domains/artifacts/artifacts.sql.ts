import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { appendAudit } from '../audit/audit.sql.ts'
import type { ArtifactOwners } from './artifacts.ts'

export function sqlArtifactOwners(kysely: Kysely<Tables>): ArtifactOwners {
  return {
    async sizeIn(projectId, digest) {
      const row = await kysely
        .selectFrom('artifacts')
        .select('size')
        .where('project_id', '=', projectId)
        .where('digest', '=', digest)
        .executeTakeFirst()
      return row?.size
    },
    own: (projectId, { digest, size }) =>
      kysely.transaction().execute(async (transaction) => {
        const { numInsertedOrUpdatedRows = 0n } = await transaction
          .insertInto('artifacts')
          .values({ project_id: projectId, digest, size })
          .onConflict((conflict) => conflict.columns(['project_id', 'digest']).doNothing())
          .executeTakeFirst()
        if (numInsertedOrUpdatedRows === 0n) return
        await appendAudit(transaction, { projectId, act: 'artifact.stored', subject: digest, digest, after: { size } })
      }),
    async total() {
      const { rows } = await sql<{ count: number; size: number }>`
        select count(*) as count, coalesce(sum(size), 0) as size
        from (select max(size) as size from artifacts group by digest) as each`.execute(kysely)
      return rows[0] ?? { count: 0, size: 0 }
    },
  }
}
