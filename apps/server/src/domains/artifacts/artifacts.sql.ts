import type { Artifact, Digest } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
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
    own: (projectId, artifact) =>
      kysely.transaction().execute(async (transaction) => {
        if (!(await ownArtifact(transaction, projectId, artifact))) return
        const { digest, size } = artifact
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

/** Makes an artifact the project's, within the transaction of whatever names it; true if it was not yet. Until the end
 *  of the transaction it cannot be collected, and for a while afterwards it counts as young. */
export async function ownArtifact(
  transaction: Transaction<Tables>,
  projectId: string,
  { digest, size }: Artifact,
): Promise<boolean> {
  // The row is locked even where the condition spares it the writing.
  const { rows } = await sql<{ is_new: boolean }>`
    insert into artifacts (project_id, digest, size) values (${projectId}, ${digest}, ${size})
    on conflict (project_id, digest) do update set created_at = excluded.created_at
      where artifacts.created_at < excluded.created_at - interval '10 minutes'
    returning xmax = 0 as is_new`.execute(transaction)
  return rows[0]?.is_new === true
}

/** Keeps artifacts of the project from being collected until the end of the transaction, which is about to name them.
 *  Gives back those that are there. */
export async function holdArtifacts(
  transaction: Transaction<Tables>,
  projectId: string,
  digests: readonly Digest[],
): Promise<ReadonlySet<string>> {
  const rows = await transaction
    .selectFrom('artifacts')
    .select('digest')
    .where('project_id', '=', projectId)
    .where('digest', 'in', digests.length === 0 ? [''] : [...digests])
    .orderBy('digest')
    .forKeyShare()
    .execute()
  return new Set(rows.map(({ digest }) => digest))
}
