import { type AliasName, Digest, type Event, type ModelName, type VersionNumber } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { isForeignKeyViolation } from '../../database/failures.ts'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import { touchModel } from './tag-rows.sql.ts'

/** How aliases are moved: each move tells where the alias was before. */

interface MovedAlias {
  readonly projectId: string
  readonly model: ModelName
  readonly alias: AliasName
  readonly actor: string
}

export async function setAlias(
  kysely: Kysely<Tables>,
  moved: MovedAlias,
  version: VersionNumber,
): Promise<Event | undefined> {
  try {
    return await kysely.transaction().execute(async (transaction) => {
      const place = await placeOf(transaction, moved)
      if (!place) return undefined
      await transaction
        .insertInto('aliases')
        .values({ model_id: place.id, project_id: moved.projectId, alias: moved.alias, version_number: version })
        .onConflict((conflict) =>
          conflict
            .columns(['model_id', 'alias'])
            .doUpdateSet({ version_number: version, updated_at: sql<string>`now()` }),
        )
        .execute()
      await touchModel(transaction, moved.projectId, moved.model)
      const digest = await digestOf(transaction, place.id, version)
      return recordChange(transaction, {
        ...described(moved),
        kind: 'alias.set',
        document: { version },
        digest,
        before: place.version === null ? null : { version: place.version },
        after: { version },
      })
    })
  } catch (error) {
    if (isForeignKeyViolation(error)) return undefined
    throw error
  }
}

export function removeAlias(kysely: Kysely<Tables>, moved: MovedAlias): Promise<Event | undefined> {
  return kysely.transaction().execute(async (transaction) => {
    const place = await placeOf(transaction, moved)
    if (!place || place.version === null) return undefined
    await transaction.deleteFrom('aliases').where('model_id', '=', place.id).where('alias', '=', moved.alias).execute()
    await touchModel(transaction, moved.projectId, moved.model)
    const before = { version: place.version }
    return recordChange(transaction, { ...described(moved), kind: 'alias.deleted', before })
  })
}

const described = ({ projectId, model, alias, actor }: MovedAlias) => ({
  projectId,
  subject: `${model}@${alias}`,
  actor,
})

/** The model, whose row is the queue of those who move its aliases, and where the alias points now. */
async function placeOf(transaction: Transaction<Tables>, { projectId, model, alias }: MovedAlias) {
  const row = await transaction
    .selectFrom('models')
    .select('id')
    .where('project_id', '=', projectId)
    .where('name', '=', model)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (!row) return undefined
  const pointed = await transaction
    .selectFrom('aliases')
    .select('version_number as version')
    .where('model_id', '=', row.id)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return { id: row.id, version: pointed?.version ?? null }
}

async function digestOf(transaction: Transaction<Tables>, modelId: string, version: VersionNumber): Promise<Digest> {
  const { digest } = await transaction
    .selectFrom('versions')
    .select('digest')
    .where('model_id', '=', modelId)
    .where('number', '=', version)
    .executeTakeFirstOrThrow()
  return Digest.parse(digest)
}
