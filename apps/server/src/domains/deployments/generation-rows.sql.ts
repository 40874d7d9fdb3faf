import { DEFAULT_SERVING, DeploymentName, GenerationRecord, ProjectName, VersionBundle } from '@stead/contracts'
import type { ModelName, RouteTable, VersionNumber } from '@stead/contracts'
import type { Kysely } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { Commit, DeploymentRecord } from './deployments.store.ts'

/** How generations lie in the database, and how they are read back: documents are parsed, never believed. */

export interface GenerationRow {
  readonly generation: number
  readonly kind: string
  readonly document: unknown
  readonly reason: string | null
  readonly actor: string
  readonly stages: unknown
  readonly committed_at: string
}

export const GENERATION_COLUMNS = [
  'generations.generation',
  'generations.kind',
  'generations.document',
  'generations.reason',
  'generations.actor',
  'generations.stages',
  'generations.committed_at',
] as const

export function readGeneration({ document, committed_at, ...row }: GenerationRow): GenerationRecord {
  const table = document as Partial<RouteTable>
  // A setting that came after the row was written has its default.
  const config = { ...DEFAULT_SERVING, ...table.config }
  return GenerationRecord.parse({
    change: null,
    ...table,
    ...row,
    config,
    reason: row.reason ?? '',
    committedAt: committed_at,
  })
}

export function generationDocument({ table, restores, change }: Commit): object {
  const { model, contract, routes, shadows, config, parked } = table
  return { model, contract, routes, shadows, config, parked, restores, change: change.id, startedAt: change.startedAt }
}

/** Every deployment with the generation it is at. */
export function deploymentRows(kysely: Kysely<Tables>) {
  return kysely
    .selectFrom('deployments')
    .innerJoin('projects', 'projects.id', 'deployments.project_id')
    .innerJoin('generations', (join) =>
      join
        .onRef('generations.deployment_id', '=', 'deployments.id')
        .onRef('generations.generation', '=', 'deployments.generation'),
    )
    .select([
      'deployments.id',
      'deployments.project_id',
      'projects.name as project',
      'deployments.name',
      'deployments.created_at',
    ])
    .select(GENERATION_COLUMNS)
}

type DeploymentRow = Awaited<ReturnType<ReturnType<typeof deploymentRows>['execute']>>[number]

export function readDeployment({
  id,
  project_id,
  project,
  name,
  created_at,
  ...current
}: DeploymentRow): DeploymentRecord {
  return {
    id,
    projectId: project_id,
    project: ProjectName.parse(project),
    name: DeploymentName.parse(name),
    createdAt: created_at,
    current: readGeneration(current),
  }
}

/** Those of the versions that are there, in the order asked for. */
export async function readBundles(
  kysely: Kysely<Tables>,
  projectId: string,
  model: ModelName,
  asked: readonly VersionNumber[],
): Promise<VersionBundle[]> {
  if (asked.length === 0) return []
  const rows = await kysely
    .selectFrom('versions')
    .innerJoin('models', 'models.id', 'versions.model_id')
    .select([
      'models.name as model',
      'versions.number as version',
      'versions.digest',
      'versions.runtime',
      'versions.signature',
      'versions.files',
    ])
    .where('models.project_id', '=', projectId)
    .where('models.name', '=', model)
    .where('versions.number', 'in', [...asked])
    .execute()
  const bundles = new Map(rows.map((row) => [row.version, VersionBundle.parse(row)]))
  return asked.flatMap((version) => bundles.get(version) ?? [])
}
