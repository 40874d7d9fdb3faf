import { sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { LockedRun } from './run-rows.sql.ts'
import type { DatasetInput, ModelUse } from './runs.store.ts'

/** A dataset is one row of its experiment, however many runs have it. */
export async function addInputs(
  open: Transaction<Tables>,
  projectId: string,
  run: LockedRun,
  datasets: readonly DatasetInput[],
  models: readonly ModelUse[],
): Promise<void> {
  // In one order for everybody, so that no two wait for each other's rows.
  const ordered = datasets.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  for (const dataset of ordered) {
    const id = await datasetRow(open, projectId, run.experiment, dataset)
    await open
      .insertInto('run_datasets')
      .values({ run: run.row, dataset_id: id, tags: [...dataset.tags] })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  for (const { model, direction, step } of models) {
    await open
      .insertInto('run_models')
      .values({ run: run.row, model_id: model, direction, step })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

const keyOf = ({ name, digest }: DatasetInput) => JSON.stringify([name, digest])

async function datasetRow(
  open: Transaction<Tables>,
  projectId: string,
  experiment: number,
  { name, digest, sourceType, source, schema, profile }: DatasetInput,
): Promise<number> {
  // Writing over a row with itself is how `returning` tells of one that is there already.
  const { id } = await open
    .insertInto('datasets')
    .values({
      project_id: projectId,
      experiment_id: experiment,
      name,
      digest,
      source_type: sourceType,
      source,
      schema,
      profile,
    })
    .onConflict((conflict) =>
      conflict.columns(['experiment_id', 'name', 'digest']).doUpdateSet({ name: sql`excluded.name` }),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
