import { sql } from 'kysely'
import { openDatabase } from '../../apps/server/src/database/database.ts'
import { migrate } from '../../apps/server/src/database/migrate.ts'

/** How much a large project holds. */
export interface Size {
  readonly models: number
  /** Of each model. */
  readonly versions: number
  readonly deployments: number
  /** Of each deployment. */
  readonly generations: number
}

export const FULL_SIZE: Size = { models: 10_000, versions: 10, deployments: 500, generations: 6 }

/** Writes a large project straight into the embedded database of a home that no server has open: `model-00001` and so
 *  on. Its deployments are parked, for there are no files to load. */
export async function seedLarge(home: string, size: Size): Promise<void> {
  const database = await openDatabase({ kind: 'embedded', home }, { onSlow: () => {} })
  try {
    await migrate(database.kysely)
    await database.kysely.transaction().execute(async (transaction) => {
      for (const statement of statementsFor(size)) await statement.execute(transaction)
    })
  } finally {
    await database.close()
  }
}

const SIGNATURE = {
  inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'variable', datatype: 'FP32', shape: [-1, 1] }],
}
const CONFIG = {
  batching: { maxRows: 64, maxDelayMs: 0, preferredRows: [], maxQueue: 1024 },
  isolation: 'shared',
  threads: 1,
  timeoutMs: null,
  loadTimeoutMs: 120_000,
}

function statementsFor({ models, versions, deployments, generations }: Size) {
  const model = sql`'model-' || lpad(m::text, 5, '0')`
  const signature = JSON.stringify(SIGNATURE)
  return [
    sql`insert into models (id, project_id, name, description, last_version, created_at)
      select 'm' || m, 'default', ${model}, 'A model of a large project, number ' || m, ${sql.lit(versions)},
        now() - make_interval(mins => m)
      from generate_series(1, ${sql.lit(models)}) m`,
    sql`insert into versions
        (id, model_id, project_id, number, digest, runtime, signature, files, size, provenance, description, created_at)
      select 'v' || m || '-' || v, 'm' || m, 'default', v, 'sha256:' || encode(sha256((m || '/' || v)::bytea), 'hex'),
        'onnx', ${signature}::jsonb,
        jsonb_build_array(jsonb_build_object('path', 'model.onnx',
          'digest', 'sha256:' || encode(sha256((m || '/' || v)::bytea), 'hex'), 'size', 4000 + m)),
        4000 + m, '{}', '', now() - make_interval(mins => m * 10 - v)
      from generate_series(1, ${sql.lit(models)}) m, generate_series(1, ${sql.lit(versions)}) v`,
    sql`insert into aliases (model_id, project_id, alias, version_number)
      select 'm' || m, 'default', 'champion', 1 + m % ${sql.lit(versions)} from generate_series(1, ${sql.lit(models)}) m`,
    sql`insert into deployments (id, project_id, name, model_id, generation, created_at)
      select 'd' || m, 'default', 'deployment-' || lpad(m::text, 4, '0'), 'm' || m, ${sql.lit(generations)}, now() - interval '30 days'
      from generate_series(1, ${sql.lit(deployments)}) m`,
    sql`insert into generations (deployment_id, project_id, generation, kind, document, reason, actor, stages, committed_at)
      select 'd' || m, 'default', g, case g when 1 then 'deploy' when ${sql.lit(generations)} then 'park' else 'swap' end,
        jsonb_build_object('generation', g, 'model', ${model}, 'contract', ${signature}::jsonb,
          'routes', jsonb_build_array(jsonb_build_object('version', 1 + g % ${sql.lit(versions)}, 'weight', 100)),
          'shadows', '[]'::jsonb, 'config', ${JSON.stringify(CONFIG)}::jsonb,
          'parked', case g when ${sql.lit(generations)} then to_jsonb('request'::text) else 'null'::jsonb end, 'restores', null),
        'a change of a large project', 'local', '[]', now() - make_interval(hours => (${sql.lit(generations)} - g) * 2)
      from generate_series(1, ${sql.lit(deployments)}) m, generate_series(1, ${sql.lit(generations)}) g`,
    sql`insert into generation_versions (deployment_id, project_id, generation, version_id)
      select 'd' || m, 'default', ${sql.lit(generations)}, 'v' || m || '-' || (1 + ${sql.lit(generations)} % ${sql.lit(versions)})
      from generate_series(1, ${sql.lit(deployments)}) m`,
    sql`insert into events (project_id, kind, subject, document, actor, at)
      select 'default', 'version.created', ${model} || '/' || ${sql.lit(versions)}, '{}', 'local', now() - make_interval(mins => m)
      from generate_series(1, ${sql.lit(models)}) m`,
    sql`analyze`,
  ]
}
