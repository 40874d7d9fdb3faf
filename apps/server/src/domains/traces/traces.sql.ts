import type { TraceId } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { insertAssessment } from './assessments.sql.ts'
import { pageOfTraces } from './trace-page.sql.ts'
import { anyOf, findSpans, findTraces, holdTrace } from './trace-rows.sql.ts'
import type { GivenTrace, KeptSpan, SpansOfTrace, TraceStore } from './traces.store.ts'

type Db = Kysely<Tables>

export function sqlTraceStore(kysely: Db): TraceStore {
  const within = <T>(work: (transaction: Transaction<Tables>) => Promise<T>) => kysely.transaction().execute(work)
  const holding = <T>(
    projectId: string,
    id: TraceId,
    work: (transaction: Transaction<Tables>, trace: number) => Promise<T>,
  ) => holdTrace(kysely, projectId, id, work)
  return {
    put: (projectId, experiment, trace) => within((transaction) => putTrace(transaction, projectId, experiment, trace)),
    addSpans: (projectId, experiment, spans) =>
      within((transaction) => addSpans(transaction, projectId, experiment, spans)),
    end: (projectId, id, { state, endedAt, tags, metadata }) =>
      holding(projectId, id, async (transaction, trace) => {
        await sql`update traces set state = ${state}, duration = greatest(0, ${endedAt}::bigint - started_at)
          where id = ${trace}`.execute(transaction)
        await setEntries(transaction, 'trace_tags', trace, tags)
        await setEntries(transaction, 'trace_metadata', trace, metadata)
        return 'done' as const
      }),
    find: (projectId, ids) => findTraces(kysely, projectId, ids),
    spans: (projectId, id) => findSpans(kysely, projectId, id),
    page: (projectId, page) => pageOfTraces(kysely, projectId, page),
    async meant(projectId, experiment, meant, limit) {
      const which = 'ids' in meant ? sql`trace_id = ${anyOf(meant.ids)}` : sql`started_at <= ${meant.until}::bigint`
      const { rows } = await sql<{ trace_id: TraceId }>`select trace_id from traces
        where project_id = ${projectId} and experiment_id = ${experiment} and ${which}
        order by started_at, id limit ${limit}`.execute(kysely)
      return rows.map(({ trace_id }) => trace_id)
    },
    remove: (projectId, ids) =>
      countOf(kysely, sql`delete from traces where project_id = ${projectId} and trace_id = ${anyOf(ids)}`),
    setTag: (projectId, id, key, value) =>
      holding(projectId, id, async (transaction, trace) => {
        await setEntries(transaction, 'trace_tags', trace, { [key]: value })
        return 'done' as const
      }),
    removeTag: (projectId, id, key) =>
      holding(projectId, id, async (transaction, trace) => {
        const gone = await countOf(transaction, sql`delete from trace_tags where trace = ${trace} and key = ${key}`)
        return gone === 0 ? ('no tag' as const) : ('done' as const)
      }),
    changeTags: (projectId, id, tags) =>
      holding(projectId, id, async (transaction, trace) => {
        const gone = Object.keys(tags).filter((key) => tags[key] === null)
        const set = Object.entries(tags).filter((entry): entry is [string, string] => entry[1] !== null)
        await sql`delete from trace_tags where trace = ${trace} and key = ${anyOf(gone)}`.execute(transaction)
        await setEntries(transaction, 'trace_tags', trace, Object.fromEntries(set))
        return 'done' as const
      }),
    async runsOf(projectId, id) {
      const { rows } = await sql<{
        target: string
      }>`select l.target from trace_links as l join traces as t on t.id = l.trace
        where t.project_id = ${projectId} and t.trace_id = ${id} and l.kind = 'run'
        order by l.target collate "C"`.execute(kysely)
      return rows.map(({ target }) => target)
    },
    linkToRun: (projectId, ids, run) =>
      within(async (transaction) => {
        const runs = sql`select from runs where project_id = ${projectId} and run_id = ${run} for key share`
        if ((await runs.execute(transaction)).rows.length === 0) return 'no run'
        await sql`insert into trace_links (trace, kind, target) select id, 'run', ${run} from traces
          where project_id = ${projectId} and trace_id = ${anyOf(ids)}
          order by id on conflict do nothing`.execute(transaction)
        return 'done' as const
      }),
    linkPrompts: (projectId, id, prompts) =>
      holding(projectId, id, async (transaction, trace) => {
        await sql`insert into trace_links (trace, kind, target)
          select ${trace}::bigint, 'prompt', target from jsonb_array_elements_text(${JSON.stringify(prompts)}::jsonb) as given(target)
          on conflict do nothing`.execute(transaction)
        return 'done' as const
      }),
  }
}

async function countOf(kysely: Db, query: ReturnType<typeof sql>): Promise<number> {
  return Number((await query.execute(kysely)).numAffectedRows ?? 0)
}

/** Spans may have come before and said how it ended. */
async function putTrace(
  transaction: Transaction<Tables>,
  projectId: string,
  experiment: number,
  trace: GivenTrace,
): Promise<void> {
  const { rows } = await sql<{ id: number }>`insert into traces
      (project_id, experiment_id, trace_id, client_request_id, started_at, duration, state, request_preview, response_preview)
    values (${projectId}, ${experiment}, ${trace.id}, ${trace.clientRequestId}, ${trace.startedAt}, ${trace.duration},
      ${trace.state}, ${trace.requestPreview}, ${trace.responsePreview})
    on conflict (project_id, trace_id) do update set
      experiment_id = excluded.experiment_id,
      client_request_id = coalesce(excluded.client_request_id, traces.client_request_id),
      started_at = excluded.started_at,
      duration = coalesce(excluded.duration, traces.duration),
      state = case when excluded.state in ('OK', 'ERROR') then excluded.state else traces.state end,
      request_preview = coalesce(excluded.request_preview, traces.request_preview),
      response_preview = coalesce(excluded.response_preview, traces.response_preview)
    returning id`.execute(transaction)
  const row = rows[0]!.id
  await setEntries(transaction, 'trace_tags', row, trace.tags)
  await setEntries(transaction, 'trace_metadata', row, trace.metadata)
  for (const assessment of trace.assessments) await insertAssessment(transaction, row, assessment)
}

async function setEntries(
  transaction: Transaction<Tables>,
  table: 'trace_tags' | 'trace_metadata',
  trace: number,
  entries: Readonly<Record<string, string>>,
  keepsOld = false,
): Promise<void> {
  if (Object.keys(entries).length === 0) return
  const clash = keepsOld ? sql`do nothing` : sql`(trace, key) do update set value = excluded.value`
  await sql`insert into ${sql.table(table)} (trace, key, value)
    select ${trace}::bigint, key, value from jsonb_each_text(${JSON.stringify(entries)}::jsonb)
    on conflict ${clash}`.execute(transaction)
}

/** Written at once: each may be large. */
const PAGE = 500

async function addSpans(
  transaction: Transaction<Tables>,
  projectId: string,
  experiment: number,
  given: SpansOfTrace,
): Promise<void> {
  const { rows } = await sql<{ id: number }>`insert into traces
      (project_id, experiment_id, trace_id, started_at, duration, state, request_preview, response_preview)
    values (${projectId}, ${experiment}, ${given.id}, ${given.startedAt}, ${given.duration}, ${given.state},
      ${given.requestPreview}, ${given.responsePreview})
    on conflict (project_id, trace_id) do update set
      started_at = least(traces.started_at, excluded.started_at),
      duration = greatest(traces.started_at + traces.duration, excluded.started_at + excluded.duration)
        - least(traces.started_at, excluded.started_at),
      state = case when traces.state in ('OK', 'ERROR') then traces.state else excluded.state end,
      request_preview = coalesce(traces.request_preview, excluded.request_preview),
      response_preview = coalesce(traces.response_preview, excluded.response_preview)
    returning id`.execute(transaction)
  const trace = rows[0]!.id
  for (let at = 0; at < given.spans.length; at += PAGE)
    await upsertSpans(transaction, trace, given.spans.slice(at, at + PAGE))
  await setEntries(transaction, 'trace_tags', trace, given.tags, true)
  await setEntries(transaction, 'trace_tags', trace, { 'mlflow.trace.spansLocation': 'TRACKING_STORE' })
  await setEntries(transaction, 'trace_metadata', trace, given.metadata, true)
  if (given.spans.some(({ tokens }) => tokens !== null)) await sumTokens(transaction, trace)
  if (given.run !== undefined)
    await sql`insert into trace_links (trace, kind, target) values (${trace}, 'run', ${given.run})
      on conflict do nothing`.execute(transaction)
}

async function upsertSpans(transaction: Transaction<Tables>, trace: number, spans: readonly KeptSpan[]): Promise<void> {
  const rows = spans.map(({ id, parent, startedNs, ...span }) => ({
    ...span,
    span_id: id,
    parent_id: parent,
    started_ns: startedNs,
  }))
  await sql`insert into spans (trace, span_id, parent_id, name, type, status, started_ns, attributes, tokens, document)
    select ${trace}::bigint, given.* from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given
      (span_id text, parent_id text, name text, type text, status text, started_ns bigint, attributes jsonb, tokens jsonb,
        document jsonb)
    on conflict (trace, span_id) do update set parent_id = excluded.parent_id, name = excluded.name,
      type = excluded.type, status = excluded.status, started_ns = excluded.started_ns,
      attributes = excluded.attributes, tokens = excluded.tokens, document = excluded.document`.execute(transaction)
}

/** Summed anew over all spans, so that spans which are sent twice count once. */
async function sumTokens(transaction: Transaction<Tables>, trace: number): Promise<void> {
  await sql`insert into trace_metadata (trace, key, value)
    select ${trace}::bigint, 'mlflow.trace.tokenUsage', jsonb_object_agg(kind, total)::text
    from (select kind, sum(count::double precision) as total
      from spans, jsonb_each_text(tokens) as used(kind, count) where trace = ${trace} and tokens is not null
      group by kind) as sums
    on conflict (trace, key) do update set value = excluded.value`.execute(transaction)
}
