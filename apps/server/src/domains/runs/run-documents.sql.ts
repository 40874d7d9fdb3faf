import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { listOf, type Sql } from '../filters/compile.sql.ts'
import type { RunColumns, RunDocument } from './run-search.store.ts'

/** Documents of one statement: it takes some tens of milliseconds, and others have their turn after it. */
const AT_ONCE = 250

/** The runs as JSON texts in the shape of MLflow's wire, whose lists the database writes and nobody parses on their way:
 *  parsing and writing them again takes longer than reading them. `to_json` makes texts of NaN and infinities. */
export async function readDocuments(
  kysely: Kysely<Tables>,
  ids: readonly number[],
  columns: RunColumns,
): Promise<RunDocument[]> {
  const documents: RunDocument[] = []
  for (let at = 0; at < ids.length; at += AT_ONCE)
    documents.push(...(await readSome(kysely, ids.slice(at, at + AT_ONCE), columns)))
  return documents
}

/** A list of a run, as text without its brackets, or its info. */
interface Piece {
  readonly run: number
  readonly part: Part
  readonly text: string
  readonly parent: string | null
}

type Part = 'info' | 'metrics' | 'params' | 'tags' | 'dataset_inputs' | 'model_inputs' | 'model_outputs'

/** One statement, so that a batch that is logged meanwhile is seen whole or not at all. One scan for each kind of list
 *  takes a third of what a look-up for each run and kind does. */
async function readSome(kysely: Kysely<Tables>, ids: readonly number[], columns: RunColumns): Promise<RunDocument[]> {
  const wanted = sql`any (${listOf('bigint', ids)})`
  const parts = [
    infos(wanted),
    ...data(wanted, columns),
    datasets(wanted),
    models('input', wanted),
    models('output', wanted),
  ]
  const { rows } = await sql<Piece>`${sql.join(parts, sql` union all `)}`.execute(kysely)
  const pieces = new Map<number, Partial<Record<Part, Piece>>>()
  for (const piece of rows) {
    const known = pieces.get(piece.run) ?? {}
    known[piece.part] = piece
    pieces.set(piece.run, known)
  }
  return ids.flatMap((id) => documentOf(pieces.get(id) ?? {}))
}

/** None where the run is gone. Lists that are empty are absent, as protobuf has it. */
function documentOf(pieces: Partial<Record<Part, Piece>>): RunDocument[] {
  if (pieces.info === undefined) return []
  const lists = (...parts: Part[]) =>
    parts.flatMap((part) => (pieces[part] === undefined ? [] : `"${part}":[${pieces[part].text}]`)).join(',')
  const inputs = lists('dataset_inputs', 'model_inputs')
  const { text, parent } = pieces.info
  return [
    {
      parent,
      text: `{"info":${text},"data":{${lists('metrics', 'params', 'tags')}},"inputs":{${inputs}},"outputs":{${lists('model_outputs')}}}`,
    },
  ]
}

const text = (value: Sql) => sql`to_json(${value})::text`

const infos = (wanted: Sql) => sql`select runs.id as run, 'info' as part,
  '{"run_uuid":' || ${text(sql`runs.run_id`)} || ',"run_id":' || ${text(sql`runs.run_id`)}
    || ',"run_name":' || ${text(sql`runs.name`)} || ',"experiment_id":"' || experiments.number
    || '","user_id":' || ${text(sql`runs.user_name`)} || ',"status":"' || runs.status || '","start_time":' || runs.started_at
    || coalesce(',"end_time":' || runs.ended_at, '') || ',"artifact_uri":' || ${text(sql`runs.artifact_uri`)}
    || ',"lifecycle_stage":"' || runs.lifecycle || '"}' as text,
  runs.parent
  from runs join experiments on experiments.id = runs.experiment_id where runs.id = ${wanted}`

const list = (part: Part, item: Sql, from: Sql) =>
  sql`select kept.run, ${sql.lit(part)}, string_agg(${item}, ','), null from ${from} group by kept.run`

function data(wanted: Sql, columns: RunColumns): Sql[] {
  if (columns === 'none') return []
  const lists = (part: 'metrics' | 'params' | 'tags', table: string, more = sql``): Sql[] => {
    const keys = columns === 'all' ? undefined : columns[part]
    if (keys?.length === 0) return []
    const only = keys === undefined ? sql`` : sql`and kept.key = any (${listOf('text', keys)})`
    const item = sql`'{"key":' || to_json(kept.key) || ',"value":' || to_json(kept.value) ${more} || '}'`
    return [list(part, item, sql`${sql.table(table)} as kept where kept.run = ${wanted} ${only}`)]
  }
  return [
    ...lists('metrics', 'latest_metrics', sql`|| ',"timestamp":' || kept.timestamp || ',"step":' || kept.step`),
    ...lists('params', 'params'),
    ...lists('tags', 'run_tags'),
  ]
}

const datasets = (wanted: Sql) =>
  list(
    'dataset_inputs',
    sql`json_strip_nulls(json_build_object('tags', kept.tags, 'dataset', json_build_object(
      'name', datasets.name, 'digest', datasets.digest, 'source_type', datasets.source_type, 'source', datasets.source,
      'schema', datasets.schema, 'profile', datasets.profile)))::text`,
    sql`run_datasets as kept join datasets on datasets.id = kept.dataset_id where kept.run = ${wanted}`,
  )

function models(direction: 'input' | 'output', wanted: Sql): Sql {
  const step = direction === 'input' ? sql`` : sql`|| ',"step":' || kept.step`
  const item = sql`'{"model_id":' || to_json(kept.model_id) ${step} || '}'`
  return list(
    `model_${direction}s`,
    item,
    sql`run_models as kept where kept.run = ${wanted} and kept.direction = ${sql.lit(direction)}`,
  )
}
