import type { Kysely } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { sqlRootStore } from '../files/roots.sql.ts'
import type { SourceStore } from './sources.ts'

export function sqlSourceStore(kysely: Kysely<Tables>): SourceStore {
  const loggedModels = (projectId: string) =>
    kysely
      .selectFrom('logged_models')
      .select(['model_id as id', 'artifact_location as location', 'run_id as run'])
      .where('project_id', '=', projectId)
      .where('lifecycle', '=', 'active')

  return {
    runLocation: sqlRootStore(kysely).ofRun,
    loggedModel: (projectId, id) => loggedModels(projectId).where('model_id', '=', id).executeTakeFirst(),
    loggedModelNamed: (projectId, run, name) =>
      loggedModels(projectId)
        .where('run_id', '=', run)
        .where('name', '=', name)
        .orderBy('created_at', 'desc')
        .limit(1)
        .executeTakeFirst(),
  }
}
