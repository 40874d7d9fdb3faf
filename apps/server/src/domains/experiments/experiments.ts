import { SteadError } from '@stead/contracts'
import type { Event, Experiment, ExperimentSummary, ProjectName, View } from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'
import { lengthOf, upTo } from '../runs/limits.ts'
import { checkArtifactLocation } from './artifact-location.ts'
import type {
  DatasetSummary,
  ExperimentChange,
  ExperimentStore,
  KeptExperiment,
  NewExperiment,
  NewView,
} from './experiments.store.ts'

/** Experiments by their numbers. Failures: `experiment_not_found`, `name_taken`, `invalid_request`. */
export interface Experiments {
  /** The project's id, once it is sure that its experiment 0 is there: what every other use of experiments begins with. */
  projectId(project: ProjectName): Promise<string>
  create(project: ProjectName, experiment: NewExperiment, actor: string): Promise<Experiment>
  /** Deleted ones, too. */
  get(project: ProjectName, number: number): Promise<KeptExperiment>
  getByName(project: ProjectName, name: string): Promise<KeptExperiment>
  summary(project: ProjectName, number: number): Promise<ExperimentSummary>
  change(project: ProjectName, number: number, change: ExperimentChange, actor: string): Promise<void>
  removeTag(project: ProjectName, number: number, key: string): Promise<void>
  delete(project: ProjectName, number: number, actor: string): Promise<void>
  restore(project: ProjectName, number: number, actor: string): Promise<void>
  /** Removes it for good, with its runs and all they hold. One that is cut off leaves the experiment deleted, with the
   *  runs that were not reached; asking again goes on. */
  purge(project: ProjectName, number: number, actor: string): Promise<void>
  datasets(project: ProjectName, numbers: readonly number[]): Promise<DatasetSummary[]>
  views(project: ProjectName, number: number): Promise<View[]>
  putView(project: ProjectName, number: number, view: NewView): Promise<View>
  removeView(project: ProjectName, number: number, name: string): Promise<void>
  /** Drops what is remembered, after a restore. */
  forget(): void
}

export interface ExperimentsParts {
  readonly store: ExperimentStore
  readonly projects: Pick<Projects, 'idOf'>
  /** Removes all its traces for good, with their files, some at a time. */
  readonly removeTraces: (project: ProjectName, number: number) => Promise<void>
  /** Removes all runs and logged models of an experiment for good. */
  readonly purgeContents: (projectId: string, experiment: KeptExperiment) => Promise<void>
  /** Runs of it have changed. */
  readonly onChanged: (experiment: KeptExperiment) => void
  readonly publish: (event: Event) => void
}

const MOST_VIEWS = 200
const MOST_DATASETS = 1_000
const LONGEST_NAME = 500
const LONGEST_TAG_KEY = 250
const LONGEST_TAG = 5_000

export const noExperiment = (number: number | string) =>
  new SteadError('experiment_not_found', `No Experiment with id=${number} exists`)
export const inactiveExperiment = (number: number) =>
  new SteadError(
    'invalid_request',
    `The experiment ${number} must be in the 'active' state. Current state is deleted.`,
    { where: 'experiment_id' },
  )

export function createExperiments(parts: ExperimentsParts): Experiments {
  const { store, projects, publish } = parts
  const withDefault = new Map<string, Promise<void>>()

  async function projectId(project: ProjectName): Promise<string> {
    const id = await projects.idOf(project)
    const known = withDefault.get(id) ?? store.ensureDefault(id)
    withDefault.set(id, known)
    await known.catch((error: unknown) => {
      withDefault.delete(id)
      throw error
    })
    return id
  }

  async function get(project: ProjectName, number: number): Promise<KeptExperiment> {
    const found = await store.find(await projectId(project), { number })
    if (!found) throw noExperiment(number)
    return found
  }

  async function taken(project: ProjectName, name: string): Promise<SteadError> {
    const holder = await store.find(await projectId(project), { name })
    const hint = holder?.lifecycle === 'deleted' ? ' It is deleted: restore it, or purge it to free the name.' : ''
    return new SteadError('name_taken', `Experiment(name=${name}) already exists.${hint}`, { where: 'name' })
  }

  async function setLifecycle(project: ProjectName, number: number, lifecycle: Experiment['lifecycle'], actor: string) {
    const outcome = await store.setLifecycle(await projectId(project), number, lifecycle, actor)
    if (outcome === 'absent') throw noExperiment(number)
    publish(outcome)
    parts.onChanged(await get(project, number))
  }

  return {
    projectId,
    get,
    async getByName(project, name) {
      const found = await store.find(await projectId(project), { name })
      if (!found) throw new SteadError('experiment_not_found', `Could not find experiment with name '${name}'`)
      return found
    },
    async summary(project, number) {
      const found = await store.summary(await projectId(project), number)
      if (!found) throw noExperiment(number)
      return found
    },
    async create(project, experiment, actor) {
      checkName(experiment.name)
      if (experiment.artifactLocation !== undefined) checkArtifactLocation(experiment.artifactLocation)
      const tags = Object.fromEntries(
        Object.entries(experiment.tags).map(([key, value]) => [key, checkTag(key, value)]),
      )
      const made = await store.create(await projectId(project), { ...experiment, tags }, actor)
      if (made === 'taken') throw await taken(project, experiment.name)
      publish(made.event)
      return made.experiment
    },
    async change(project, number, { name, tags }, actor) {
      if (name !== undefined) checkName(name)
      const checked = Object.entries(tags).map(([key, value]) => [key, value === null ? null : checkTag(key, value)])
      const change = { name, tags: Object.fromEntries(checked) as ExperimentChange['tags'] }
      const outcome = await store.change(await projectId(project), number, change, actor)
      if (outcome === 'absent') throw noExperiment(number)
      if (outcome === 'taken') throw await taken(project, name ?? '')
      if (outcome === 'deleted')
        throw name === undefined
          ? inactiveExperiment(number)
          : new SteadError('invalid_request', 'Cannot rename a non-active experiment.', { where: 'name' })
      if (outcome.event) publish(outcome.event)
    },
    async removeTag(project, number, key) {
      const outcome = await store.removeTag(await projectId(project), number, key)
      if (outcome === 'absent') throw noExperiment(number)
      if (outcome === 'deleted') throw inactiveExperiment(number)
      if (!outcome)
        throw new SteadError('experiment_not_found', `No tag with name: ${key} in experiment with id ${number}`)
    },
    delete: (project, number, actor) => setLifecycle(project, number, 'deleted', actor),
    restore: (project, number, actor) => setLifecycle(project, number, 'active', actor),
    async purge(project, number, actor) {
      if (number === 0)
        throw new SteadError(
          'invalid_request',
          'Experiment 0 belongs to every project: delete it, or purge its runs, but it stays.',
          { where: 'experiment' },
        )
      const experiment = await get(project, number)
      const id = await projectId(project)
      if (experiment.lifecycle === 'active') await setLifecycle(project, number, 'deleted', actor)
      await parts.removeTraces(project, number)
      await parts.purgeContents(id, experiment)
      const outcome = await store.remove(id, number, actor)
      if (outcome === 'absent') throw noExperiment(number)
      publish(outcome)
    },
    datasets: async (project, numbers) => store.datasets(await projectId(project), numbers, MOST_DATASETS),
    views: async (project, number) => store.views((await get(project, number)).row),
    async putView(project, number, view) {
      const put = await store.putView(await get(project, number), await projectId(project), view, MOST_VIEWS)
      if (!put)
        throw new SteadError('invalid_request', `an experiment has at most ${MOST_VIEWS} views; remove one first`, {
          where: 'path.view',
        })
      return put
    },
    async removeView(project, number, name) {
      const { row } = await get(project, number)
      if (!(await store.removeView(row, name)))
        throw new SteadError('view_not_found', `experiment ${number} has no view "${name}"`)
    },
    forget: () => withDefault.clear(),
  }
}

function checkName(name: string): void {
  if (name.trim() === '')
    throw new SteadError('invalid_request', `Invalid experiment name: '${name}'`, { where: 'name' })
  if (lengthOf(name) > LONGEST_NAME)
    throw new SteadError('invalid_request', `'name' exceeds the maximum length of ${LONGEST_NAME} characters`, {
      where: 'name',
    })
}

function checkTag(key: string, value: string): string {
  if (key === '' || lengthOf(key) > LONGEST_TAG_KEY)
    throw new SteadError('invalid_request', `'key' exceeds the maximum length of ${LONGEST_TAG_KEY} characters`, {
      where: 'key',
    })
  return upTo(value, LONGEST_TAG)
}
