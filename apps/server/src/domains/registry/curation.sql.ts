import { randomUUID } from 'node:crypto'
import type { Event, ModelName, VersionNumber } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { isUniqueViolation } from '../../database/failures.ts'
import type { Tables } from '../../database/tables.ts'
import { recordChange, type Recorded } from '../audit/record.sql.ts'
import type { CurationStore, ModelChange, TagChanges, VersionChange } from './curation.store.ts'
import { userOf } from './registry.sql.ts'
import { addTags, changeTags, touchModel } from './tag-rows.sql.ts'

const NOW = sql<string>`now()`
/** What the log keeps of a text that may be long. */
const TOLD = 1000

export function sqlCurationStore(kysely: Kysely<Tables>): CurationStore {
  return {
    addModel: (projectId, { name, description, tags }, actor) =>
      unlessTaken(() =>
        kysely.transaction().execute(async (transaction) => {
          const id = randomUUID()
          const columns = { id, project_id: projectId, name, description, user_name: userOf(actor) }
          await transaction.insertInto('models').values(columns).execute()
          await addTags(transaction, { table: 'model_tags', id, projectId }, tags)
          const after = { description: description.slice(0, TOLD), tags: toldTags(tags) }
          return recordChange(transaction, { projectId, kind: 'model.created', subject: name, actor, after })
        }),
      ),

    changeModel: (projectId, model, change, actor) =>
      unlessTaken(() =>
        kysely.transaction().execute(async (transaction) => {
          const row = await transaction
            .selectFrom('models')
            .select(['id', 'description', 'created_at'])
            .where('project_id', '=', projectId)
            .where('name', '=', model)
            .forUpdate()
            .executeTakeFirst()
          if (!row) return 'absent'
          return changeModel(transaction, { ...row, projectId, model, actor }, change)
        }),
      ),

    changeVersion: (projectId, model, version, change, actor) =>
      kysely.transaction().execute(async (transaction) => {
        await touchModel(transaction, projectId, model)
        const row = await transaction
          .selectFrom('versions')
          .innerJoin('models', 'models.id', 'versions.model_id')
          .select(['versions.id', 'versions.model_id as modelId', 'versions.description', 'versions.stage'])
          .where('models.project_id', '=', projectId)
          .where('models.name', '=', model)
          .where('versions.number', '=', version)
          .executeTakeFirst()
        if (!row) return 'absent'
        return changeVersion(transaction, { ...row, projectId, model, version, actor }, change)
      }),
  }
}

interface ModelPlace {
  readonly id: string
  readonly description: string
  readonly created_at: string
  readonly projectId: string
  readonly model: ModelName
  readonly actor: string
}

async function changeModel(
  transaction: Transaction<Tables>,
  { id, description, created_at, projectId, model, actor }: ModelPlace,
  change: ModelChange,
): Promise<Event[]> {
  const name = change.name ?? model
  const changed: Omit<Recorded, 'projectId' | 'actor'>[] = []
  await transaction
    .updateTable('models')
    .set({ name, description: change.description ?? description, updated_at: NOW })
    .where('id', '=', id)
    .execute()
  if (name !== model) {
    await renameInGenerations(transaction, { projectId, from: model, to: name, since: created_at })
    const renamed = { before: { name: model }, after: { name }, document: { from: model } }
    changed.push({ kind: 'model.renamed', subject: name, ...renamed })
  }
  if (change.description !== undefined && change.description !== description)
    changed.push({ kind: 'model.changed', subject: name, ...described(description, change.description) })
  await changeTags(transaction, { table: 'model_tags', id, projectId }, change.tags ?? {})
  changed.push(...taggings('model', name, change.tags))
  return recordAll(transaction, { projectId, actor }, changed)
}

interface VersionPlace {
  readonly id: string
  readonly modelId: string
  readonly description: string
  readonly stage: string
  readonly projectId: string
  readonly model: ModelName
  readonly version: VersionNumber
  readonly actor: string
}

async function changeVersion(
  transaction: Transaction<Tables>,
  { id, modelId, description, stage, projectId, model, version, actor }: VersionPlace,
  change: VersionChange,
): Promise<Event[]> {
  const subject = `${model}/${version}`
  const changed: Omit<Recorded, 'projectId' | 'actor'>[] = []
  const others = change.archiveOthers && change.stage ? await archive(transaction, { modelId, version }, change) : []
  await transaction
    .updateTable('versions')
    .set({
      description: change.description ?? description,
      ...(change.stage === undefined ? {} : { stage: change.stage }),
      updated_at: NOW,
    })
    .where('id', '=', id)
    .execute()
  if (change.description !== undefined && change.description !== description)
    changed.push({ kind: 'version.changed', subject, ...described(description, change.description) })
  if (change.stage !== undefined && (change.stage !== stage || others.length > 0)) {
    const document = { from: stage, stage: change.stage, ...(others.length > 0 ? { archived: others } : {}) }
    changed.push({ kind: 'version.staged', subject, before: { stage }, after: { stage: change.stage }, document })
  }
  await changeTags(transaction, { table: 'version_tags', id, projectId }, change.tags ?? {})
  changed.push(...taggings('version', subject, change.tags))
  return recordAll(transaction, { projectId, actor }, changed)
}

/** The versions that were in the stage. */
async function archive(
  transaction: Transaction<Tables>,
  { modelId, version }: { modelId: string; version: VersionNumber },
  { stage }: VersionChange,
): Promise<number[]> {
  const rows = await transaction
    .updateTable('versions')
    .set({ stage: 'Archived', updated_at: NOW })
    .where('model_id', '=', modelId)
    .where('number', '!=', version)
    .where('stage', '=', stage!)
    .returning('number')
    .execute()
  return rows.map(({ number }) => number).toSorted((a, b) => a - b)
}

/** The route tables that name the model; those from before it was made are of another of its name. */
async function renameInGenerations(
  transaction: Transaction<Tables>,
  { projectId, from, to, since }: { projectId: string; from: ModelName; to: ModelName; since: string },
): Promise<void> {
  await sql`update generations set document = jsonb_set(document, '{model}'::text[], to_jsonb(${to}::text))
    where project_id = ${projectId} and document ->> 'model' = ${from}
      and committed_at >= ${since}::timestamptz`.execute(transaction)
}

const described = (before: string, after: string) => ({
  before: { description: before.slice(0, TOLD) },
  after: { description: after.slice(0, TOLD) },
})

const toldTags = (tags: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, value.slice(0, TOLD)]))

function taggings(of: 'model' | 'version', subject: string, tags: TagChanges = {}) {
  return Object.entries(tags).map(([key, value]) => {
    if (value === null) return { kind: `${of}.tag-deleted`, subject, document: { key }, before: { key } }
    const told = { key, value: value.slice(0, TOLD) }
    return { kind: `${of}.tag-set`, subject, document: told, after: told }
  })
}

async function recordAll(
  transaction: Transaction<Tables>,
  who: { projectId: string; actor: string },
  changes: readonly Omit<Recorded, 'projectId' | 'actor'>[],
): Promise<Event[]> {
  const events: Event[] = []
  for (const change of changes) events.push(await recordChange(transaction, { ...who, ...change }))
  return events
}

async function unlessTaken<T>(write: () => Promise<T>): Promise<T | 'taken'> {
  try {
    return await write()
  } catch (error) {
    if (isUniqueViolation(error, 'models_name_unique')) return 'taken'
    throw error
  }
}
