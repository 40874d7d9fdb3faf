import { View } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { numbers as numberArray } from '../../database/arrays.ts'
import type { Tables } from '../../database/tables.ts'
import type { DatasetSummary, KeptExperiment, NewView } from './experiments.store.ts'

export async function listViews(kysely: Kysely<Tables>, experiment: number): Promise<View[]> {
  const rows = await kysely
    .selectFrom('views')
    .select(['name', 'document', 'updated_at as updatedAt'])
    .where('experiment_id', '=', experiment)
    .orderBy(sql`name collate "C"`)
    .execute()
  return rows.map((row) => View.parse(row))
}

export async function putView(
  open: Transaction<Tables>,
  experiment: KeptExperiment,
  projectId: string,
  { name, document }: NewView,
  most: number,
): Promise<View | undefined> {
  // One at a time, so that the count is right.
  await open.selectFrom('experiments').select('id').where('id', '=', experiment.row).forNoKeyUpdate().execute()
  const others = await open
    .selectFrom('views')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('experiment_id', '=', experiment.row)
    .where('name', '<>', name)
    .executeTakeFirstOrThrow()
  if (others.count >= most) return undefined
  const row = await open
    .insertInto('views')
    .values({ project_id: projectId, experiment_id: experiment.row, name, document })
    .onConflict((conflict) =>
      conflict
        .columns(['experiment_id', 'name'])
        .doUpdateSet((set) => ({ document: set.ref('excluded.document'), updated_at: sql`now()` })),
    )
    .returning(['name', 'document', 'updated_at as updatedAt'])
    .executeTakeFirstOrThrow()
  return View.parse(row)
}

export async function removeView(kysely: Kysely<Tables>, experiment: number, name: string): Promise<boolean> {
  const { numDeletedRows } = await kysely
    .deleteFrom('views')
    .where('experiment_id', '=', experiment)
    .where('name', '=', name)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Each dataset with each purpose that runs have it for. */
export async function listDatasets(
  kysely: Kysely<Tables>,
  projectId: string,
  numbers: readonly number[],
  limit: number,
): Promise<DatasetSummary[]> {
  const { rows } = await sql<DatasetSummary>`
    select distinct experiments.number as experiment, datasets.name, datasets.digest, context.value as context
    from experiments
    join datasets on datasets.experiment_id = experiments.id
    join run_datasets on run_datasets.dataset_id = datasets.id
    left join lateral (
      select tag ->> 'value' as value from jsonb_array_elements(run_datasets.tags) as tag
      where tag ->> 'key' = 'mlflow.data.context' limit 1
    ) context on true
    where experiments.project_id = ${projectId} and experiments.number = any(${numberArray(numbers)}::bigint[])
    order by 1, 2, 3, 4 limit ${limit}`.execute(kysely)
  return rows
}
