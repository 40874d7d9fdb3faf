import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '@stead/chassis'
import { type ProjectName, SteadError } from '@stead/contracts'
import type { Experiments } from '../experiments/experiments.ts'
import type { Order } from '../filters/filter.ts'
import { parseOrder } from '../filters/order.ts'
import { readToken, writeToken } from '../filters/page-token.ts'
import { parseFilter } from '../filters/parse.ts'
import type { Projects } from '../projects/projects.ts'
import { wholePlace } from '../traces/whole-place.ts'
import { EVALUATION_SETS } from './evaluation-set-filter.ts'
import type { EvaluationSet, EvaluationSetStore, GivenRecord, KeptRecord, Schema } from './evaluation-sets.store.ts'

export interface SetSearch {
  readonly experiments: readonly number[]
  readonly filter?: string | undefined
  readonly order?: readonly string[] | undefined
  readonly limit: number
  readonly after?: string | undefined
}

export interface EvaluationSets {
  create(
    project: ProjectName,
    set: {
      readonly name: string
      readonly tags: EvaluationSet['tags']
      readonly experiments: readonly number[]
      /** Who makes it, unless its tags say so. */
      readonly by?: string
    },
  ): Promise<EvaluationSet>
  get(project: ProjectName, id: string): Promise<EvaluationSet>
  /** Fails with `invalid_request` for a filter, an order or a token that is none. */
  search(project: ProjectName, search: SetSearch): Promise<{ sets: EvaluationSet[]; next: string | undefined }>
  /** One that is gone already is no failure. */
  remove(project: ProjectName, id: string): Promise<void>
  /** Merges them into those that are there, less those that are to go. */
  setTags(
    project: ProjectName,
    id: string,
    tags: EvaluationSet['tags'],
    gone?: readonly string[],
  ): Promise<EvaluationSet>
  removeTag(project: ProjectName, id: string, key: string): Promise<void>
  changeExperiments(
    project: ProjectName,
    id: string,
    numbers: readonly number[],
    change: 'add' | 'remove',
  ): Promise<EvaluationSet>
  /** Records with inputs that are there already are merged into those. */
  putRecords(
    project: ProjectName,
    id: string,
    records: readonly GivenRecord[],
    /** Who gives them, unless their tags say so. */
    by?: string,
  ): Promise<{ readonly inserted: number; readonly updated: number }>
  /** In the order in which they came. Fails with `invalid_request` for a token that is none. */
  records(
    project: ProjectName,
    id: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<{ records: KeptRecord[]; next: string | undefined }>
  removeRecords(project: ProjectName, id: string, ids: readonly string[]): Promise<number>
}

interface EvaluationSetParts {
  readonly store: EvaluationSetStore
  readonly projects: Pick<Projects, 'idOf'>
  readonly experiments: Pick<Experiments, 'get'>
  readonly clock: Pick<Clock, 'now'>
}

const MOST = 10_000
const LATEST_FIRST: Order = { field: { of: 'attribute', key: 'created_time' }, descending: true }
const MOST_TAGS = 200
const USER = 'mlflow.user'

export function createEvaluationSets({ store, projects, experiments, clock }: EvaluationSetParts): EvaluationSets {
  const now = () => clock.now().getTime()

  async function get(project: ProjectName, id: string): Promise<EvaluationSet> {
    return (await store.find(await projects.idOf(project), id)) ?? missing(id)
  }
  const changed = (name: string, at: number, by: string | null) => ({ digest: digestOf(name, at), at, by })

  return {
    get,
    async create(project, { name, tags, experiments: numbers, by: maker }) {
      if (name.trim() === '' || name.length > 500)
        throw new SteadError('invalid_request', 'Dataset name: 1 to 500 characters, not all blank', { where: 'name' })
      refuseMany('tags', Object.keys(tags), MOST_TAGS)
      refuseMany('experiment_ids', numbers, MOST_TAGS)
      for (const number of numbers) await experiments.get(project, number)
      const at = now()
      const by = userIn(tags) ?? maker ?? null
      const id = `d-${randomUUID().replaceAll('-', '')}`
      const times = { createdAt: at, updatedAt: at, createdBy: by, updatedBy: by }
      await store.create(await projects.idOf(project), {
        id,
        name,
        digest: digestOf(name, at),
        tags,
        experiments: numbers,
        ...times,
      })
      return get(project, id)
    },
    async search(project, { experiments: numbers, filter, order, limit, after }) {
      refuseMany('experiment_ids', numbers, MOST_TAGS)
      const [first = LATEST_FIRST] = parseOrder(EVALUATION_SETS, order)
      const page = await store.page(await projects.idOf(project), {
        experiments: numbers,
        filter: parseFilter(EVALUATION_SETS, filter),
        order: first,
        after: readToken(after, ['sets', first]),
        limit,
      })
      return { sets: page.sets, next: page.next && writeToken(page.next, ['sets', first]) }
    },
    remove: async (project, id) => store.remove(await projects.idOf(project), id),
    async setTags(project, id, tags, gone = []) {
      const { name } = await get(project, id)
      const merge = (before: EvaluationSet['tags']) => {
        const after = without({ ...before, ...tags }, gone)
        refuseMany('tags', Object.keys(after), MOST_TAGS)
        return after
      }
      present(id, await store.changeTags(await projects.idOf(project), id, changed(name, now(), userIn(tags)), merge))
      return get(project, id)
    },
    async removeTag(project, id, key) {
      const projectId = await projects.idOf(project)
      const found = await store.find(projectId, id)
      if (found === undefined) return
      await store.changeTags(projectId, id, changed(found.name, now(), null), (tags) => without(tags, [key]))
    },
    async changeExperiments(project, id, numbers, change) {
      refuseMany('experiment_ids', numbers, MOST_TAGS)
      if (change === 'add') for (const number of numbers) await experiments.get(project, number)
      present(id, await store.changeExperiments(await projects.idOf(project), id, numbers, change))
      return get(project, id)
    },
    async putRecords(project, id, records, giver) {
      refuseMany('records', records, MOST)
      const { name } = await get(project, id)
      const at = now()
      const by = records.map(({ tags }) => userIn(tags ?? {})).findLast((user) => user !== null) ?? giver ?? null
      const outcome = await store.putRecords(
        await projects.idOf(project),
        id,
        records.map((given) => kept(given, at, giver)),
        {
          ...changed(name, at, by),
          merge: merged,
          schema: (before) => schemaWith(before, records),
        },
      )
      return outcome === 'gone' ? missing(id) : outcome
    },
    async records(project, id, page) {
      const place = readToken(page.after, 'records')
      const after = place && { createdAt: Number(wholePlace(place.values[0] ?? '')), id: place.values[1] ?? '' }
      const found = await store.records(await projects.idOf(project), id, { after, limit: page.limit + 1 })
      if (found === 'gone') return missing(id)
      const records = found.slice(0, page.limit)
      const last = found.length > page.limit ? records.at(-1) : undefined
      const next = last && writeToken({ part: 0, values: [String(last.createdAt), last.id] }, 'records')
      return { records, next }
    },
    async removeRecords(project, id, ids) {
      refuseMany('dataset_record_ids', ids, MOST)
      const removed = await store.removeRecords(await projects.idOf(project), id, ids)
      return removed === 'gone' ? missing(id) : removed
    },
  }
}

function missing(id: string): never {
  throw new SteadError('evaluation_set_not_found', `Evaluation dataset with id '${id.slice(0, 100)}' not found`)
}
const present = (id: string, outcome: 'done' | 'gone') => void (outcome === 'gone' && missing(id))

function refuseMany(name: string, list: readonly unknown[], most: number): void {
  if (list.length <= most) return
  throw new SteadError('invalid_request', `${name}: at most ${most} are taken, and these are ${list.length}`, {
    where: name,
  })
}

const digestOf = (name: string, at: number) => createHash('sha256').update(`${name}:${at}`).digest('hex').slice(0, 8)
const userIn = ({ [USER]: user }: Readonly<Record<string, unknown>>) => (typeof user === 'string' ? user : null)

const without = (tags: EvaluationSet['tags'], keys: readonly string[]): EvaluationSet['tags'] =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)))

function kept(given: GivenRecord, at: number, giver: string | undefined): { hash: string; record: KeptRecord } {
  const by = userIn(given.tags ?? {}) ?? giver ?? null
  const hash = createHash('sha256').update(canonical(given.inputs)).digest('hex')
  const id = `dr-${randomUUID().replaceAll('-', '')}`
  return { hash, record: { ...given, id, createdAt: at, updatedAt: at, createdBy: by, updatedBy: by } }
}

/** The same text for the same JSON, whatever the order of its keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  )

const merged = (before: KeptRecord, given: KeptRecord): KeptRecord => ({
  ...before,
  outputs: given.outputs === undefined ? before.outputs : given.outputs,
  expectations: mergedFields(before.expectations, given.expectations),
  tags: mergedFields(before.tags, given.tags),
  source: before.source ?? given.source,
  updatedAt: given.updatedAt,
  updatedBy: given.updatedBy ?? before.updatedBy,
})
const mergedFields = (
  before: Readonly<Record<string, unknown>> | null | undefined,
  given: Readonly<Record<string, unknown>> | null | undefined,
) => (before || given ? { ...before, ...given } : before)

function schemaWith(before: Schema | null, records: readonly GivenRecord[]): Schema | null {
  if (before === null && records.length === 0) return null
  const inputs = { ...before?.inputs }
  const expectations = { ...before?.expectations }
  let outputs: Schema['outputs'] = before?.outputs ?? {}
  for (const record of records) {
    addKinds(inputs, record.inputs)
    addKinds(expectations, record.expectations ?? {})
    const told = record.outputs
    if (told === undefined || told === null) continue
    if (typeof told === 'object' && !Array.isArray(told) && typeof outputs === 'object')
      outputs = addKinds({ ...outputs }, told as Record<string, unknown>)
    else if (typeof outputs === 'object' && Object.keys(outputs).length === 0) outputs = kindOf(told)
  }
  return { inputs, outputs, expectations, version: '1.0' }
}

const MOST_FIELDS = 1000
function addKinds(kinds: Record<string, string>, fields: Readonly<Record<string, unknown>>): Record<string, string> {
  for (const [key, value] of Object.entries(fields)) {
    if (Object.keys(kinds).length >= MOST_FIELDS) break
    if (!Object.hasOwn(kinds, key)) kinds[key] = kindOf(value)
  }
  return kinds
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float'
  if (Array.isArray(value)) return 'array'
  return typeof value
}
