import { Digest } from '@stead/contracts'
import { z } from 'zod'
import { MIGRATIONS } from '../../database/migrate.ts'
import { access } from '../../database/migrations/0003-access.ts'
import { tracking } from '../../database/migrations/0004-tracking.ts'
import { registry } from '../../database/migrations/0005-registry.ts'
import { traces } from '../../database/migrations/0006-traces.ts'
import { webhooks } from '../../database/migrations/0007-webhooks.ts'
import type { Tables } from '../../database/tables.ts'

/** What a backup is: an uncompressed tar of `stead-backup.json`, then `tables/<name>.jsonl`, one row in JSON per line,
 *  then `artifacts/<64 hexadecimal digits>`, in this order. */

export const MANIFEST_NAME = 'stead-backup.json'

const TRACKING = [
  'experiments',
  'experiment_tags',
  'runs',
  'purged_runs',
  'metrics',
  'latest_metrics',
  'params',
  'run_tags',
  'datasets',
  'run_datasets',
  'run_models',
  'logged_models',
  'logged_model_params',
  'logged_model_tags',
  'logged_model_metrics',
  'files',
  'views',
] as const

const REGISTRY = ['model_tags', 'version_tags'] as const

const TRACES = [
  'traces',
  'trace_tags',
  'trace_metadata',
  'trace_links',
  'spans',
  'assessments',
  'evaluation_sets',
  'evaluation_set_experiments',
  'evaluation_records',
] as const

const WEBHOOKS = ['webhooks', 'deliveries'] as const

/** In the order in which rows can be put in place: a table after those it refers to. */
export const TABLES = [
  'projects',
  'people',
  'sessions',
  'members',
  'service_accounts',
  'tokens',
  'consumers',
  'consumer_keys',
  'usage',
  'artifacts',
  'models',
  'versions',
  'aliases',
  'deployments',
  'generations',
  'generation_versions',
  'golden_requests',
  'idempotency',
  'runners',
  'events',
  'figures',
  'settings',
  'audit',
  ...TRACKING,
  ...REGISTRY,
  ...TRACES,
  ...WEBHOOKS,
] as const satisfies readonly (keyof Tables)[]
export type TableName = (typeof TABLES)[number]

/** Archives from before these tables do not have them. */
const SINCE = new Map<TableName, string>([
  ...(
    [
      'people',
      'sessions',
      'members',
      'service_accounts',
      'tokens',
      'consumers',
      'consumer_keys',
      'usage',
      'audit',
    ] as const
  ).map((table) => [table, access.name] as const),
  ...TRACKING.map((table) => [table, tracking.name] as const),
  ...REGISTRY.map((table) => [table, registry.name] as const),
  ...TRACES.map((table) => [table, traces.name] as const),
  ...WEBHOOKS.map((table) => [table, webhooks.name] as const),
])

export const knew = ({ migrations }: Pick<Manifest, 'migrations'>, table: TableName): boolean => {
  const since = SINCE.get(table)
  return since === undefined || migrations.includes(since)
}

export const MIGRATION_NAMES: readonly string[] = MIGRATIONS.map(({ name }) => name)

export const Manifest = z.object({
  format: z.literal('stead-backup'),
  formatVersion: z.literal(1),
  stead: z.string(),
  takenAt: z.iso.datetime(),
  /** What the schema was: a newer one cannot be read. */
  migrations: z.array(z.string()),
  tables: z.record(z.string(), z.number().int().min(0)),
  artifacts: z.number().int().min(0),
})
export type Manifest = z.infer<typeof Manifest>

export const tableEntry = (table: TableName) => `tables/${table}.jsonl`
export const artifactEntry = (digest: string) => `artifacts/${digest.slice('sha256:'.length)}`

export function tableOfEntry(name: string): TableName | undefined {
  return TABLES.find((table) => tableEntry(table) === name)
}

export function digestOfEntry(name: string): Digest | undefined {
  const [, hex] = /^artifacts\/([0-9a-f]{64})$/.exec(name) ?? []
  return hex === undefined ? undefined : Digest.parse(`sha256:${hex}`)
}
