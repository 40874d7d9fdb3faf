import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { appendAudit } from '../audit/audit.sql.ts'
import type { ImportedLoggedModel, LoggedModelImportStore } from './logged-model-import.store.ts'
import { experimentFor, putKeyed } from './logged-models.sql.ts'

export const sqlLoggedModelImportStore = (kysely: Kysely<Tables>): LoggedModelImportStore => ({
  take: (projectId, model) => kysely.transaction().execute((transaction) => take(transaction, projectId, model)),
})

async function take(transaction: Transaction<Tables>, projectId: string, model: ImportedLoggedModel) {
  const experiment = await experimentFor(transaction, projectId, model.experiment)
  if (typeof experiment === 'string') return experiment
  const told = {
    experiment_id: experiment.id,
    run_id: model.run,
    name: model.name,
    model_type: model.type,
    status: model.status,
    status_message: model.statusMessage,
    lifecycle: 'active' as const,
    created_at: model.createdAt,
    updated_at: model.updatedAt,
  }
  const row = await transaction
    .insertInto('logged_models')
    .values({
      ...told,
      project_id: projectId,
      model_id: model.id,
      artifact_location: `${experiment.location}/models/${model.id}/artifacts`,
    })
    .onConflict((conflict) =>
      conflict.column('model_id').doUpdateSet(told).where('logged_models.project_id', '=', projectId),
    )
    .returning(['id', sql<boolean>`xmax = 0`.as('isNew')])
    .executeTakeFirst()
  if (!row) return 'elsewhere'
  await putKeyed(transaction, 'logged_model_params', row.id, model.params)
  await putKeyed(transaction, 'logged_model_tags', row.id, model.tags)
  await putMetrics(transaction, projectId, model)
  if (row.isNew)
    await appendAudit(transaction, {
      projectId,
      act: 'logged-model.imported',
      subject: model.id,
      after: { experiment: model.experiment, run: model.run, name: model.name, metrics: model.metrics.length },
    })
  return 'taken'
}

async function putMetrics(transaction: Transaction<Tables>, projectId: string, model: ImportedLoggedModel) {
  if (model.metrics.length === 0) return
  const told = model.metrics.map(({ run, key, value, step, timestamp, dataset }) => ({
    run,
    key,
    value: String(value),
    step,
    timestamp,
    name: dataset?.name ?? '',
    digest: dataset?.digest ?? '',
  }))
  await sql`insert into logged_model_metrics
      (model_id, run, key, step, timestamp, value, dataset_name, dataset_digest)
    select ${model.id}, runs.id, told.key, told.step, told.timestamp, told.value::double precision, told.name, told.digest
    from jsonb_to_recordset(${JSON.stringify(told)}::text::jsonb) as told
      (run text, key text, value text, step bigint, timestamp bigint, name text, digest text)
    join runs on runs.run_id = told.run and runs.project_id = ${projectId}
    on conflict do nothing`.execute(transaction)
}
