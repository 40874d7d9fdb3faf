import type { ModelName } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'

/** Tags of models and versions, which lie in tables of the same form. */
interface Tagged {
  readonly table: 'model_tags' | 'version_tags'
  /** Of the model or the version. */
  readonly id: string
  readonly projectId: string
}

const ownerColumn = ({ table }: Pick<Tagged, 'table'>) => sql.ref(table === 'model_tags' ? 'model_id' : 'version_id')

/** Sets tags, and takes away those that are null. Those that say the same already stay untouched. */
export async function changeTags(
  transaction: Transaction<Tables>,
  tagged: Tagged,
  changes: Readonly<Record<string, string | null>>,
): Promise<void> {
  const { table, id } = tagged
  const gone = Object.keys(changes).filter((key) => changes[key] === null)
  if (gone.length > 0)
    await sql`delete from ${sql.table(table)}
      where ${ownerColumn(tagged)} = ${id} and key in (${sql.join(gone)})`.execute(transaction)
  await addTags(
    transaction,
    tagged,
    Object.fromEntries(Object.entries(changes).filter((change): change is [string, string] => change[1] !== null)),
  )
}

export async function addTags(
  transaction: Transaction<Tables>,
  tagged: Tagged,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const { table, id, projectId } = tagged
  if (Object.keys(tags).length === 0) return
  const owner = ownerColumn(tagged)
  await sql`insert into ${sql.table(table)} (${owner}, project_id, key, value)
    select ${id}, ${projectId}, key, value from jsonb_each_text(${JSON.stringify(tags)}::text::jsonb)
    on conflict (${owner}, key) do update set value = excluded.value`.execute(transaction)
}

/** Whoever changes something of a model, tells when. */
export async function touchModel(kysely: Kysely<Tables>, projectId: string, model: ModelName): Promise<void> {
  await kysely
    .updateTable('models')
    .set({ updated_at: sql<string>`now()` })
    .where('project_id', '=', projectId)
    .where('name', '=', model)
    .execute()
}
