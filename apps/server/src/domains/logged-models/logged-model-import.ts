import { SteadError } from '@stead/contracts'
import type { LoggedModel, ProjectName } from '@stead/contracts'
import type { ExperimentStore } from '../experiments/experiments.store.ts'
import { checkKey } from '../runs/limits.ts'
import type { Projects } from '../projects/projects.ts'
import { VERSIONS_TAG, versionsToldOnce } from '../registry/versions-tag.ts'
import type { ImportedLoggedModel, LoggedModelImportStore } from './logged-model-import.store.ts'
import { type LoggedModels, refuseModelName } from './logged-models.ts'

/** Takes a logged model over under its own id. Done again it is the same. Fails with `name_taken` where another project
 *  has that id, and with `experiment_not_found` and `invalid_request`. */
export type ImportLoggedModel = (project: ProjectName, model: ImportedLoggedModel) => Promise<LoggedModel>

export interface LoggedModelImportParts {
  readonly store: LoggedModelImportStore
  readonly projects: Pick<Projects, 'idOf'>
  readonly experiments: Pick<ExperimentStore, 'ensureDefault'>
  readonly loggedModels: Pick<LoggedModels, 'get'>
}

export function createLoggedModelImport(parts: LoggedModelImportParts): ImportLoggedModel {
  const { store, projects, experiments, loggedModels } = parts
  return async (project, model) => {
    refuseModelName(model.name)
    for (const key of [...Object.keys(model.params), ...Object.keys(model.tags)]) checkKey(key, 'key')
    for (const { key } of model.metrics) checkKey(key, 'metrics')
    const versions = model.tags[VERSIONS_TAG]
    const tags = versions === undefined ? model.tags : { ...model.tags, [VERSIONS_TAG]: versionsToldOnce(versions) }
    const projectId = await projects.idOf(project)
    if (Number(model.experiment) === 0) await experiments.ensureDefault(projectId)
    const outcome = await store.take(projectId, { ...model, tags })
    if (outcome === 'elsewhere')
      throw new SteadError('name_taken', `Another project has a logged model with id "${model.id}".`, {
        where: 'model',
      })
    if (outcome === 'no experiment')
      throw new SteadError('experiment_not_found', `No Experiment with id=${model.experiment} exists`)
    if (outcome === 'deleted experiment')
      throw new SteadError(
        'invalid_request',
        `The experiment ${model.experiment} must be in the 'active' state. Current state is deleted.`,
      )
    return loggedModels.get(project, model.id)
  }
}
