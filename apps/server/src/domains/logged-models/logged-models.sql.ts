import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { readLoggedModels } from './logged-model-rows.sql.ts'
import { searchLoggedModels } from './logged-model-search.sql.ts'
import type { LoggedModelStore, NewLoggedModel } from './logged-models.store.ts'

type Db = Kysely<Tables>
type KeyTable = 'logged_model_params' | 'logged_model_tags'

export function sqlLoggedModelStore(kysely: Db): LoggedModelStore {
  return {
    add: (projectId, model) => kysely.transaction().execute((transaction) => add(transaction, projectId, model)),
    async find(projectId, id) {
      const named = sql<boolean>`logged_models.project_id = ${projectId} and logged_models.model_id = ${id}`
      return (await readLoggedModels(kysely, named))[0]
    },
    search: (projectId, wanted) => searchLoggedModels(kysely, projectId, wanted),
    async setStatus(projectId, id, status, updated_at) {
      const { numUpdatedRows } = await updating(kysely, projectId, id).set({ status, updated_at }).executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async remove(projectId, id, updated_at) {
      const { numUpdatedRows } = await updating(kysely, projectId, id)
        .set({ lifecycle: 'deleted', updated_at })
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    changeTags: (projectId, id, changes) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await locked(transaction, projectId, id)
        if (!row) return false
        const gone = Object.keys(changes).filter((key) => changes[key] === null)
        const kept = await valuesOf(transaction, 'logged_model_tags', row.id, gone)
        if (kept.size < gone.length) return 'no tag'
        if (gone.length > 0)
          await transaction
            .deleteFrom('logged_model_tags')
            .where('model', '=', row.id)
            .where('key', 'in', gone)
            .execute()
        const set = Object.entries(changes).filter((change): change is [string, string] => change[1] !== null)
        await putKeyed(transaction, 'logged_model_tags', row.id, Object.fromEntries(set))
        return true
      }),
    addParams: (projectId, id, params) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await locked(transaction, projectId, id)
        if (!row) return false
        const known = await valuesOf(transaction, 'logged_model_params', row.id, Object.keys(params))
        for (const [key, kept] of known) {
          const given = params[key]
          if (given !== undefined && given !== kept) return { key, kept, given }
        }
        await putKeyed(transaction, 'logged_model_params', row.id, params)
        return true
      }),
  }
}

async function add(transaction: Transaction<Tables>, projectId: string, model: NewLoggedModel) {
  const experiment = await experimentFor(transaction, projectId, model.experiment)
  if (typeof experiment === 'string') return experiment
  const { id } = await transaction
    .insertInto('logged_models')
    .values({
      project_id: projectId,
      model_id: model.id,
      experiment_id: experiment.id,
      run_id: model.run,
      name: model.name,
      model_type: model.type,
      artifact_location: `${experiment.location}/models/${model.id}/artifacts`,
      created_at: model.createdAt,
      updated_at: model.createdAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await putKeyed(transaction, 'logged_model_params', id, model.params)
  await putKeyed(transaction, 'logged_model_tags', id, model.tags)
  return 'added'
}

/** The experiment of that number, which is not removed until the end of the transaction. */
export async function experimentFor(transaction: Transaction<Tables>, projectId: string, number: number) {
  const experiment = await transaction
    .selectFrom('experiments')
    .select(['id', 'artifact_location as location', 'lifecycle'])
    .where('project_id', '=', projectId)
    .where('number', '=', number)
    .forKeyShare()
    .executeTakeFirst()
  if (!experiment) return 'no experiment'
  return experiment.lifecycle === 'deleted' ? 'deleted experiment' : experiment
}

const updating = (kysely: Db, projectId: string, id: string) =>
  kysely
    .updateTable('logged_models')
    .where('project_id', '=', projectId)
    .where('model_id', '=', id)
    .where('lifecycle', '=', 'active')

/** Whoever holds the row is the only one to change what is said of the model. */
const locked = (transaction: Transaction<Tables>, projectId: string, id: string) =>
  transaction
    .selectFrom('logged_models')
    .select('id')
    .where('project_id', '=', projectId)
    .where('model_id', '=', id)
    .where('lifecycle', '=', 'active')
    .forUpdate()
    .executeTakeFirst()

async function valuesOf(
  transaction: Transaction<Tables>,
  table: KeyTable,
  model: number,
  keys: readonly string[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const rows = await transaction
    .selectFrom(table)
    .select(['key', 'value'])
    .where('model', '=', model)
    .where('key', 'in', [...keys])
    .execute()
  return new Map(rows.map(({ key, value }) => [key, value]))
}

export async function putKeyed(
  transaction: Transaction<Tables>,
  table: KeyTable,
  model: number,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(values).length === 0) return
  await sql`insert into ${sql.table(table)} (model, key, value)
    select ${model}::bigint, key, value from jsonb_each_text(${JSON.stringify(values)}::text::jsonb)
    on conflict (model, key) do update set value = excluded.value`.execute(transaction)
}
