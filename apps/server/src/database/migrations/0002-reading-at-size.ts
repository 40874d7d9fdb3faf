import type { Migration } from '../migrate.ts'

/** Indexes for lists, searches and filters over ten thousand models and their versions. Order and beginnings of texts
 *  go by bytes ("C"), for by any other collation no range holds exactly what begins with a text. */
export const readingAtSize: Migration = {
  name: '0002-reading-at-size',
  statements: [
    `create index models_by_name on models (project_id, name collate "C")`,
    `create index versions_by_digest_start on versions (project_id, digest collate "C")`,
    `create index generations_by_model on generations (project_id, (document ->> 'model'), deployment_id, generation)`,
    `create index events_by_subject_start on events (project_id, subject collate "C", sequence)`,
    `create index events_by_kind on events (project_id, kind, sequence)`,
    `create index events_by_actor on events (project_id, actor, sequence)`,
  ],
}
