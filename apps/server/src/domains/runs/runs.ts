import { SteadError } from '@stead/contracts'
import type { Event, ProjectName, Run, RunInfo } from '@stead/contracts'
import { inactiveExperiment, noExperiment } from '../experiments/experiments.ts'
import type { ChangedRun, LogBatch } from './batches.ts'
import type { ForkStore } from './forking.ts'
import { createGroups } from './groups.ts'
import { inactiveRun, noRun } from './judging.ts'
import { checkKey, checkTag, type KeyValue, type Logged, parentIn } from './limits.ts'
import { checkDataset } from './run-inputs.ts'
import { runName } from './run-names.ts'
import type { Changed, DatasetInput, KeptRun, ModelUse, NewRun, Obstacle, RunChange, RunStore } from './runs.store.ts'

export interface RunRequest {
  /** The number of the experiment. */
  readonly experiment: number
  readonly name?: string | undefined
  readonly user?: string | undefined
  /** Milliseconds since 1970. */
  readonly startedAt?: number | undefined
  readonly tags: readonly KeyValue[]
}

export interface ForkRequest {
  readonly name?: string | undefined
  /** Metrics up to this step are taken over. */
  readonly step?: number | undefined
  readonly files: boolean
}

/** Runs by their ids. Failures: `run_not_found`, `experiment_not_found`, `invalid_request`, and those of logging. */
export interface Runs {
  create(project: ProjectName, request: RunRequest): Promise<Run>
  get(project: ProjectName, runId: string): Promise<Run>
  /** Without what it logged. */
  info(project: ProjectName, runId: string): Promise<KeptRun>
  change(project: ProjectName, runIds: readonly string[], change: RunChange): Promise<void>
  removeTag(project: ProjectName, runId: string, key: string): Promise<void>
  /** All of it or nothing. */
  log(project: ProjectName, runId: string, logged: Partial<Logged>): Promise<void>
  addInputs(
    project: ProjectName,
    runId: string,
    datasets: readonly DatasetInput[],
    models: readonly ModelUse[],
  ): Promise<void>
  /** Of clients of 2.x: adds to the list of models in a tag of the run. */
  noteModel(project: ProjectName, runId: string, model: Readonly<Record<string, unknown>>): Promise<void>
  /** The number of runs that have changed. */
  delete(project: ProjectName, runIds: readonly string[], actor: string): Promise<number>
  restore(project: ProjectName, runIds: readonly string[], actor: string): Promise<number>
  move(project: ProjectName, runIds: readonly string[], experiment: number, actor: string): Promise<number>
  fork(project: ProjectName, runId: string, request: ForkRequest, actor: string): Promise<Run>
}

export interface RunsParts {
  readonly store: RunStore
  readonly forks: ForkStore
  readonly logBatch: LogBatch
  readonly projectId: (project: ProjectName) => Promise<string>
  readonly copyFiles: (projectId: string, fromUri: string, toUri: string) => Promise<void>
  readonly clock: { now(): Date }
  readonly dice: () => number
  /** 32 hexadecimal digits. */
  readonly newId: () => string
  readonly onChanged: (changed: ChangedRun) => void
  readonly publish: (event: Event) => void
}

const MOST_CREATED = 500
const LOGGED_MODELS = 'mlflow.log-model.history'

export function createRuns(parts: RunsParts): Runs {
  const { store, projectId, onChanged, publish } = parts
  const put = createGroups<NewRun, KeptRun>({
    take: (runs) => store.create(runs),
    weigh: () => 1,
    most: MOST_CREATED,
  })

  function tell<T extends Changed>(outcome: T | Obstacle): T {
    if (!('changed' in outcome)) throw refusedBy(outcome)
    if (outcome.event) publish(outcome.event)
    for (const changed of outcome.changed) onChanged(changed)
    return outcome
  }

  async function setLifecycle(
    project: ProjectName,
    runIds: readonly string[],
    lifecycle: RunInfo['lifecycle'],
    actor: string,
  ): Promise<number> {
    const outcome = await store.setLifecycle({ projectId: await projectId(project), runIds }, lifecycle, actor)
    return tell(outcome).changed.length
  }

  async function info(project: ProjectName, runId: string): Promise<KeptRun> {
    const found = await store.info(await projectId(project), runId)
    if (!found) throw noRun(runId)
    return found
  }

  async function get(project: ProjectName, runId: string): Promise<Run> {
    const found = await store.find(await projectId(project), runId)
    if (!found) throw noRun(runId)
    return found
  }

  return {
    info,
    get,
    async create(project, { experiment, name, user, startedAt, tags }) {
      const called = nameIn(name, tags) ?? runName(parts.dice)
      const all = new Map([...tags.map((tag) => checkTag(tag)), { key: 'mlflow.runName', value: called }].map(asEntry))
      const kept = await put({
        projectId: await projectId(project),
        experiment,
        runId: parts.newId(),
        name: called,
        user: user ?? '',
        startedAt: startedAt ?? parts.clock.now().getTime(),
        tags: [...all].map(([key, value]) => ({ key, value })),
        parent: parentIn(all.get('mlflow.parentRunId')),
      })
      onChanged({ experiment: kept.experimentRow, runId: kept.id })
      const { row: _, experimentRow: __, ...told } = kept
      const empty = { metrics: {}, params: {}, datasets: [], models: [], children: 0 }
      return { ...told, ...empty, tags: Object.fromEntries(all) }
    },
    async change(project, runIds, change) {
      const tags = Object.entries(change.tags).map(([key, value]) => {
        const checked = checkTag({ key, value: value ?? '' })
        return [key, value === null ? null : checked.value] as const
      })
      const set = { projectId: await projectId(project), runIds }
      tell(await store.change(set, { ...change, tags: Object.fromEntries(tags) }))
    },
    async removeTag(project, runId, key) {
      checkKey(key, 'key')
      const set = { projectId: await projectId(project), runIds: [runId] }
      const outcome = await store.removeTag(set, key)
      if (outcome === 'no tag')
        throw new SteadError('run_not_found', `No tag with name: ${key} in run with id ${runId}`, { where: 'key' })
      tell(outcome)
    },
    async log(project, runId, { metrics = [], params = [], tags = [] }) {
      await parts.logBatch({ projectId: await projectId(project), runId, metrics, params, tags })
    },
    async addInputs(project, runId, datasets, models) {
      for (const dataset of datasets) checkDataset(dataset)
      tell(await store.addInputs({ projectId: await projectId(project), runIds: [runId] }, datasets, models))
    },
    async noteModel(project, runId, model) {
      const set = { projectId: await projectId(project), runIds: [runId] }
      tell(await store.revise(set, LOGGED_MODELS, (value) => withModel(value, model)))
    },
    delete: (project, runIds, actor) => setLifecycle(project, runIds, 'deleted', actor),
    restore: (project, runIds, actor) => setLifecycle(project, runIds, 'active', actor),
    async move(project, runIds, experiment, actor) {
      const outcome = await store.move({ projectId: await projectId(project), runIds }, experiment, actor)
      if (outcome === 'no target') throw noExperiment(experiment)
      return tell(outcome).moved
    },
    async fork(project, runId, { name, step, files }, actor) {
      const from = await info(project, runId)
      const id = parts.newId()
      const artifactUri = from.artifactUri.replace(/[^/]+\/artifacts$/, `${id}/artifacts`)
      const fork = {
        projectId: await projectId(project),
        from,
        runId: id,
        artifactUri,
        name: name || `${from.name}-fork`.slice(-8000),
        user: actor,
        startedAt: parts.clock.now().getTime(),
        step,
      }
      const row = await parts.forks.begin(fork)
      await parts.forks.copyMetrics(fork, row)
      if (files) await parts.copyFiles(fork.projectId, from.artifactUri, artifactUri)
      if ((await parts.forks.finish(fork, row)) === 'absent') throw noRun(runId)
      onChanged({ experiment: from.experimentRow, runId: id })
      return get(project, id)
    },
  }
}

const asEntry = ({ key, value }: KeyValue) => [key, value] as const

function nameIn(name: string | undefined, tags: readonly KeyValue[]): string | undefined {
  const tag = tags.findLast(({ key }) => key === 'mlflow.runName')?.value
  if (name && tag && name !== tag)
    throw new SteadError(
      'invalid_request',
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${name}', mlflow.runName='${tag}').`,
      { where: 'run_name' },
    )
  return name || tag || undefined
}

function refusedBy(obstacle: Obstacle): SteadError {
  if ('absent' in obstacle) return noRun(obstacle.absent)
  if ('deleted' in obstacle) return inactiveRun(obstacle.deleted)
  return inactiveExperiment(obstacle.deletedExperiment)
}

/** The list is JSON text; one that was written over with something else begins anew. */
function withModel(value: string | undefined, model: object): string {
  let before: unknown
  try {
    before = JSON.parse(value ?? '[]')
  } catch {
    before = []
  }
  return JSON.stringify([...(Array.isArray(before) ? before : []), model])
}
