import { Change, ChangeKind, Lane, RouteTable, Stage, VersionNumber } from '@stead/contracts'
import type { DeploymentName, GenerationRecord } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import type { DeploymentRecord } from './deployments.store.ts'
import { GENERATION_COLUMNS, readGeneration } from './generation-rows.sql.ts'

/** Changes that are over, as they lie in generations and in the events of refusals. */

export const REFUSED = 'deployment.refused'

/** What came after an event was written has its default. */
export const StoredRefusal = z.object({
  kind: ChangeKind,
  version: VersionNumber.nullable(),
  reason: z.string(),
  stages: z.array(Stage),
  at: z.string(),
  change: z.string().nullable().default(null),
  startedAt: z.string().nullable().default(null),
  after: RouteTable.nullable().default(null),
  code: z.string().default('checks_failed'),
  because: z.string().default(''),
})

type Generations = (deploymentId: string, generation: number) => Promise<GenerationRecord | undefined>

/** `generation` reads one generation: the table before a change is that of the generation before. */
export async function readChange(
  kysely: Kysely<Tables>,
  record: DeploymentRecord,
  id: string,
  generation: Generations,
): Promise<Change | undefined> {
  const change = (await readCommitted(kysely, record, id)) ?? (await readRefused(kysely, record, id))
  if (!change) return undefined
  const before = await generation(record.id, change.after.generation - 1)
  return Change.parse({ ...change, id, deployment: record.name, before: before ?? null, detached: [] })
}

type KeptChange = Omit<Change, 'id' | 'deployment' | 'before' | 'detached'>

async function readCommitted(
  kysely: Kysely<Tables>,
  record: DeploymentRecord,
  id: string,
): Promise<KeptChange | undefined> {
  const row = await kysely
    .selectFrom('generations')
    .select(GENERATION_COLUMNS)
    .where('deployment_id', '=', record.id)
    .where(sql<boolean>`document ->> 'change' = ${id}`)
    .executeTakeFirst()
  if (!row) return undefined
  const { kind, reason, actor, committedAt, stages, ...after } = readGeneration(row)
  const { startedAt } = z.object({ startedAt: z.string().default(committedAt) }).parse(row.document)
  // When it ended is not written; it is the acknowledgement that comes after the commit.
  const acknowledgedMs = stages.find(({ name }) => name === 'acknowledge')?.ms ?? 0
  const endedAt = new Date(Date.parse(committedAt) + acknowledgedMs).toISOString()
  return { kind, after, reason, actor, startedAt, committedAt, endedAt, stages, failure: null }
}

async function readRefused(
  kysely: Kysely<Tables>,
  { projectId, name }: DeploymentRecord,
  id: string,
): Promise<KeptChange | undefined> {
  const row = await kysely
    .selectFrom('events')
    .select(['actor', 'document'])
    .where('project_id', '=', projectId)
    .where('subject', '=', name)
    .where('kind', '=', REFUSED)
    .where(sql<boolean>`document ->> 'change' = ${id}`)
    .executeTakeFirst()
  if (!row) return undefined
  const { kind, stages, at, startedAt, after, code, because, reason: message } = StoredRefusal.parse(row.document)
  if (after === null) return undefined
  return {
    kind,
    after,
    reason: because,
    actor: row.actor,
    startedAt: startedAt ?? at,
    committedAt: null,
    endedAt: at,
    stages,
    failure: { code, message },
  }
}

/** What one lane tells of its generations, and of its refusals: the newest. */
const MOST_MARKS = 200

interface LaneRow {
  readonly name: string
  /** Newest first, and one more than are told. */
  readonly rows: unknown[]
}

const instant = (column: string) => sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** One statement for the generations of all deployments and one for their refusals, with a row for each deployment. */
export async function readLanes(
  kysely: Kysely<Tables>,
  projectId: string,
  names: readonly DeploymentName[] | undefined,
  from: string,
): Promise<Lane[]> {
  if (names?.length === 0) return []
  const asked = names === undefined ? sql`true` : sql`deployments.name in (${sql.join([...names])})`
  const ours = sql`deployments.project_id = ${projectId} and ${asked}`
  const { rows: marks } = await sql<LaneRow>`
    select deployments.name, marks.rows
    from deployments
    cross join lateral (
      select coalesce((
        select generation from generations
        where deployment_id = deployments.id and committed_at <= ${from}::timestamptz
        order by generation desc limit 1
      ), 0) as generation
    ) first
    cross join lateral (
      select jsonb_agg(jsonb_build_object(
        'generation', generation, 'kind', kind, 'at', ${instant('committed_at')}, 'model', document -> 'model',
        'routes', document -> 'routes', 'shadows', document -> 'shadows', 'parked', document -> 'parked',
        'change', document -> 'change'
      ) order by generation desc) as rows
      from (
        select generation, kind, committed_at, document from generations
        where deployment_id = deployments.id and generation >= first.generation
        order by generation desc limit ${MOST_MARKS + 1}
      ) newest
    ) marks
    where ${ours}
    order by deployments.name collate "C"`.execute(kysely)
  const { rows: refusals } = await sql<LaneRow>`
    select name, jsonb_agg(refusal order by sequence desc) as rows from (
      select deployments.name, events.sequence,
        row_number() over (partition by deployments.id order by events.sequence desc) as place,
        jsonb_build_object(
          'at', ${instant('events.at')}, 'kind', events.document -> 'kind', 'version', events.document -> 'version',
          'reason', events.document -> 'reason', 'change', events.document -> 'change'
        ) as refusal
      from events
      join deployments on deployments.project_id = events.project_id and deployments.name = events.subject
      where events.project_id = ${projectId} and events.kind = ${REFUSED} and ${ours}
        and events.at > ${from}::timestamptz and events.at >= deployments.created_at
        and events.sequence > coalesce((
          select sequence from events where project_id = ${projectId} and at <= ${from}::timestamptz
          order by sequence desc limit 1
        ), 0)
    ) refusals
    where place <= ${MOST_MARKS + 1}
    group by name`.execute(kysely)
  const refused = new Map(refusals.map(({ name, rows }) => [name, rows]))
  return marks.map(({ name, rows }) => laneOf(name, rows, refused.get(name) ?? []))
}

function laneOf(name: string, marks: readonly unknown[], refusals: readonly unknown[]): Lane {
  return Lane.parse({
    deployment: name,
    marks: marks.slice(0, MOST_MARKS).toReversed(),
    refusals: refusals.slice(0, MOST_MARKS).toReversed(),
    truncated: Math.max(marks.length, refusals.length) > MOST_MARKS,
  })
}
