import { Version } from '@stead/contracts'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import type { Tables } from '../../database/tables.ts'
import { compare, compileFilter, type Sql, type Test } from '../filters/compile.sql.ts'
import type { Clause, Filter, Order } from '../filters/filter.ts'
import { behind, orderedBy, placeOf, type SortKey } from '../filters/keyset.sql.ts'
import type { CardPage, CardsWanted, CatalogStore, ModelCard, VersionCard } from './catalog.store.ts'
import { isPrompt, readModels } from './model-rows.sql.ts'
import { PROMPT_TAG } from './registry.store.ts'

/** Read by one statement; others have their turn between. */
const AT_ONCE = 500

export function sqlCatalogStore(kysely: Kysely<Tables>): CatalogStore {
  return {
    models: (projectId, wanted) =>
      inPages(wanted, async (after, limit) => {
        const keys = modelKeys(wanted.order)
        const { rows } = await sql<{ name: string; place: string[] }>`
          select models.name, ${placeOf(keys)} as place from models
          where models.project_id = ${projectId} and ${modelTest(projectId, wanted.filter)} and ${behind(keys, after)}
          ${orderedBy(keys)} limit ${limit}`.execute(kysely)
        const cards = await modelCards(
          kysely,
          projectId,
          rows.map(({ name }) => name),
        )
        return rows.map(({ name, place }) => ({ item: cards.get(name), place }))
      }),

    versions: (projectId, wanted) =>
      inPages(wanted, async (after, limit) => {
        const keys = versionKeys(wanted.order)
        const { rows } = await sql<{ place: string[] }>`
          select ${CARD}, ${placeOf(keys)} as place
          from versions join models on models.id = versions.model_id
          where versions.project_id = ${projectId} and ${versionTest(projectId, wanted.filter)} and ${behind(keys, after)}
          ${orderedBy(keys)} limit ${limit}`.execute(kysely)
        return rows.map(({ place, ...row }) => ({ item: Card.parse(row), place }))
      }),

    model: async (projectId, name) => (await modelCards(kysely, projectId, [name])).get(name),
  }
}

/** Reads a page some rows at a time. An item that went between two statements is passed over. */
async function inPages<T>(
  { after, limit }: CardsWanted,
  read: (after: readonly string[] | undefined, limit: number) => Promise<{ item: T | undefined; place: string[] }[]>,
): Promise<CardPage<T>> {
  const found: { item: T; place: string[] }[] = []
  let last = after
  // One row more than asked for tells whether there is another page.
  while (found.length <= limit) {
    const asked = Math.min(AT_ONCE, limit + 1 - found.length)
    const rows = await read(last, asked)
    for (const { item, place } of rows) if (item !== undefined) found.push({ item, place })
    if (rows.length < asked) break
    last = rows.at(-1)?.place
  }
  const page = found.slice(0, limit)
  return { items: page.map(({ item }) => item), next: found.length > limit ? page.at(-1)?.place : undefined }
}

const Card: z.ZodType<VersionCard> = Version.pick({
  model: true,
  version: true,
  description: true,
  stage: true,
  source: true,
  run: true,
  runLink: true,
  user: true,
  createdAt: true,
  updatedAt: true,
  aliases: true,
  tags: true,
})

const CARD = sql`models.name as model, versions.number as version, versions.description, versions.stage,
  versions.source, versions.run_id as run, versions.run_link as "runLink", versions.user_name as "user",
  versions.created_at as "createdAt", versions.updated_at as "updatedAt",
  (select coalesce(jsonb_agg(alias order by alias collate "C"), '[]'::jsonb) from aliases
    where aliases.model_id = versions.model_id and aliases.version_number = versions.number) as aliases,
  (select coalesce(jsonb_object_agg(key, value), '{}'::jsonb) from version_tags
    where version_tags.version_id = versions.id) as tags`

/** By name; the newest version of each stage of a model, by the order of the stages' names. */
async function modelCards(
  kysely: Kysely<Tables>,
  projectId: string,
  names: readonly string[],
): Promise<Map<string, ModelCard>> {
  if (names.length === 0) return new Map()
  const named = sql<boolean>`models.project_id = ${projectId} and models.name in (${sql.join(names)})`
  const models = await readModels(kysely, named, { limit: names.length })
  const { rows } = await sql`
    select ${CARD} from models
    cross join (values ('None'), ('Staging'), ('Production'), ('Archived')) as stages(stage)
    cross join lateral (
      select * from versions where versions.model_id = models.id and versions.stage = stages.stage
      order by number desc limit 1
    ) as versions
    where ${named} order by versions.number desc`.execute(kysely)
  const latest = Map.groupBy(
    rows.map((row) => Card.parse(row)),
    ({ model }) => model as string,
  )
  return new Map(models.map((model) => [model.name, { model, latest: latest.get(model.name) ?? [] }]))
}

function modelKeys(order: readonly Order[]): SortKey[] {
  const keys = order.map(({ field, descending }): SortKey =>
    field.key === 'name'
      ? { value: sql`models.name`, type: 'text', descending }
      : { value: sql`models.updated_at`, type: 'moment', descending },
  )
  return [...keys, ...unlessNamed(order, 'name', { value: sql`models.name`, type: 'text', descending: false })]
}

const NEWEST_FIRST: readonly Order[] = [{ field: { of: 'attribute', key: 'last_updated_timestamp' }, descending: true }]

function versionKeys(asked: readonly Order[]): SortKey[] {
  const order = asked.length > 0 ? asked : NEWEST_FIRST
  const keys = order.map(({ field, descending }) => ({ ...versionKey(field.key), descending }))
  return [
    ...keys,
    ...unlessNamed(order, 'name', { ...versionKey('name'), descending: false }),
    ...unlessNamed(order, 'version_number', { ...versionKey('version_number'), descending: true }),
  ]
}

function versionKey(key: string): Omit<SortKey, 'descending'> {
  if (key === 'name') return { value: sql`models.name`, type: 'text' }
  if (key === 'version_number') return { value: sql`versions.number`, type: 'bigint' }
  const column = key === 'creation_timestamp' ? sql`versions.created_at` : sql`versions.updated_at`
  return { value: column, type: 'moment' }
}

const unlessNamed = (order: readonly Order[], key: string, last: SortKey): SortKey[] =>
  order.some(({ field }) => field.key === key) ? [] : [last]

const modelTest = (projectId: string, filter: Filter | undefined): Test =>
  withPromptRule(filter, isPrompt(projectId), (clause) =>
    clause.field.of === 'tag'
      ? sql<boolean>`models.id ${tagged('model_tags', 'model_id', projectId, clause)}`
      : compare(sql`models.name`, 'text', clause),
  )

const versionTest = (projectId: string, filter: Filter | undefined): Test =>
  withPromptRule(filter, isPromptVersion(projectId), (clause) => {
    if (clause.field.of === 'tag')
      return sql<boolean>`versions.id ${tagged('version_tags', 'version_id', projectId, clause)}`
    switch (clause.field.key) {
      case 'run_id':
        // Never null, and the index helps.
        return sql<boolean>`(versions.run_id is not null and ${compare(sql`versions.run_id`, 'text', clause)})`
      case 'source_path':
        return compare(sql`versions.source`, 'text', clause)
      case 'version_number':
        return compare(sql`versions.number`, 'bigint', clause)
      default:
        return compare(sql`models.name`, 'text', clause)
    }
  })

const isPromptVersion = (projectId: string) => sql<boolean>`(${isPrompt(projectId)} or versions.id in (
  select version_id from version_tags
  where project_id = ${projectId} and key = ${PROMPT_TAG} and left(value, 256) = 'true'))`

/** Among those whose tag passes: a set that is read once, by the index over keys and values. */
function tagged(table: 'model_tags' | 'version_tags', owner: string, projectId: string, clause: Clause): Sql {
  const { field, comparator, operands } = clause
  const ofKey = sql`select ${sql.ref(owner)} from ${sql.table(table)}
    where project_id = ${projectId} and key = ${field.key}`
  if (comparator === 'is null') return sql`not in (${ofKey})`
  if (comparator === 'is not null') return sql`in (${ofKey})`
  const begins = comparator === '=' ? sql`and left(value, 256) = left(${String(operands[0])}, 256)` : sql``
  return sql`in (${ofKey} ${begins} and ${compare(sql`value`, 'text', clause)})`
}

/** Whoever does not ask for prompts gets none; and whoever wants none gets what has no such tag at all. */
function withPromptRule(filter: Filter | undefined, isOne: Test, clauseTest: (clause: Clause) => Test): Test {
  let asksForPrompts = false
  const test = compileFilter(filter, (clause) => {
    const wants = promptsWanted(clause)
    if (wants === undefined) return clauseTest(clause)
    asksForPrompts = true
    return wants ? isOne : sql<boolean>`(not ${isOne})`
  })
  return asksForPrompts ? test : sql<boolean>`(not ${isOne} and ${test})`
}

/** Undefined for clauses about something else. */
function promptsWanted({ field, comparator, operands }: Clause): boolean | undefined {
  if (field.of !== 'tag' || field.key !== PROMPT_TAG) return undefined
  if (comparator !== '=' && comparator !== '!=') return undefined
  return (String(operands[0]).toLowerCase() === 'true') === (comparator === '=')
}
