import { DeploymentName, Generation, ModelName, ProjectName, VersionNumber } from '@stead/contracts'
import type { Route, ServingSpan, Shadow } from '@stead/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Database } from '../../database/database.ts'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { createServing, type ServingStore, type ServingTable } from './serving.ts'
import { sqlServingStore } from './serving.sql.ts'

const PROJECT = ProjectName.parse('default')
const MODEL = ModelName.parse('weather')
const projects = { idOf: async () => 'default' }
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString()
const v = (number: number) => VersionNumber.parse(number)
const to = (version: number, weight = 1): Route => ({ version: v(version), weight })
const copy = (version: number, fraction: number): Shadow => ({ version: v(version), fraction })
const spanText = ({ deployment, version, role, share, generation, from, until }: ServingSpan) =>
  `${deployment} ${version} ${role} ${share} g${generation} ${from.slice(14, 16)}-${until?.slice(14, 16) ?? ''}`

type Made = { generation: number; minute: number; routes: Route[]; shadows?: Shadow[]; model?: string; parked?: string }

describeOnDatabases('where a model serves', (databases) => {
  async function deploy({ kysely }: Database, name: string, tables: readonly Made[]): Promise<void> {
    const of = { project_id: 'default' }
    const last = tables.at(-1)!
    const modelIn = (made: Made) => made.model ?? 'weather'
    for (const name of new Set(tables.map(modelIn))) {
      await kysely
        .insertInto('models')
        .values({ ...of, id: name, name, created_at: at(0) })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
    await kysely
      .insertInto('deployments')
      .values({ ...of, id: name, name, model_id: modelIn(last), generation: last.generation })
      .execute()
    for (const made of tables) {
      const { generation, minute, routes, shadows = [], parked = null } = made
      const document = { model: modelIn(made), contract: {}, routes, shadows, config: {}, parked, restores: null }
      const change = { kind: 'swap', reason: '', actor: 'local', stages: [], document }
      await kysely
        .insertInto('generations')
        .values({ ...of, ...change, deployment_id: name, generation, committed_at: at(minute) })
        .execute()
    }
  }
  const spansOf = async ({ kysely }: Database, asked: { version?: VersionNumber; limit?: number } = {}) =>
    (await createServing(sqlServingStore(kysely), projects, 2).spans(PROJECT, MODEL, { limit: 200, ...asked })).map(
      spanText,
    )

  test('adjacent generations are one span while version, role and share stay, parked or not', async () => {
    const database = await databases.open()
    await deploy(database, 'forecast', [
      { generation: 1, minute: 1, routes: [to(7)] },
      { generation: 2, minute: 2, routes: [to(7, 5)], parked: 'request' },
      { generation: 3, minute: 3, routes: [to(7, 3), to(8, 1)] },
      { generation: 4, minute: 4, routes: [to(7, 6), to(8, 2)], shadows: [copy(9, 0.5)] },
      { generation: 5, minute: 5, routes: [to(8)], shadows: [copy(9, 0.5)] },
    ])
    expect(await spansOf(database)).toEqual([
      'forecast 8 route 1 g5 05-',
      'forecast 9 shadow 0.5 g4 04-',
      'forecast 7 route 0.75 g3 03-05',
      'forecast 8 route 0.25 g3 03-05',
      'forecast 7 route 1 g1 01-03',
    ])
    expect(await spansOf(database, { version: v(8) })).toEqual([
      'forecast 8 route 1 g5 05-',
      'forecast 8 route 0.25 g3 03-05',
    ])
    expect(await spansOf(database, { limit: 1 })).toEqual(['forecast 8 route 1 g5 05-'])
  })

  test('a deployment that turned to another model ended its span then, and begins another when it comes back', async () => {
    const database = await databases.open()
    await deploy(database, 'lent', [
      { generation: 1, minute: 1, routes: [to(1)] },
      { generation: 2, minute: 2, routes: [to(1)], model: 'other' },
      { generation: 3, minute: 3, routes: [to(1)] },
    ])
    await deploy(database, 'gone', [
      { generation: 1, minute: 4, routes: [to(2)] },
      { generation: 2, minute: 5, routes: [to(2)], model: 'other' },
    ])
    expect(await spansOf(database)).toEqual([
      'gone 2 route 1 g1 04-05',
      'lent 1 route 1 g3 03-',
      'lent 1 route 1 g1 01-02',
    ])
  })

  test('a model that was deleted and made again has not served as the one before', async () => {
    const database = await databases.open()
    await deploy(database, 'turned', [
      { generation: 1, minute: 1, routes: [to(1)] },
      { generation: 2, minute: 2, routes: [to(1)], model: 'other' },
    ])
    await database.kysely.deleteFrom('models').where('name', '=', 'weather').execute()
    await expect(spansOf(database)).rejects.toMatchObject({ code: 'model_not_found' })
    await database.kysely
      .insertInto('models')
      .values({ id: 'again', project_id: 'default', name: 'weather', created_at: at(3) })
      .execute()
    expect(await spansOf(database)).toEqual([])
  })
})

const route = fc.record({ version: fc.integer({ min: 1, max: 3 }).map(v), weight: fc.constantFrom(0, 1, 3) })
const routes = fc.uniqueArray(route, { minLength: 1, maxLength: 2, selector: ({ version }) => version })
const shadows = fc.uniqueArray(fc.record({ version: fc.constantFrom(v(1), v(2)), fraction: fc.constantFrom(0.5, 1) }), {
  maxLength: 1,
})
/** Of each deployment its generations, oldest first; where the model is not named, null. */
const histories = fc.array(fc.array(fc.option(fc.record({ routes, shadows }), { freq: 4 }), { maxLength: 12 }), {
  maxLength: 3,
})
type History = ({ routes: Route[]; shadows: Shadow[] } | null)[]

test('whatever happened and however it is read in pages, the spans are those of a look at every generation', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 8 }),
      fc.option(fc.constantFrom(v(1), v(2)), { nil: undefined }),
      async (made, page, limit, version) => {
        const tables = made.flatMap((history, index) => tablesOf(history, index, made.length))
        const serving = createServing(storeOf(tables), projects, page)
        const spans = await serving.spans(PROJECT, MODEL, { limit, version })
        const all =
          tables.length === 0 ? [] : expectedSpans(made).filter((span) => (version ?? span.version) === span.version)
        const newest = all.toSorted((one, other) => (one.from < other.from ? 1 : -1)).slice(0, limit)
        expect(spans.map(({ from }) => from)).toEqual(newest.map(({ from }) => from))
        const texts = new Set(all.map(spanText))
        for (const span of spans) expect(texts).toContain(spanText(span))
        expect(new Set(spans.map(spanText)).size).toBe(spans.length)
      },
    ),
    { numRuns: 300 },
  )
})

const nameOf = (index: number) => DeploymentName.parse(`d${index}`)
/** No two generations of any deployments at the same time. */
const minuteOf = (generation: number, index: number, of: number) => generation * of + index

function tablesOf(history: History, index: number, of: number): ServingTable[] {
  return history.flatMap((said, before) => {
    if (!said) return []
    const generation = before + 1
    const endedBy =
      generation < history.length
        ? { generation: Generation.parse(generation + 1), at: at(minuteOf(generation + 1, index, of)) }
        : null
    const committedAt = at(minuteOf(generation, index, of))
    const names = { deploymentId: `d${index}`, deployment: nameOf(index) }
    return [{ ...names, ...said, generation: Generation.parse(generation), committedAt, endedBy }]
  })
}

function storeOf(tables: readonly ServingTable[]): ServingStore {
  const compare = (one: Pick<ServingTable, 'deploymentId' | 'generation'>, other: typeof one) =>
    other.deploymentId.localeCompare(one.deploymentId) || other.generation - one.generation
  const sorted = tables.toSorted(compare)
  return {
    tables: async (_project, _model, { after, limit }) =>
      sorted.filter((table) => after === undefined || compare(table, after) > 0).slice(0, limit),
  }
}

function expectedSpans(made: readonly History[]): ServingSpan[] {
  return made.flatMap((history, index) => {
    const done: ServingSpan[] = []
    let open = new Map<string, ServingSpan>()
    for (const [before, said] of [...history, null].entries()) {
      const isEnd = before === history.length
      const now = new Map<string, ServingSpan>()
      const minute = at(minuteOf(before + 1, index, made.length))
      const total = said?.routes.reduce((sum, { weight }) => sum + weight, 0) ?? 0
      const parts = [
        ...(said?.routes ?? []).map(({ version, weight }) => ({
          version,
          role: 'route' as const,
          share: total && weight / total,
        })),
        ...(said?.shadows ?? []).map(({ version, fraction }) => ({
          version,
          role: 'shadow' as const,
          share: fraction,
        })),
      ]
      for (const part of parts) {
        const key = JSON.stringify(part)
        const generation = Generation.parse(before + 1)
        const begun = { ...part, deployment: nameOf(index), generation, from: minute, until: null }
        now.set(key, open.get(key) ?? begun)
      }
      for (const [key, span] of open) if (!now.has(key)) done.push({ ...span, until: isEnd ? null : minute })
      open = now
    }
    return done
  })
}
