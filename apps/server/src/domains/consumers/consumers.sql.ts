import { randomUUID } from 'node:crypto'
import { Consumer, ConsumerKey, ProjectName } from '@stead/contracts'
import type { ConsumerName, DeploymentName, Event } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { isUniqueViolation } from '../../database/failures.ts'
import type { Tables } from '../../database/tables.ts'
import { appendAudit } from '../audit/audit.sql.ts'
import { appendEvent } from '../events/events.sql.ts'
import type { Change, ConsumerStore, KeptConsumer, KeptKey, NewKey } from './consumers.store.ts'

export function sqlConsumerStore(kysely: Kysely<Tables>): ConsumerStore {
  return {
    list: (projectId) => readConsumers(kysely, projectId === undefined ? {} : { projectId }),
    find: async (projectId, name) => (await readConsumers(kysely, { projectId, name }))[0],
    create: (projectId, consumer, actor) =>
      kysely.transaction().execute(async (transaction) => {
        const { name, description, limits } = consumer
        const row = await transaction
          .insertInto('consumers')
          .values({ id: randomUUID(), project_id: projectId, name, description, limits })
          .onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing())
          .returning('id')
          .executeTakeFirst()
        if (!row) return 'name_taken'
        const change = { projectId, consumer: name, actor }
        return record(transaction, change, { kind: 'consumer.created', after: { description, limits } })
      }),
    change: (change, next) =>
      kysely.transaction().execute(async (transaction) => {
        const found = await lockConsumer(transaction, change)
        if (!found) return 'gone'
        const before = { description: found.description, limits: limitsIn(found.limits) }
        const after = next({ name: change.consumer, ...before })
        await transaction.updateTable('consumers').set(after).where('id', '=', found.id).execute()
        return record(transaction, change, { kind: 'consumer.changed', before, after })
      }),
    remove: (change) =>
      kysely.transaction().execute(async (transaction) => {
        const found = await lockConsumer(transaction, change)
        if (!found) return 'gone'
        await transaction.deleteFrom('consumers').where('id', '=', found.id).execute()
        const before = { description: found.description, limits: limitsIn(found.limits) }
        return record(transaction, change, { kind: 'consumer.deleted', before })
      }),
    addKey: (change, key) => addKey(kysely, change, key),
    removeKey: (change, keyId) =>
      kysely.transaction().execute(async (transaction) => {
        const found = await lockConsumer(transaction, change)
        if (!found) return 'gone'
        const gone = await transaction
          .deleteFrom('consumer_keys')
          .where('id', '=', keyId)
          .where('consumer_id', '=', found.id)
          .returning(['name', 'hint', 'deployments', 'expires_at'])
          .executeTakeFirst()
        if (!gone) return 'key_gone'
        const { name, hint, deployments, expires_at: expiresAt } = gone
        const before = { hint, deployments, expiresAt }
        return record(transaction, change, { kind: 'consumer.key-revoked', key: name, before })
      }),
    async monitors() {
      const rows = await kysely
        .selectFrom('tokens')
        .innerJoin('people', 'people.id', 'tokens.person_id')
        .select(['tokens.hash', 'tokens.expires_at as expiresAt'])
        .where('tokens.kind', '=', 'person')
        .where('tokens.projects', 'is', null)
        .where(sql<boolean>`tokens.acts @> '["installation.metrics"]'::jsonb`)
        .where('people.is_owner', '=', true)
        .where('people.is_disabled', '=', false)
        .orderBy('tokens.id')
        .execute()
      return rows
    },
  }
}

async function addKey(kysely: Kysely<Tables>, change: Change, { deployments, ...key }: NewKey) {
  try {
    return await kysely.transaction().execute(async (transaction) => {
      const found = await lockConsumer(transaction, change)
      if (!found) return 'gone'
      const missing = await unknownDeployments(transaction, change.projectId, deployments ?? [])
      if (missing.length > 0) return { missing }
      const row = await transaction
        .insertInto('consumer_keys')
        .values({
          id: randomUUID(),
          consumer_id: found.id,
          project_id: change.projectId,
          hash: key.hash,
          hint: key.hint,
          name: key.name,
          deployments,
          expires_at: key.expiresAt,
        })
        .returning(KEY_COLUMNS)
        .executeTakeFirstOrThrow()
      const after = { hint: key.hint, deployments, expiresAt: key.expiresAt }
      const event = await record(transaction, change, { kind: 'consumer.key-created', key: key.name, after })
      return { event, key: ConsumerKey.parse(row) }
    })
  } catch (error) {
    if (isUniqueViolation(error, 'consumer_keys_name_unique')) return 'name_taken'
    throw error
  }
}

/** Those that the project does not have; one that has is kept until the commit. */
async function unknownDeployments(
  transaction: Transaction<Tables>,
  projectId: string,
  names: readonly DeploymentName[],
): Promise<DeploymentName[]> {
  if (names.length === 0) return []
  const rows = await transaction
    .selectFrom('deployments')
    .select('name')
    .where('project_id', '=', projectId)
    .where('name', 'in', names)
    .orderBy('name')
    .forKeyShare()
    .execute()
  const known = new Set<string>(rows.map(({ name }) => name))
  return names.filter((name) => !known.has(name))
}

const lockConsumer = (transaction: Transaction<Tables>, { projectId, consumer }: Change) =>
  transaction
    .selectFrom('consumers')
    .select(['id', 'description', 'limits'])
    .where('project_id', '=', projectId)
    .where('name', '=', consumer)
    .forUpdate()
    .executeTakeFirst()

interface Recorded {
  readonly kind: string
  /** The name of the key. */
  readonly key?: string
  readonly before?: object
  readonly after?: object
}

async function record(transaction: Transaction<Tables>, change: Change, recorded: Recorded): Promise<Event> {
  const { kind, key, before, after } = recorded
  const { projectId, consumer, actor } = change
  const subject = `consumer ${consumer}${key === undefined ? '' : `/${key}`}`
  await appendAudit(transaction, { projectId, act: kind, subject, before: before ?? null, after: after ?? null })
  return appendEvent(transaction, { projectId, kind, subject, actor, document: { ...(after ?? before) } })
}

const KEY_COLUMNS = [
  'id',
  'name',
  'hint',
  'deployments',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'last_used_at as lastUsedAt',
] as const

const limitsIn = (document: unknown) => Consumer.shape.limits.parse(document)

async function readConsumers(
  kysely: Kysely<Tables>,
  { projectId, name }: { projectId?: string; name?: ConsumerName },
): Promise<KeptConsumer[]> {
  const rows = await kysely
    .selectFrom('consumers')
    .innerJoin('projects', 'projects.id', 'consumers.project_id')
    .select([
      'consumers.id',
      'consumers.name',
      'consumers.description',
      'consumers.limits',
      'consumers.created_at as createdAt',
      'projects.id as projectId',
      'projects.name as project',
    ])
    .$if(projectId !== undefined, (query) => query.where('consumers.project_id', '=', projectId!))
    .$if(name !== undefined, (query) => query.where('consumers.name', '=', name!))
    .orderBy('consumers.name')
    .orderBy('consumers.id')
    .execute()
  const keys = await kysely
    .selectFrom('consumer_keys')
    .select([...KEY_COLUMNS, 'hash', 'consumer_id as consumerId'])
    .$if(projectId !== undefined, (query) => query.where('project_id', '=', projectId!))
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  const byConsumer = Map.groupBy(keys, ({ consumerId }) => consumerId)
  return rows.map(({ id, projectId: owner, project, ...row }) => ({
    id,
    projectId: owner,
    project: ProjectName.parse(project),
    ...Consumer.omit({ keys: true, used: true }).parse(row),
    keys: (byConsumer.get(id) ?? []).map((key): KeptKey => ({ ...ConsumerKey.parse(key), hash: key.hash })),
  }))
}
