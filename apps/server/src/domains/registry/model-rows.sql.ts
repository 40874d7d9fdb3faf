import { Model } from '@stead/contracts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { digestStart } from './digest-start.ts'
import { type ModelFilter, PROMPT_TAG } from './registry.store.ts'

/** How models are read: what is told of each is looked up for the rows of a page, never for all. */

/** A model and its newest version, whose columns are null where there is none. */
interface ModelRow {
  readonly number: number | null
  readonly runtime: unknown
  readonly size: unknown
  readonly inputs: unknown
  readonly outputs: unknown
  readonly made: unknown
}

/** Read at once. A long list is read in several statements, so that others have their turn at the one session between. */
const AT_ONCE = 250

/** Models that pass, by name, with all that is told of them. */
export async function readModels(
  kysely: Kysely<Tables>,
  passing: RawBuilder<boolean>,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<Model[]> {
  const models: Model[] = []
  for (let last = after; models.length < limit;) {
    const wanted = last === undefined ? passing : sql<boolean>`${passing} and models.name collate "C" > ${last}`
    const asked = Math.min(AT_ONCE, limit - models.length)
    const read = await readPage(kysely, wanted, asked)
    models.push(...read)
    if (read.length < asked) break
    last = read.at(-1)?.name
  }
  return models
}

async function readPage(kysely: Kysely<Tables>, passing: RawBuilder<boolean>, limit: number): Promise<Model[]> {
  const { rows } = await sql<ModelRow>`
    with page as (select * from models where ${passing} order by models.name collate "C" limit ${limit})
    select page.name, page.description, page.created_at as "createdAt", page.updated_at as "updatedAt",
      page.user_name as "user",
      (select coalesce(jsonb_object_agg(key, value), '{}'::jsonb) from model_tags
        where model_tags.model_id = page.id) as tags,
      newest.number, newest.runtime, newest.size, newest.inputs, newest.outputs, newest.made,
      (select count(*) from versions where versions.model_id = page.id) as versions,
      (select coalesce(jsonb_object_agg(alias, version_number), '{}'::jsonb) from aliases
        where aliases.model_id = page.id) as aliases,
      (select coalesce(jsonb_agg(deployments.name order by deployments.name collate "C"), '[]'::jsonb) from deployments
        where deployments.model_id = page.id) as deployments
    from page left join lateral (
      select number, runtime, size,
        jsonb_array_length(signature -> 'inputs') as inputs, jsonb_array_length(signature -> 'outputs') as outputs,
        versions.created_at as made
      from versions where versions.model_id = page.id order by number desc limit 1
    ) newest on true
    order by page.name collate "C"`.execute(kysely)
  return rows.map(readModel)
}

function readModel({ number, runtime, size, inputs, outputs, made, ...model }: ModelRow): Model {
  const latest = number === null ? null : { version: number, runtime, size, inputs, outputs, createdAt: made }
  return Model.parse({ ...model, latestVersion: number, latest })
}

export async function countModels(kysely: Kysely<Tables>, passing: RawBuilder<boolean>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from models where ${passing}`.execute(kysely)
  return rows[0]?.count ?? 0
}

/** Found by a part of the name or of an alias, without case, or by the beginning of a version's digest. */
export function passing(projectId: string, { search = '', serving, prompts }: ModelFilter): RawBuilder<boolean> {
  const tests = [sql`models.project_id = ${projectId}`]
  if (!prompts) tests.push(sql`not ${isPrompt(projectId)}`)
  if (serving) tests.push(sql`exists (select from deployments where deployments.model_id = models.id)`)
  if (search !== '') tests.push(sql`models.id in (${found(projectId, search)})`)
  return sql<boolean>`(${sql.join(tests, sql` and `)})`
}

/** Prompts are models with a tag, and nothing that could be deployed. A set that is read once, for there are few. */
export const isPrompt = (projectId: string): RawBuilder<boolean> => sql<boolean>`models.id in (
  select model_id from model_tags
  where project_id = ${projectId} and key = ${PROMPT_TAG} and left(value, 256) = 'true')`

function found(projectId: string, search: string): RawBuilder<unknown> {
  const holds = (text: RawBuilder<unknown>) => sql`position(lower(${search}) in lower(${text})) > 0`
  const byText = sql`
    select id from models where project_id = ${projectId} and ${holds(sql`name`)}
    union all select model_id from aliases where project_id = ${projectId} and ${holds(sql`alias`)}`
  const start = digestStart(search)
  if (start === undefined) return byText
  return sql`${byText} union all select model_id from versions where project_id = ${projectId} and ${digestBegins(start)}`
}

/** By the index over the bytes: "g" comes after every hexadecimal digit. */
export const digestBegins = (start: string): RawBuilder<boolean> =>
  sql<boolean>`(versions.digest collate "C" >= ${start} and versions.digest collate "C" < ${`${start}g`})`
