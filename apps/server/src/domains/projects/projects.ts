import { SteadError } from '@stead/contracts'
import type { Project, ProjectName } from '@stead/contracts'

/** Finds projects by name. `create` is false when the name is taken. */
export interface ProjectStore {
  find(name: ProjectName): Promise<(Project & { id: string }) | undefined>
  list(): Promise<Project[]>
  create(name: ProjectName): Promise<Project | undefined>
}

export interface Projects {
  /** The id that every table knows the project by. */
  idOf(name: ProjectName): Promise<string>
  list(): Promise<Project[]>
  create(name: ProjectName): Promise<Project>
  /** Drops what is remembered, after a restore. */
  forget(): void
}

export function createProjects(store: ProjectStore): Projects {
  // Projects are never renamed nor removed, so an id once found stays right until a restore.
  const ids = new Map<ProjectName, string>()
  return {
    async idOf(name) {
      const known = ids.get(name)
      if (known) return known
      const project = await store.find(name)
      if (!project) throw new SteadError('project_not_found', `there is no project "${name}"`)
      ids.set(name, project.id)
      return project.id
    },
    list: () => store.list(),
    forget: () => ids.clear(),
    async create(name) {
      const project = await store.create(name)
      if (!project) throw new SteadError('name_taken', `there is a project "${name}" already`)
      return project
    },
  }
}
