import { randomUUID } from 'node:crypto'
import { Project } from '@stead/contracts'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Projects } from '../../database/tables-platform.ts'
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
      return row && { id: row.id, ...projectIn(row) }
    },
    async list() {
      const rows = await kysely.selectFrom('projects').selectAll().orderBy('name').execute()
      return rows.map(projectIn)
    },
    create: ({ name, description }, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await transaction
          .insertInto('projects')
          .values({ id: randomUUID(), name, description })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .returningAll()
          .executeTakeFirst()
        if (!row) return undefined
        const event = await recordChange(transaction, {
          projectId: row.id,
          kind: 'project.created',
          subject: name,
          actor,
          after: { name, description },
        })
        return { project: projectIn(row), event }
      }),
    change: (name, description, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom('projects')
          .selectAll()
          .where('name', '=', name)
          .forNoKeyUpdate()
          .executeTakeFirst()
        if (!row) return undefined
        const project = projectIn({ ...row, description })
        if (row.description === description) return { project }
        await transaction.updateTable('projects').set({ description }).where('id', '=', row.id).execute()
        const event = await recordChange(transaction, {
          projectId: row.id,
          kind: 'project.changed',
          subject: name,
          actor,
          before: { description: row.description },
          after: { description },
        })
        return { project, event }
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

const projectIn = ({ name, description, created_at }: Selectable<Projects>): Project =>
  Project.parse({ name, description, createdAt: created_at })
