import type { ModelName } from '@stead/contracts'
import type { Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { toldOnce, VERSIONS_TAG, versionsIn } from './versions-tag.ts'

export async function tellLoggedModel(
  transaction: Transaction<Tables>,
  projectId: string,
  loggedModel: string,
  { model, number }: { model: ModelName; number: number },
): Promise<void> {
  const row = await transaction
    .selectFrom('logged_models')
    .select('id')
    .where('project_id', '=', projectId)
    .where('model_id', '=', loggedModel)
    .forUpdate()
    .executeTakeFirst()
  if (!row) return
  const tag = await transaction
    .selectFrom('logged_model_tags')
    .select('value')
    .where('model', '=', row.id)
    .where('key', '=', VERSIONS_TAG)
    .executeTakeFirst()
  const value = toldOnce([...versionsIn(tag?.value), { name: model, version: String(number) }])
  await transaction
    .insertInto('logged_model_tags')
    .values({ model: row.id, key: VERSIONS_TAG, value })
    .onConflict((conflict) => conflict.columns(['model', 'key']).doUpdateSet({ value }))
    .execute()
}
