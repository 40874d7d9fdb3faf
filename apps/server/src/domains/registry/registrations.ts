import { SteadError } from '@stead/contracts'
import type { Event, ModelName, ProjectName, Version } from '@stead/contracts'
import type { Keeping } from '../artifacts/keeping.ts'
import type { Projects } from '../projects/projects.ts'
import { manifestDigest } from './registry.ts'
import { PROMPT_TAG, type RegistryStore } from './registry.store.ts'
import type { Sources } from './sources.ts'

export interface Registration {
  readonly source: string
  readonly run: string | null
  readonly runLink: string
  readonly loggedModel: string | null
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
}

/** Versions that are made of what is here already, or is kept elsewhere. */
export interface Registrations {
  /** The next version of a model that is there, with the files that its source has now. */
  register(project: ProjectName, model: ModelName, asked: Registration, actor: string): Promise<Version>
}

export interface RegistrationParts {
  readonly store: Pick<RegistryStore, 'addVersionTo'>
  readonly sources: Sources
  readonly projects: Pick<Projects, 'idOf'>
  readonly keeping: Pick<Keeping, 'everything'>
  readonly publish: (event: Event) => void
}

export function createRegistrations({ store, sources, projects, keeping, publish }: RegistrationParts): Registrations {
  async function register(
    project: ProjectName,
    model: ModelName,
    { source, runLink, description, tags, ...asked }: Registration,
    actor: string,
  ): Promise<Version> {
    const projectId = await projects.idOf(project)
    const isPrompt = tags[PROMPT_TAG]?.toLowerCase() === 'true'
    const found = await sources.find(project, projectId, { source, isPrompt, ...asked })
    const { location, run, loggedModel, files, runtime, signature } = found
    const provenance = run === null ? {} : { sourceRun: run.slice(0, 250) }
    const origin = { source, location, run, runLink, loggedModel, tags }
    const version = { digest: manifestDigest(files), runtime, signature, files, provenance, description, origin }
    const made = await store.addVersionTo(projectId, model, version, actor)
    if (!made) throw new SteadError('model_not_found', `there is no model "${model}"`)
    publish(made.event)
    return made.version
  }

  return {
    // A file that is replaced meanwhile must not take its bytes along before the version names them.
    register: (...asked) => keeping.everything(() => register(...asked)),
  }
}
