import { RunnerName } from '@stead/contracts'
import type { Kysely } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { RunnerStore } from './runners.store.ts'

export function sqlRunnerStore(kysely: Kysely<Tables>): RunnerStore {
  return {
    async list() {
      const rows = await kysely.selectFrom('runners').select('name').orderBy('name').execute()
      return rows.map(({ name }) => RunnerName.parse(name))
    },
    async remember(name) {
      const row = { name, document: {}, seen_at: new Date() }
      await kysely
        .insertInto('runners')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ seen_at: row.seen_at }))
        .execute()
    },
    async forget(name) {
      await kysely.deleteFrom('runners').where('name', '=', name).execute()
    },
  }
}
