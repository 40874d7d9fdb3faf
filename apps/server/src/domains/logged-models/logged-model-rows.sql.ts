import { LoggedModel } from '@stead/contracts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import { numberOut } from '../../mlflow/message.ts'

/** How logged models are read: with all that is told of them, for the rows of a page. */

const Metric = z.tuple([z.string(), z.number(), z.number(), z.string(), z.string(), z.string(), z.string()])
const Row = z.looseObject({ metrics: z.array(Metric) })

export async function readLoggedModels(kysely: Kysely<Tables>, passing: RawBuilder<boolean>): Promise<LoggedModel[]> {
  const { rows } = await sql`
    select logged_models.model_id as id, experiments.number as experiment, logged_models.run_id as run,
      logged_models.name, logged_models.model_type as type, logged_models.status,
      logged_models.status_message as "statusMessage", logged_models.artifact_location as "artifactUri",
      logged_models.lifecycle, logged_models.created_at as "createdAt", logged_models.updated_at as "updatedAt",
      ${keyed('logged_model_params')} as params, ${keyed('logged_model_tags')} as tags,
      (select coalesce(jsonb_agg(jsonb_build_array(key, step, timestamp, value::text, run_id, dataset_name,
          dataset_digest) order by key collate "C", run_id, dataset_name, dataset_digest), '[]'::jsonb)
        from (${LATEST}) as latest) as metrics,
      (select coalesce(jsonb_agg(jsonb_build_object('model', models.name, 'version', versions.number)
          order by versions.created_at, models.name, versions.number), '[]'::jsonb)
        from versions join models on models.id = versions.model_id
        where versions.project_id = logged_models.project_id
          and versions.logged_model_id = logged_models.model_id) as versions
    from logged_models join experiments on experiments.id = logged_models.experiment_id
    where ${passing}`.execute(kysely)
  return rows.map(readRow)
}

const keyed = (table: 'logged_model_params' | 'logged_model_tags') =>
  sql`(select coalesce(jsonb_object_agg(key, value), '{}'::jsonb) from ${sql.table(table)} as kept
    where kept.model = logged_models.id)`

/** Of each metric, run and dataset the value that was measured last. */
const LATEST = sql`
  select distinct on (measured.run, key, dataset_name, dataset_digest)
    key, step, timestamp, value, runs.run_id, dataset_name, dataset_digest
  from logged_model_metrics as measured join runs on runs.id = measured.run
  where measured.model_id = logged_models.model_id
  order by measured.run, key, dataset_name, dataset_digest, timestamp desc, step desc, value desc`

function readRow(row: unknown): LoggedModel {
  const { metrics, ...model } = Row.parse(row)
  return LoggedModel.parse({
    ...model,
    metrics: metrics.map(([key, step, timestamp, value, run, name, digest]) => ({
      key,
      step,
      timestamp,
      value: numberOut(Number(value)),
      run,
      dataset: name === '' ? null : { name, digest },
    })),
  })
}
