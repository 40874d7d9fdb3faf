import type { Event, Experiment } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { texts } from '../../database/arrays.ts'
import { isUniqueViolation } from '../../database/failures.ts'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import { findExperiment, readSummary, rowsBehind } from './experiment-rows.sql.ts'
import type { ExperimentChange, ExperimentStore, NewExperiment } from './experiments.store.ts'
import { listDatasets, listViews, putView, removeView } from './views.sql.ts'

type Db = Kysely<Tables>

export function sqlExperimentStore(kysely: Db): ExperimentStore {
  return {
    async ensureDefault(projectId) {
      await kysely
        .insertInto('experiments')
        .values({ project_id: projectId, number: 0, name: 'Default', artifact_location: 'mlflow-artifacts:/0' })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
    find: (projectId, key) => findExperiment(kysely, projectId, key),
    summary: (projectId, number) => readSummary(kysely, projectId, number),
    rows: (projectId, numbers) => rowsBehind(kysely, projectId, numbers),
    create: (projectId, experiment, actor) =>
      unlessTaken(() => kysely.transaction().execute((open) => create(open, projectId, experiment, actor))),
    change: (projectId, number, change, actor) =>
      unlessTaken(() => kysely.transaction().execute((open) => changeOne(open, { projectId, number, actor }, change))),
    setLifecycle: (projectId, number, lifecycle, actor) =>
      kysely.transaction().execute((open) => setLifecycle(open, { projectId, number, actor }, lifecycle)),
    remove: (projectId, number, actor) =>
      kysely.transaction().execute((open) => remove(open, { projectId, number, actor })),
    removeTag: (projectId, number, key) =>
      kysely.transaction().execute(async (open) => {
        const found = await lock(open, projectId, number)
        if (found?.lifecycle !== 'active') return found ? 'deleted' : 'absent'
        const { numDeletedRows } = await open
          .deleteFrom('experiment_tags')
          .where('experiment_id', '=', found.id)
          .where('key', '=', key)
          .executeTakeFirst()
        if (numDeletedRows > 0n) await touch(open, found.id)
        return numDeletedRows > 0n
      }),
    datasets: (projectId, numbers, limit) => listDatasets(kysely, projectId, numbers, limit),
    views: (experiment) => listViews(kysely, experiment),
    putView: (experiment, projectId, view, most) =>
      kysely.transaction().execute((open) => putView(open, experiment, projectId, view, most)),
    removeView: (experiment, name) => removeView(kysely, experiment, name),
  }
}

async function unlessTaken<T>(act: () => Promise<T>): Promise<T | 'taken'> {
  try {
    return await act()
  } catch (error) {
    if (isUniqueViolation(error, 'experiments_name_unique')) return 'taken'
    throw error
  }
}

interface Changing {
  readonly projectId: string
  readonly number: number
  readonly actor: string
}

async function lock(open: Transaction<Tables>, projectId: string, number: number) {
  return open
    .selectFrom('experiments')
    .select(['id', 'name', 'lifecycle', 'artifact_location'])
    .where('project_id', '=', projectId)
    .where('number', '=', number)
    .forNoKeyUpdate()
    .executeTakeFirst()
}

const touch = (open: Transaction<Tables>, id: number) =>
  open
    .updateTable('experiments')
    .set({ updated_at: sql`now()` })
    .where('id', '=', id)
    .execute()

async function create(open: Transaction<Tables>, projectId: string, experiment: NewExperiment, actor: string) {
  // The project's row is the queue for numbers.
  const { last_experiment: number } = await open
    .updateTable('projects')
    .set((row) => ({ last_experiment: row('last_experiment', '+', 1) }))
    .where('id', '=', projectId)
    .returning('last_experiment')
    .executeTakeFirstOrThrow()
  const { name, tags } = experiment
  const artifactLocation = experiment.artifactLocation || `mlflow-artifacts:/${number}`
  const { id } = await open
    .insertInto('experiments')
    .values({ project_id: projectId, number, name, artifact_location: artifactLocation })
    .returning('id')
    .executeTakeFirstOrThrow()
  await putTags(open, projectId, id, Object.entries(tags))
  const made = await findExperiment(open, projectId, { number })
  const change = {
    projectId,
    kind: 'experiment.created',
    subject: name,
    actor,
    document: { experiment: number },
    after: { number, name, artifactLocation, tags },
  }
  return { experiment: made!, event: await recordChange(open, change) }
}

async function putTags(
  open: Transaction<Tables>,
  projectId: string,
  experiment: number,
  tags: readonly (readonly [string, string])[],
): Promise<void> {
  if (tags.length === 0) return
  await sql`insert into experiment_tags (experiment_id, project_id, key, value)
    select ${experiment}::bigint, ${projectId}, key, value
    from unnest(${texts(tags.map(([key]) => key))}::text[], ${texts(tags.map(([, value]) => value))}::text[])
      as given (key, value)
    on conflict (experiment_id, key) do update set value = excluded.value`.execute(open)
}

async function changeOne(
  open: Transaction<Tables>,
  { projectId, number, actor }: Changing,
  { name, tags }: ExperimentChange,
): Promise<{ event: Event | undefined } | 'absent' | 'deleted'> {
  const found = await lock(open, projectId, number)
  if (found?.lifecycle !== 'active') return found ? 'deleted' : 'absent'
  const isRenamed = name !== undefined && name !== found.name
  await open
    .updateTable('experiments')
    .set({ updated_at: sql`now()`, ...(isRenamed ? { name } : {}) })
    .where('id', '=', found.id)
    .execute()
  const entries = Object.entries(tags)
  await putTags(
    open,
    projectId,
    found.id,
    entries.filter((entry): entry is [string, string] => entry[1] !== null),
  )
  const gone = entries.filter(([, value]) => value === null).map(([key]) => key)
  if (gone.length > 0)
    await open.deleteFrom('experiment_tags').where('experiment_id', '=', found.id).where('key', 'in', gone).execute()
  if (!isRenamed) return { event: undefined }
  const change = {
    projectId,
    kind: 'experiment.renamed',
    subject: name,
    actor,
    document: { experiment: number, from: found.name },
    before: { number, name: found.name },
    after: { number, name },
  }
  return { event: await recordChange(open, change) }
}

async function setLifecycle(
  open: Transaction<Tables>,
  { projectId, number, actor }: Changing,
  lifecycle: Experiment['lifecycle'],
): Promise<Event | 'absent'> {
  const found = await lock(open, projectId, number)
  if (!found || found.lifecycle === lifecycle) return 'absent'
  await open
    .updateTable('experiments')
    .set({ lifecycle, updated_at: sql`now()` })
    .where('id', '=', found.id)
    .execute()
  // Locked in the order in which everybody locks runs.
  await sql`select id from runs where experiment_id = ${found.id} and lifecycle <> ${lifecycle} order by id
    for no key update`.execute(open)
  await open
    .updateTable('runs')
    .set({ lifecycle, deleted_at: lifecycle === 'deleted' ? sql`now()` : null })
    .where('experiment_id', '=', found.id)
    .where('lifecycle', '<>', lifecycle)
    .execute()
  const kind = lifecycle === 'deleted' ? 'experiment.deleted' : 'experiment.restored'
  const document = { experiment: number }
  const seen = { number, name: found.name }
  const change = { projectId, kind, subject: found.name, actor, document }
  return recordChange(open, { ...change, ...(lifecycle === 'deleted' ? { before: seen } : { after: seen }) })
}

async function remove(open: Transaction<Tables>, { projectId, number, actor }: Changing): Promise<Event | 'absent'> {
  const found = await lock(open, projectId, number)
  if (found?.lifecycle !== 'deleted') return 'absent'
  await open.deleteFrom('experiments').where('id', '=', found.id).execute()
  return recordChange(open, {
    projectId,
    kind: 'experiment.purged',
    subject: found.name,
    actor,
    document: { experiment: number },
    before: { number, name: found.name, artifactLocation: found.artifact_location },
  })
}
