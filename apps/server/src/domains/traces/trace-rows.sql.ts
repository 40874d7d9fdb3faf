import { Trace, type TraceId } from '@stead/contracts'
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { OtlpSpan } from './otlp.ts'

const entriesOf = (table: 'trace_tags' | 'trace_metadata') =>
  sql`(select coalesce(jsonb_object_agg(key, value), '{}') from ${sql.table(table)} as kept where kept.trace = t.id)`

/** What a trace is, of rows of `traces as t`. */
export const TRACE_COLUMNS: RawBuilder<unknown> = sql`t.trace_id as id,
  (select number from experiments where experiments.id = t.experiment_id) as experiment,
  t.client_request_id as "clientRequestId", t.started_at as "startedAt", t.duration, t.state,
  t.request_preview as "requestPreview", t.response_preview as "responsePreview",
  ${entriesOf('trace_tags')} as tags, ${entriesOf('trace_metadata')} as metadata,
  (select coalesce(jsonb_agg(
      a.document || jsonb_build_object('id', a.id, 'kind', a.kind, 'name', a.name, 'valid', a.valid,
        'overrides', a.overrides, 'createdAt', a.created_at, 'updatedAt', a.updated_at)
      order by a.created_at, a.id), '[]')
    from assessments as a where a.trace = t.id) as assessments`

export const traceIn = (row: unknown): Trace => Trace.parse(row)

/** As one parameter, however many they are. */
export const anyOf = (ids: readonly string[]): RawBuilder<unknown> =>
  sql`any (array(select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)))`

export async function findTraces(kysely: Kysely<Tables>, projectId: string, ids: readonly TraceId[]): Promise<Trace[]> {
  const { rows } = await sql`select ${TRACE_COLUMNS} from traces as t
    where t.project_id = ${projectId} and t.trace_id = ${anyOf(ids)}`.execute(kysely)
  const found = new Map(rows.map((row) => traceIn(row)).map((trace) => [trace.id, trace]))
  return [...new Set(ids)].flatMap((id) => found.get(id) ?? [])
}

/** Spans fetched at once: they may be large. */
const PAGE = 200

export async function findSpans(kysely: Kysely<Tables>, projectId: string, id: TraceId): Promise<OtlpSpan[]> {
  const spans: OtlpSpan[] = []
  for (;;) {
    const { rows } = await sql<{ document: unknown }>`select s.document from spans as s
      join traces as t on t.id = s.trace
      where t.project_id = ${projectId} and t.trace_id = ${id}
      order by s.parent_id is not null, s.started_ns, s.span_id collate "C"
      limit ${PAGE} offset ${spans.length}`.execute(kysely)
    spans.push(...rows.map(({ document }) => OtlpSpan.parse(document)))
    if (rows.length < PAGE) return spans
  }
}

/** Works on a trace that no other writer has meanwhile, in one transaction. */
export function holdTrace<T>(
  kysely: Kysely<Tables>,
  projectId: string,
  id: TraceId,
  work: (transaction: Transaction<Tables>, trace: number) => Promise<T>,
): Promise<T | 'gone'> {
  return kysely.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('traces')
      .select('id')
      .where('project_id', '=', projectId)
      .where('trace_id', '=', id)
      .forNoKeyUpdate()
      .executeTakeFirst()
    return row === undefined ? 'gone' : work(transaction, row.id)
  })
}
