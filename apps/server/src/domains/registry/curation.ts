import { SteadError } from '@stead/contracts'
import type { Event, Model, ModelName, ModelStage, ProjectName, Version, VersionNumber } from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'
import type { CurationStore, ModelChange, NewModel, VersionChange } from './curation.store.ts'
import type { Registry } from './registry.ts'

/** Models by themselves, and what is said of models and versions after they were made. */
export interface Curation {
  createModel(project: ProjectName, model: NewModel, actor: string): Promise<Model>
  changeModel(project: ProjectName, model: ModelName, change: ModelChange, actor: string): Promise<Model>
  changeVersion(
    project: ProjectName,
    model: ModelName,
    version: VersionNumber,
    change: VersionChange,
    actor: string,
  ): Promise<Version>
}

export interface CurationParts {
  readonly store: CurationStore
  readonly registry: Pick<Registry, 'getModel' | 'getVersion'>
  readonly projects: Pick<Projects, 'idOf'>
  readonly publish: (event: Event) => void
  /** The deployments of the model are known by its new name when the promise resolves. */
  readonly onRenamed: (project: ProjectName, from: ModelName, to: ModelName) => Promise<void>
}

/** Stages that one version at a time should be in. */
const ACTIVE: readonly ModelStage[] = ['Staging', 'Production']

export function createCuration({ store, registry, projects, publish, onRenamed }: CurationParts): Curation {
  return {
    async createModel(project, model, actor) {
      const event = await store.addModel(await projects.idOf(project), model, actor)
      if (event === 'taken') throw nameTaken(model.name)
      publish(event)
      return registry.getModel(project, model.name)
    },

    async changeModel(project, model, change, actor) {
      const name = change.name ?? model
      const events = await store.changeModel(await projects.idOf(project), model, change, actor)
      if (events === 'absent') throw new SteadError('model_not_found', `there is no model "${model}"`)
      if (events === 'taken') throw nameTaken(name)
      if (name !== model) await onRenamed(project, model, name)
      events.forEach(publish)
      return registry.getModel(project, name)
    },

    async changeVersion(project, model, version, change, actor) {
      const { stage, archiveOthers } = change
      if (archiveOthers && (stage === undefined || !ACTIVE.includes(stage)))
        throw new SteadError(
          'invalid_request',
          `Model version transition cannot archive existing model versions because '${stage ?? ''}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
          { where: 'body.archiveOthers' },
        )
      const events = await store.changeVersion(await projects.idOf(project), model, version, change, actor)
      // Tells which of the two is not there.
      if (events === 'absent') return registry.getVersion(project, model, version)
      events.forEach(publish)
      return registry.getVersion(project, model, version)
    },
  }
}

const nameTaken = (name: ModelName) => new SteadError('name_taken', `Registered Model (name=${name}) already exists.`)
