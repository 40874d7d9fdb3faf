import { SteadError } from '@stead/contracts'
import type { Event, Project, ProjectName, ProjectSummary } from '@stead/contracts'

export type NewProject = Pick<Project, 'name' | 'description'>

/** Finds projects by name. `create` gives nothing when the name is taken, `change` when there is no such project; their
 *  events are written with them, and there is none where nothing is changed. */
export interface ProjectStore {
  find(name: ProjectName): Promise<(Project & { id: string }) | undefined>
  list(): Promise<Project[]>
  create(project: NewProject, actor: string): Promise<{ project: Project; event: Event } | undefined>
  change(
    name: ProjectName,
    description: string,
    actor: string,
  ): Promise<{ project: Project; event?: Event } | undefined>
  /** `lastChange` is another number whenever versions may have come or gone. */
  holdings(projectId: string): Promise<{ models: number; deployments: number; lastChange: number }>
  /** Reads through all versions, some at a time. */
  countVersions(projectId: string): Promise<number>
}

export interface Projects {
  /** The id that every table knows the project by. */
  idOf(name: ProjectName): Promise<string>
  list(): Promise<Project[]>
  get(name: ProjectName): Promise<ProjectSummary>
  create(project: NewProject, actor: string): Promise<Project>
  change(name: ProjectName, description: string, actor: string): Promise<Project>
  /** Drops what is remembered, after a restore. */
  forget(): void
}

export function createProjects(store: ProjectStore, publish: (event: Event) => void): Projects {
  // Projects are never renamed nor removed, so an id once found stays right until a restore.
  const ids = new Map<ProjectName, string>()
  const counted = new Map<string, { readonly lastChange: number; readonly versions: number }>()

  async function find(name: ProjectName) {
    const project = await store.find(name)
    if (!project) throw notFound(name)
    ids.set(name, project.id)
    return project
  }

  // The mark is read before the versions are counted: what changes in between is counted again the next time.
  async function versionsOf(projectId: string, lastChange: number): Promise<number> {
    const known = counted.get(projectId)
    if (known?.lastChange === lastChange) return known.versions
    const versions = await store.countVersions(projectId)
    counted.set(projectId, { lastChange, versions })
    return versions
  }

  return {
    idOf: async (name) => ids.get(name) ?? (await find(name)).id,
    list: () => store.list(),
    async get(name) {
      const { id, ...project } = await find(name)
      const { lastChange, ...held } = await store.holdings(id)
      return { ...project, ...held, versions: await versionsOf(id, lastChange) }
    },
    forget() {
      ids.clear()
      counted.clear()
    },
    async create(project, actor) {
      const made = await store.create(project, actor)
      if (!made) throw new SteadError('name_taken', `there is a project "${project.name}" already`)
      publish(made.event)
      return made.project
    },
    async change(name, description, actor) {
      const changed = await store.change(name, description, actor)
      if (!changed) throw notFound(name)
      if (changed.event) publish(changed.event)
      return changed.project
    },
  }
}

const notFound = (name: ProjectName) => new SteadError('project_not_found', `there is no project "${name}"`)
