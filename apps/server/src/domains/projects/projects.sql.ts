import { randomUUID } from 'node:crypto'
import { Project, ProjectName } from '@stead/contracts'
import type { Kysely } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { ProjectStore } from './projects.ts'

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
    async create(name) {
      const row = await kysely
        .insertInto('projects')
        .values({ id: randomUUID(), name })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('created_at')
        .executeTakeFirst()
      return row && { name, createdAt: row.created_at }
    },
  }
}
