import { randomUUID } from 'node:crypto'
import { Project, ProjectName } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import type { ProjectStore } from './projects.ts'

/** Models whose versions are counted at once: the embedded database answers nobody else meanwhile. */
const PAGE = 500

interface Holdings {
  readonly models: number
  readonly deployments: number
  readonly lastChange: number
}

export function sqlProjectStore(kysely: Kysely<Tables>): ProjectStore {
  return {
    async find(name) {
      const row = await kysely.selectFrom('projects').selectAll().where('name', '=', name).executeTakeFirst()
      return row && { id: row.id, name: ProjectName.parse(row.name), createdAt: row.created_at }
    },
    async list() {
      const rows = await kysely.selectFrom('projects').selectAll().orderBy('name').execute()
      return rows.map(({ name, created_at }) => Project.parse({ name, createdAt: created_at }))
    },
    create: (name, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await transaction
          .insertInto('projects')
          .values({ id: randomUUID(), name })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .returning(['id', 'created_at'])
          .executeTakeFirst()
        if (!row) return undefined
        const event = await recordChange(transaction, {
          projectId: row.id,
          kind: 'project.created',
          subject: name,
          actor,
          after: { name },
        })
        return { project: { name, createdAt: row.created_at }, event }
      }),
    async holdings(projectId) {
      const { rows } = await sql<Holdings>`select
        (select count(*) from models where project_id = ${projectId}) as models,
        (select count(*) from deployments where project_id = ${projectId}) as deployments,
        (select coalesce(max(newest), 0) from unnest(array['version.created', 'version.deleted', 'model.deleted']) as kinds (name)
          cross join lateral (
            select max(sequence) as newest from events where project_id = ${projectId} and kind = kinds.name
          ) of_kind) as "lastChange"`.execute(kysely)
      return rows[0] ?? { models: 0, deployments: 0, lastChange: 0 }
    },
    async countVersions(projectId) {
      let versions = 0
      for (let after = '', models = PAGE; models === PAGE;) {
        const { rows } = await sql<{ models: number; last: string | null; versions: number }>`
          with page as (select id from models where project_id = ${projectId} and id > ${after} order by id limit ${PAGE})
          select count(*) as models, max(id) as last,
            coalesce(sum((select count(*) from versions where model_id = page.id)), 0) as versions
          from page`.execute(kysely)
        const [page] = rows
        versions += page?.versions ?? 0
        after = page?.last ?? after
        models = page?.models ?? 0
      }
      return versions
    },
  }
}
