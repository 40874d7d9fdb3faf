import { randomUUID } from 'node:crypto'
import type { Clock } from '@stead/chassis'
import { LoggedModelId, SteadError } from '@stead/contracts'
import type { ExperimentId, LoggedModel, LoggedModelStatus, ProjectName } from '@stead/contracts'
import { LOGGED_MODELS } from '../filters/kinds.ts'
import { parseOrder } from '../filters/order.ts'
import { readToken, writeToken } from '../filters/page-token.ts'
import { parseFilter } from '../filters/parse.ts'
import type { ExperimentStore } from '../experiments/experiments.store.ts'
import type { Projects } from '../projects/projects.ts'
import { VERSIONS_TAG, versionsToldOnce } from '../registry/versions-tag.ts'
import { checkKey, inPython, type KeyValue, withinLimits } from '../runs/limits.ts'
import type { DatasetWanted, LoggedModelOrder, LoggedModelStore } from './logged-models.store.ts'

export interface LoggedModelRequest {
  readonly experiment: ExperimentId
  /** Made up where there is none. */
  readonly name?: string | undefined
  readonly type: string
  readonly run: string | null
  readonly params: readonly KeyValue[]
  readonly tags: readonly KeyValue[]
}

export interface LoggedModelQuery {
  /** All of the project if left out. */
  readonly experiments?: readonly number[] | undefined
  readonly run?: string | undefined
  readonly filter?: string | undefined
  /** Of the metrics that the filter compares; or the models that were measured on one of them. */
  readonly datasets?: readonly DatasetWanted[] | undefined
  readonly orderBy?: readonly LoggedModelOrdered[] | undefined
  readonly limit: number
  readonly token?: string | undefined
}
export interface LoggedModelOrdered {
  /** `creation_time`, `metrics.rmse` */
  readonly field: string
  readonly ascending: boolean
  readonly dataset?: Partial<DatasetWanted> | undefined
}

/** Models as runs made them, before and after they are registered. Failures: `logged_model_not_found`,
 *  `experiment_not_found`, `invalid_request`, `param_fixed`. */
export interface LoggedModels {
  create(project: ProjectName, asked: LoggedModelRequest): Promise<LoggedModel>
  get(project: ProjectName, id: string, allowDeleted?: boolean): Promise<LoggedModel>
  search(
    project: ProjectName,
    query: LoggedModelQuery,
  ): Promise<{ items: readonly LoggedModel[]; nextToken: string | undefined }>
  finalize(project: ProjectName, id: string, status: LoggedModelStatus): Promise<LoggedModel>
  remove(project: ProjectName, id: string): Promise<void>
  changeTags(project: ProjectName, id: string, changes: Readonly<Record<string, string | null>>): Promise<void>
  logParams(project: ProjectName, id: string, params: readonly KeyValue[]): Promise<void>
}

export interface LoggedModelParts {
  readonly store: LoggedModelStore
  readonly projects: Pick<Projects, 'idOf'>
  readonly clock: Pick<Clock, 'now'>
  readonly experiments: Pick<ExperimentStore, 'ensureDefault'>
  readonly nameOf: () => string
}

const notFound = (id: string) => new SteadError('logged_model_not_found', `Logged model with ID '${id}' not found.`)
const refused = (message: string, where?: string) =>
  new SteadError('invalid_request', message, where === undefined ? {} : { where })

export function createLoggedModels(parts: LoggedModelParts): LoggedModels {
  const { store, projects, clock, experiments, nameOf } = parts
  const now = () => clock.now().getTime()

  async function get(project: ProjectName, id: string, allowDeleted = false): Promise<LoggedModel> {
    const found = await store.find(await projects.idOf(project), id)
    if (!found || (found.lifecycle === 'deleted' && !allowDeleted)) throw notFound(id)
    return found
  }

  return {
    get,
    async create(project, { experiment, name, type, run, params, tags }) {
      if (name !== undefined) refuseModelName(name)
      const id = LoggedModelId.parse(`m-${randomUUID().replaceAll('-', '')}`)
      const projectId = await projects.idOf(project)
      if (Number(experiment) === 0) await experiments.ensureDefault(projectId)
      const model = {
        id,
        experiment,
        name: name ?? nameOf(),
        type,
        run,
        params: paramsOf(params),
        tags: Object.fromEntries(tags.map(checkTag)),
        createdAt: now(),
      }
      const outcome = await store.add(projectId, model)
      if (outcome === 'no experiment')
        throw new SteadError('experiment_not_found', `No Experiment with id=${experiment} exists`)
      if (outcome === 'deleted experiment')
        throw refused(`The experiment ${experiment} must be in the 'active' state. Current state is deleted.`)
      return get(project, id)
    },

    async search(project, { experiments, run, filter, datasets = [], orderBy = [], limit, token }) {
      if (datasets.some(({ name }) => name === ''))
        throw refused('`dataset_name` in the `datasets` clause must be specified.', 'datasets')
      const order = orderBy.map(orderOf)
      const search = { experiments, run, filter, datasets, order }
      const wanted = {
        ...search,
        filter: parseFilter(LOGGED_MODELS, filter),
        limit,
        after: readToken(token, search)?.values,
      }
      const { items, next } = await store.search(await projects.idOf(project), wanted)
      return { items, nextToken: next && writeToken({ part: 0, values: next }, search) }
    },

    async finalize(project, id, status) {
      if (!(await store.setStatus(await projects.idOf(project), id, status, now()))) throw notFound(id)
      return get(project, id)
    },

    async remove(project, id) {
      if (!(await store.remove(await projects.idOf(project), id, now()))) throw notFound(id)
    },

    async changeTags(project, id, changes) {
      const checked = Object.entries(changes).map(([key, value]) => {
        const [, kept] = checkTag({ key, value: value ?? '' })
        return [key, value === null ? null : kept] as const
      })
      const outcome = await store.changeTags(await projects.idOf(project), id, Object.fromEntries(checked))
      if (outcome === false) throw notFound(id)
      if (outcome === true) return
      const keys = Object.keys(changes).map(inPython).join(', ')
      throw new SteadError('tag_not_found', `No tag with key ${keys} found for model with ID ${inPython(id)}.`)
    },

    async logParams(project, id, params) {
      const outcome = await store.addParams(await projects.idOf(project), id, paramsOf(params))
      if (outcome === false) throw notFound(id)
      if (outcome === true) return
      const { key, kept, given } = outcome
      throw new SteadError(
        'param_fixed',
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${kept}' for model ID='${id}'. Attempted logging new value '${given}'.`,
      )
    },
  }
}

const BAD_CHARACTERS = ['/', ':', '.', '%', '"', "'"]

export function refuseModelName(name: string): void {
  if (name !== '' && name.length <= 256 && !/\p{Cc}/u.test(name) && !BAD_CHARACTERS.some((bad) => name.includes(bad)))
    return
  throw refused(
    `Invalid model name (${inPython(name)}) provided. Model name must be a non-empty string and cannot contain the following characters: (${BAD_CHARACTERS.map(inPython).join(', ')})`,
    'name',
  )
}

const paramsOf = (params: readonly KeyValue[]): Record<string, string> =>
  Object.fromEntries(withinLimits({ metrics: [], params, tags: [] }).params.map(({ key, value }) => [key, value]))

const LONGEST_TAG = 100_000

function checkTag({ key, value }: KeyValue): [string, string] {
  checkKey(key, 'key')
  if (value.length > LONGEST_TAG) throw refused(`'value' exceeds the maximum length of ${LONGEST_TAG} characters`)
  return [key, key === VERSIONS_TAG ? versionsToldOnce(value) : value]
}

function orderOf({ field, ascending, dataset }: LoggedModelOrdered): LoggedModelOrder {
  const descending = !ascending
  const dot = field.indexOf('.')
  if (dot >= 0) {
    const key = field.slice(dot + 1)
    if (field.slice(0, dot) === 'metrics' && key !== '') return { field: { of: 'metric', key }, descending, dataset }
    throw refused(`Invalid order by field name: ${field}. Only metrics are supported.`, 'order_by')
  }
  if (!/^\w+$/.test(field)) throw refused(`Invalid order by field name: ${field}`, 'order_by')
  const [read] = orderIn(field)
  return { field: { of: 'attribute', key: read!.field.key }, descending }
}

function orderIn(field: string) {
  try {
    return parseOrder(LOGGED_MODELS, [field])
  } catch {
    throw refused(`Invalid order by field name: ${field}`, 'order_by')
  }
}
