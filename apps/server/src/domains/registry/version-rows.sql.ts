import type { ModelName } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'

/** How the versions of a model are read: every column that a `Version` has. */
export function versionRows(kysely: Kysely<Tables>, projectId: string, model: ModelName) {
  return kysely
    .selectFrom('versions')
    .innerJoin('models', 'models.id', 'versions.model_id')
    .select([
      'models.name as model',
      'versions.number as version',
      'versions.digest',
      'versions.runtime',
      'versions.signature',
      'versions.files',
      'versions.size',
      'versions.provenance',
      'versions.description',
      'versions.stage',
      'versions.source',
      'versions.run_id as run',
      'versions.run_link as runLink',
      'versions.logged_model_id as loggedModel',
      'versions.user_name as user',
      'versions.created_at as createdAt',
      'versions.updated_at as updatedAt',
      sql<unknown>`(select coalesce(jsonb_agg(alias order by alias collate "C"), '[]'::jsonb) from aliases
        where aliases.model_id = versions.model_id and aliases.version_number = versions.number)`.as('aliases'),
      sql<unknown>`(select coalesce(jsonb_object_agg(key, value), '{}'::jsonb) from version_tags
        where version_tags.version_id = versions.id)`.as('tags'),
    ])
    .where('models.project_id', '=', projectId)
    .where('models.name', '=', model)
}
