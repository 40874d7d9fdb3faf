import { MlflowError } from '../../mlflow/failures.ts'
import type { ProjectName } from '@stead/contracts'
import { optional, type Read, repeated, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import { experimentIn, some } from '../runs/run-wire.ts'
import type { ExperimentSearch } from './experiment-search.ts'
import { experimentOut, lifecycleIn } from './experiment-wire.ts'
import type { Experiments } from './experiments.ts'

const ONE = { experiment_id: required('string') }
const NOTHING = {}
const MOST_SEARCHED = 20

export function serveExperimentsToMlflow(mount: MlflowMount, experiments: Experiments): void {
  mount(
    {
      act: 'experiment.create',
      method: 'POST',
      path: 'experiments/create',
      takes: {
        name: required('string'),
        artifact_location: optional('string'),
        tags: repeated({ key: required('string'), value: optional('string') }),
      },
    },
    async ({ name, artifact_location, tags = [] }, { project, actor }) => {
      const made = await experiments.create(
        project,
        {
          name,
          artifactLocation: artifact_location || undefined,
          tags: Object.fromEntries(tags.map(({ key, value = '' }) => [key, value])),
        },
        actor,
      )
      return { experiment_id: String(made.id) }
    },
  )
  mount(
    { act: 'experiment.get', method: 'GET', path: 'experiments/get', takes: ONE },
    async ({ experiment_id }, { project }) => ({
      experiment: experimentOut(await experiments.get(project, experimentIn(experiment_id))),
    }),
  )
  mount(
    {
      act: 'experiment.get',
      method: 'GET',
      path: 'experiments/get-by-name',
      takes: { experiment_name: required('string') },
    },
    async ({ experiment_name }, { project }) => ({
      experiment: experimentOut(await experiments.getByName(project, experiment_name)),
    }),
  )
  mount(
    { act: 'experiment.delete', method: 'POST', path: 'experiments/delete', takes: ONE },
    async ({ experiment_id }, { project, actor }) => {
      await experiments.delete(project, experimentIn(experiment_id), actor)
      return NOTHING
    },
  )
  mount(
    { act: 'experiment.change', method: 'POST', path: 'experiments/restore', takes: ONE },
    async ({ experiment_id }, { project, actor }) => {
      await experiments.restore(project, experimentIn(experiment_id), actor)
      return NOTHING
    },
  )
  serveChanges(mount, experiments)
  serveDatasets(mount, experiments)
}

function serveChanges(mount: MlflowMount, experiments: Experiments): void {
  mount(
    {
      act: 'experiment.change',
      method: 'POST',
      path: 'experiments/update',
      takes: { ...ONE, new_name: required('string') },
    },
    async ({ experiment_id, new_name: name }, { project, actor }) => {
      await experiments.change(project, experimentIn(experiment_id), { name, tags: {} }, actor)
      return NOTHING
    },
  )
  mount(
    {
      act: 'experiment.change',
      method: 'POST',
      path: 'experiments/set-experiment-tag',
      takes: { ...ONE, key: required('string'), value: optional('string') },
    },
    async ({ experiment_id, key, value = '' }, { project, actor }) => {
      await experiments.change(project, experimentIn(experiment_id), { tags: { [key]: value } }, actor)
      return NOTHING
    },
  )
  mount(
    {
      act: 'experiment.change',
      method: 'POST',
      path: 'experiments/delete-experiment-tag',
      takes: { ...ONE, key: required('string') },
    },
    async ({ experiment_id, key }, { project }) => {
      await experiments.removeTag(project, experimentIn(experiment_id), key)
      return NOTHING
    },
  )
}

function serveDatasets(mount: MlflowMount, experiments: Experiments): void {
  mount(
    {
      act: 'run.search',
      method: 'POST',
      path: 'experiments/search-datasets',
      takes: { experiment_ids: repeated('string') },
    },
    async ({ experiment_ids: ids = [] }, { project }) => {
      if (ids.length === 0)
        throw new MlflowError(
          'INVALID_PARAMETER_VALUE',
          'SearchDatasets request must specify at least one experiment_id.',
        )
      if (ids.length > MOST_SEARCHED)
        throw new MlflowError(
          'INVALID_PARAMETER_VALUE',
          `SearchDatasets request cannot specify more than ${MOST_SEARCHED} experiment_ids. Received ${ids.length} experiment_ids.`,
        )
      const found = await experiments.datasets(project, ids.map(experimentIn))
      return some(
        'dataset_summaries',
        found.map(({ experiment, name, digest, context }) => ({
          experiment_id: String(experiment),
          name,
          digest,
          ...(context === null ? {} : { context }),
        })),
      )
    },
  )
}

const MOST_RESULTS = 50_000

export function serveExperimentSearchToMlflow(
  mount: MlflowMount,
  search: ExperimentSearch,
  projectId: Experiments['projectId'],
): void {
  const takes = {
    view_type: optional('any'),
    max_results: optional('int64'),
    order_by: repeated('string'),
    filter: optional('string'),
    page_token: optional('string'),
  } as const
  const answer = async (project: ProjectName, input: Read<typeof takes>) => {
    // Clients always say how many; the reference refuses those that do not.
    const limit = input.max_results ?? 0
    if (limit < 1 || limit > MOST_RESULTS)
      throw new MlflowError(
        'INVALID_PARAMETER_VALUE',
        limit < 1
          ? `Invalid value ${limit} for parameter 'max_results' supplied. It must be a positive integer`
          : `Invalid value ${limit} for parameter 'max_results' supplied. It must be at most ${MOST_RESULTS}`,
      )
    const { experiments, nextToken } = await search.searchExperiments(await projectId(project), {
      filter: input.filter,
      lifecycle: lifecycleIn(input.view_type),
      orderBy: input.order_by,
      limit,
      token: input.page_token,
    })
    return {
      ...some('experiments', experiments.map(experimentOut)),
      ...(nextToken === undefined ? {} : { next_page_token: nextToken }),
    }
  }
  const named = { act: 'experiment.list', takes } as const
  mount({ ...named, method: ['POST', 'GET'], path: 'experiments/search' }, (input, { project }) =>
    answer(project, input),
  )
  // Clients of 1.x ask for all that there are.
  mount({ ...named, method: 'GET', path: 'experiments/list' }, (input, { project }) =>
    answer(project, { ...input, max_results: input.max_results ?? MOST_RESULTS }),
  )
}
