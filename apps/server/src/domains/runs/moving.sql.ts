import { sql, type Transaction } from 'kysely'
import { numbers, texts } from '../../database/arrays.ts'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import { lockRuns, toldOf } from './run-rows.sql.ts'
import type { Changed, Obstacle, RunSet } from './runs.store.ts'

type Db = Transaction<Tables>

/** What names the experiment besides the run itself. */
const TABLES = ['latest_metrics', 'params', 'run_tags'] as const
const SLICE = 50

export async function moveRuns(
  open: Db,
  set: RunSet,
  experiment: number,
  actor: string,
): Promise<(Changed & { moved: number }) | Obstacle | 'no target'> {
  const target = await open
    .selectFrom('experiments')
    .select(['id', 'lifecycle'])
    .where('project_id', '=', set.projectId)
    .where('number', '=', experiment)
    .forShare()
    .executeTakeFirst()
  if (!target) return 'no target'
  if (target.lifecycle === 'deleted') return { deletedExperiment: experiment }
  const named = await lockRuns(open, { ...set, runIds: await withChildren(open, set) })
  if ('absent' in named) return named
  const moved = named.filter((run) => run.experiment !== target.id)
  for (let at = 0; at < moved.length; at += SLICE) {
    const rows = numbers(moved.slice(at, at + SLICE).map(({ row }) => row))
    await moveRows(open, set.projectId, rows, target.id)
  }
  if (moved.length === 0) return { changed: [], moved: 0 }
  const { after, document, ...told } = toldOf(moved)
  const event = await recordChange(open, {
    projectId: set.projectId,
    kind: 'run.moved',
    ...told,
    document: { ...document, to: experiment },
    actor,
    after: { ...after, experiment },
  })
  const arrived = moved.map(({ runId }) => ({ runId, experiment: target.id }))
  return { changed: [...moved, ...arrived], moved: moved.length, event }
}

async function withChildren(open: Db, { projectId, runIds }: RunSet): Promise<string[]> {
  const { rows } = await sql<{ run_id: string }>`
    with recursive family (run_id) as (
      select unnest(${texts(runIds)}::text[])
      union
      select runs.run_id from runs join family on runs.parent = family.run_id where runs.project_id = ${projectId}
    )
    select run_id from family`.execute(open)
  return rows.map(({ run_id }) => run_id)
}

async function moveRows(open: Db, projectId: string, rows: string, target: number): Promise<void> {
  await sql`update runs set experiment_id = ${target}, updated_at = now()
    where id = any(${rows}::bigint[])`.execute(open)
  for (const table of TABLES)
    await sql`update ${sql.table(table)} set experiment_id = ${target} where run = any(${rows}::bigint[])`.execute(open)
  await sql`update logged_models set experiment_id = ${target}
    where project_id = ${projectId} and run_id in (select run_id from runs where id = any(${rows}::bigint[]))`.execute(
    open,
  )
  // The same datasets, as rows of the experiment that they are in now.
  await sql`insert into datasets (project_id, experiment_id, name, digest, source_type, source, schema, profile)
    select distinct project_id, ${target}::bigint, name, digest, source_type, source, schema, profile
    from datasets join run_datasets on dataset_id = datasets.id
    where run = any(${rows}::bigint[]) on conflict do nothing`.execute(open)
  await sql`update run_datasets set dataset_id = theirs.id
    from datasets as ours, datasets as theirs
    where run = any(${rows}::bigint[]) and ours.id = dataset_id and theirs.experiment_id = ${target}
      and theirs.name = ours.name and theirs.digest = ours.digest`.execute(open)
}
