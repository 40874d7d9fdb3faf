import { Digest } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import type { RootStore } from './roots.ts'

const Found = z.object({ digest: Digest, size: z.number() })

export function sqlRootStore(kysely: Kysely<Tables>): RootStore {
  return {
    async ofRun(projectId, run) {
      const row = await kysely
        .selectFrom('runs')
        .select('artifact_uri as uri')
        .where('project_id', '=', projectId)
        .where('run_id', '=', run)
        .executeTakeFirst()
      return row?.uri
    },
    async ofLoggedModel(projectId, model) {
      const row = await kysely
        .selectFrom('logged_models')
        .select('artifact_location as uri')
        .where('project_id', '=', projectId)
        .where('model_id', '=', model)
        .executeTakeFirst()
      return row?.uri
    },
    async inVersion(projectId, { model, number, path }) {
      const { rows } = await sql<{ file: unknown }>`
        select (select file from jsonb_array_elements(versions.files) as file where file ->> 'path' = ${path} limit 1)
        from versions join models on models.id = versions.model_id
        where models.project_id = ${projectId} and models.name = ${model} and versions.number = ${number}`.execute(
        kysely,
      )
      const [row] = rows
      if (!row) return 'no version'
      return row.file === null ? 'no file' : Found.parse(row.file)
    },
  }
}
