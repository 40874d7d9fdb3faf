import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import type { KeptStep, Span, SpanSums } from './figures.store.ts'

const Row = z.object({
  deployment_id: z.string(),
  parts: z.record(z.coerce.number(), z.number()),
  errors: z.record(z.string(), z.number()),
})

/** One statement for all of the deployments, and one row for each of them. */
export async function readSpanSums(
  kysely: Kysely<Tables>,
  deploymentIds: readonly string[],
  { step, from, to, parts }: Span,
): Promise<Map<string, SpanSums>> {
  if (deploymentIds.length === 0) return new Map()
  const number = (value: number) => sql`${value}::double precision`
  const [length, width] = [number(step), number((to - from) / parts)]
  const { rows } = await sql`
    with steps as materialized (
      select deployment_id, extract(epoch from at)::double precision - ${number(from)} as start,
        (document -> 'requests')::double precision as answered, (document -> 'shadowed')::double precision as copies,
        document -> 'errors' as errors
      from figures
      where deployment_id in (${sql.join([...deploymentIds])}) and ${ofStep(step)}
        and at >= ${moment(from)}::timestamptz and at < ${moment(to)}::timestamptz
    ), parts as (
      select deployment_id, part, sum((answered - copies) * (
          least(start + ${length}, (part + 1) * ${width}) - greatest(start, part * ${width})
        ) / ${length}) as requests
      from steps
      cross join lateral generate_series(
        floor(start / ${width})::integer, ceil((start + ${length}) / ${width})::integer - 1
      ) as part
      group by deployment_id, part
    ), kinds as (
      select deployment_id, key as kind, sum(value::double precision) as count
      from steps cross join lateral jsonb_each(errors)
      -- Of a version that got copies only, callers notice nothing.
      where errors <> '{}' and copies * 2 <= answered
      group by deployment_id, key
    ), failures as (
      select deployment_id, jsonb_object_agg(kind, count) as errors from kinds group by deployment_id
    ), trends as (
      select deployment_id, jsonb_object_agg(part, requests) as parts from parts group by deployment_id
    )
    select deployment_id, parts, coalesce(errors, '{}') as errors
    from trends left join failures using (deployment_id)`.execute(kysely)
  return new Map(
    z
      .array(Row)
      .parse(rows)
      .map((row) => [
        row.deployment_id,
        {
          parts: new Map(Object.entries(row.parts).map(([part, requests]) => [Number(part), requests])),
          errors: row.errors,
        },
      ]),
  )
}

/** Not by "=" alone: without statistics of the table the planner would take the index by age, and read the figures of
 *  every other deployment as well. */
export const ofStep = (step: KeptStep) => sql<boolean>`step + 0 = ${step}`

const moment = (at: number) => new Date(at * 1000).toISOString()
