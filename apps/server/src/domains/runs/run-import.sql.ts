import type { Kysely } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { RunImportStore } from './run-import.store.ts'

export const sqlRunImportStore = (kysely: Kysely<Tables>): RunImportStore => ({
  async projectOf(runId) {
    const found = await kysely.selectFrom('runs').select('project_id').where('run_id', '=', runId).executeTakeFirst()
    return found?.project_id
  },
})
