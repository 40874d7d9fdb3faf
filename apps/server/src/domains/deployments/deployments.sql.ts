import { DeploymentName, Digest } from '@stead/contracts'
import type { ChangeKind, RouteTable } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { isUniqueViolation } from '../../database/failures.ts'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import { readChange, readLanes, REFUSED, StoredRefusal } from './change-rows.sql.ts'
import type { Commit, DeploymentStore, Refusal } from './deployments.store.ts'
import {
  deploymentRows,
  GENERATION_COLUMNS,
  generationDocument,
  readBundles,
  readDeployment,
  readGeneration,
} from './generation-rows.sql.ts'
import { heaviest } from './plans.ts'

const EVENT_KINDS: Readonly<Record<ChangeKind, string>> = {
  deploy: 'deployment.deployed',
  swap: 'deployment.swapped',
  repurpose: 'deployment.repurposed',
  rollback: 'deployment.rolled-back',
  traffic: 'deployment.traffic-split',
  park: 'deployment.parked',
  wake: 'deployment.woken',
}
export function sqlDeploymentStore(kysely: Kysely<Tables>): DeploymentStore {
  const generationsOf = (deploymentId: string) =>
    kysely.selectFrom('generations').select(GENERATION_COLUMNS).where('deployment_id', '=', deploymentId)

  const generation = async (deploymentId: string, number: number) => {
    const row = await generationsOf(deploymentId).where('generation', '=', number).executeTakeFirst()
    return row && readGeneration(row)
  }

  return {
    async list(projectId) {
      const all = deploymentRows(kysely).orderBy('deployments.name')
      const rows = await (projectId === undefined ? all : all.where('deployments.project_id', '=', projectId)).execute()
      return rows.map(readDeployment)
    },
    async find(projectId, name) {
      const row = await deploymentRows(kysely)
        .where('deployments.project_id', '=', projectId)
        .where('deployments.name', '=', name)
        .executeTakeFirst()
      return row && readDeployment(row)
    },
    async create(projectId, name, first, id, owner = null) {
      try {
        return await kysely
          .transaction()
          .execute((transaction) => create(transaction, { id, projectId, name }, first, owner))
      } catch (error) {
        if (isUniqueViolation(error, 'deployments_name_unique')) return 'name_taken'
        throw error
      }
    },
    commit: (record, next) =>
      kysely.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom('deployments')
          .select('generation')
          .where('id', '=', record.id)
          .forUpdate()
          .executeTakeFirst()
        if (row?.generation !== record.current.generation) return 'conflict'
        const held = await lockHeld(transaction, record.projectId, next)
        if (held === 'version_gone') return held
        await transaction
          .updateTable('deployments')
          .set({ generation: next.table.generation, model_id: held.modelId })
          .where('id', '=', record.id)
          .execute()
        return writeGeneration(transaction, record, next, held, record.current)
      }),
    async complete(deploymentId, generation, stages) {
      await kysely
        .updateTable('generations')
        .set({ stages })
        .where('deployment_id', '=', deploymentId)
        .where('generation', '=', generation)
        .execute()
    },
    remove: (record, actor) =>
      kysely.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('deployments').where('id', '=', record.id).execute()
        return recordChange(transaction, {
          projectId: record.projectId,
          kind: 'deployment.deleted',
          subject: record.name,
          actor,
          before: tableOf(record.current),
        })
      }),
    generation,
    change: (record, id) => readChange(kysely, record, id, generation),
    lanes: (projectId, names, from) => readLanes(kysely, projectId, names, from),
    async generations(deploymentId, before, limit) {
      const rows = await generationsOf(deploymentId)
        .where('generation', '<', before ?? Number.MAX_SAFE_INTEGER)
        .orderBy('generation', 'desc')
        .limit(limit)
        .execute()
      return rows.map(readGeneration)
    },
    async byIdempotencyKey(deploymentId, key) {
      const row = await generationsOf(deploymentId).where('idempotency_key', '=', key).executeTakeFirst()
      return row && readGeneration(row)
    },
    bundles: (projectId, model, versions) => readBundles(kysely, projectId, model, versions),
    refused: (record, refusal, actor) =>
      kysely.transaction().execute((transaction) =>
        recordChange(transaction, {
          projectId: record.projectId,
          kind: REFUSED,
          subject: record.name,
          actor,
          document: { ...refusal },
          after: { kind: refusal.kind, version: refusal.version, code: refusal.code, because: refusal.reason },
          reason: refusal.because,
        }),
      ),
    aborted: ({ projectId, name }, { after, reason, ...aborted }, actor) =>
      kysely.transaction().execute((transaction) =>
        recordChange(transaction, {
          projectId,
          kind: 'deployment.aborted',
          subject: name,
          actor,
          document: { ...aborted, model: after.model, version: heaviest(after), reason },
          after: { ...aborted, table: tableOf(after) },
          reason,
        }),
      ),
    openRefusals: () => openRefusals(kysely),
  }
}

interface Named {
  readonly id: string
  readonly projectId: string
  readonly name: DeploymentName
}

async function create(
  transaction: Transaction<Tables>,
  { id, projectId, name }: Named,
  first: Commit,
  owner: string | null,
) {
  const held = await lockHeld(transaction, projectId, first)
  if (held === 'version_gone') return held
  await transaction
    .insertInto('deployments')
    .values({ id, project_id: projectId, name, model_id: held.modelId, generation: first.table.generation, owner })
    .execute()
  return writeGeneration(transaction, { id, projectId, name }, first, held, undefined)
}

/** The rows of all held versions, kept from being deleted until the commit. */
async function lockHeld(transaction: Transaction<Tables>, projectId: string, { holds, table }: Commit) {
  const wanted = new Map(holds.map((hold) => [`${hold.version}/${hold.model}`, hold]))
  const rows = await transaction
    .selectFrom('versions')
    .innerJoin('models', 'models.id', 'versions.model_id')
    .select(['versions.id', 'versions.number', 'versions.digest', 'models.id as modelId', 'models.name as model'])
    .where('models.project_id', '=', projectId)
    .where('models.name', 'in', [...new Set([...wanted.values()].map(({ model }) => model))])
    .where('versions.number', 'in', [...new Set([...wanted.values()].map(({ version }) => version))])
    .orderBy('versions.id')
    .forKeyShare(['versions', 'models'])
    .execute()
  const held = rows.filter((row) => wanted.has(`${row.number}/${row.model}`))
  const modelId = held.find((row) => row.model === table.model)?.modelId
  if (held.length < wanted.size || modelId === undefined) return 'version_gone'
  const answering = held.find((row) => row.model === table.model && row.number === heaviest(table))
  return { modelId, versionIds: held.map((row) => row.id), digest: answering ? Digest.parse(answering.digest) : null }
}

interface Held {
  readonly versionIds: readonly string[]
  /** Of the version that answers most. */
  readonly digest: Digest | null
}

/** A route table as the audit log tells it. */
const tableOf = ({ generation, model, contract, routes, shadows, config, parked }: RouteTable) => ({
  generation,
  model,
  contract,
  routes,
  shadows,
  config,
  parked,
})

async function writeGeneration(
  transaction: Transaction<Tables>,
  { id, projectId, name }: Named,
  commit: Commit,
  { versionIds, digest }: Held,
  before: RouteTable | undefined,
) {
  const { kind, table, reason, actor, stages, idempotencyKey } = commit
  await transaction
    .insertInto('generations')
    .values({
      deployment_id: id,
      project_id: projectId,
      generation: table.generation,
      kind,
      document: generationDocument(commit),
      reason,
      actor,
      stages,
      idempotency_key: idempotencyKey ?? null,
    })
    .execute()
  await transaction.deleteFrom('generation_versions').where('deployment_id', '=', id).execute()
  await transaction
    .insertInto('generation_versions')
    .values(
      versionIds.map((version_id) => ({
        deployment_id: id,
        project_id: projectId,
        generation: table.generation,
        version_id,
      })),
    )
    .execute()
  const document = {
    generation: table.generation,
    model: table.model,
    version: heaviest(table),
    restores: commit.restores,
    change: commit.change.id,
    reason,
  }
  const event = await recordChange(transaction, {
    projectId,
    kind: EVENT_KINDS[kind],
    subject: name,
    actor,
    document,
    digest,
    before: before && tableOf(before),
    after: tableOf(table),
    reason,
  })
  const row = await deploymentRows(transaction).where('deployments.id', '=', id).executeTakeFirstOrThrow()
  return { record: readDeployment(row), event }
}

/** A refusal is open while it is the last thing that happened to its deployment; a change that was given up, or another
 *  owner, is nothing that answers it. */
async function openRefusals(kysely: Kysely<Tables>): Promise<Map<DeploymentName, Refusal>> {
  const { rows } = await sql<{ name: string; document: unknown }>`
    select deployments.name, last.document
    from deployments cross join lateral (
      select kind, document from events
      where events.project_id = deployments.project_id and events.subject = deployments.name
        and events.kind like 'deployment.%' and events.kind not in ('deployment.aborted', 'deployment.handed-over')
      order by sequence desc limit 1
    ) last
    where last.kind = ${REFUSED}`.execute(kysely)
  return new Map(rows.map(({ name, document }) => [DeploymentName.parse(name), StoredRefusal.parse(document)]))
}
