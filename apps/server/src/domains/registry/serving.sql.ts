import { DeploymentName, Generation, Route, Shadow } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import type { ServingStore, ServingTable } from './serving.ts'

const Row = z.object({
  deployment_id: z.string(),
  name: DeploymentName,
  generation: Generation,
  routes: z.array(Route),
  shadows: z.array(Shadow),
  committed_at: z.string(),
  next: Generation.nullable(),
  ended_at: z.string().nullable(),
})

export function sqlServingStore(kysely: Kysely<Tables>): ServingStore {
  return {
    async tables(projectId, model, { after, limit }) {
      const found = await kysely
        .selectFrom('models')
        .select('created_at')
        .where('project_id', '=', projectId)
        .where('name', '=', model)
        .executeTakeFirst()
      if (!found) return undefined
      const further = after
        ? sql`and (deployment_id, generation) < (${after.deploymentId}, ${after.generation}::bigint)`
        : sql``
      const { rows } = await sql`
        with page as (
          select deployment_id, generation, document -> 'routes' as routes, document -> 'shadows' as shadows, committed_at
          from generations
          where project_id = ${projectId} and document ->> 'model' = ${model}
            and committed_at >= ${found.created_at}::timestamptz ${further}
          order by deployment_id desc, generation desc limit ${limit}
        )
        select page.*, deployments.name, ending.generation as next, ending.committed_at as ended_at
        from page
        join deployments on deployments.id = page.deployment_id
        left join lateral (
          select generation, committed_at from generations
          where generations.deployment_id = page.deployment_id and generations.generation > page.generation
          order by generation limit 1
        ) ending on true
        order by page.deployment_id desc, page.generation desc`.execute(kysely)
      return rows.map((row) => readTable(Row.parse(row)))
    },
  }
}

function readTable({
  deployment_id,
  name,
  generation,
  routes,
  shadows,
  committed_at,
  next,
  ended_at,
}: z.infer<typeof Row>): ServingTable {
  return {
    deploymentId: deployment_id,
    deployment: name,
    generation,
    routes,
    shadows,
    committedAt: committed_at,
    endedBy: next === null || ended_at === null ? null : { generation: next, at: ended_at },
  }
}
