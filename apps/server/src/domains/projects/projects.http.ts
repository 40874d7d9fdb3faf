import { changeProject, createProject, getProject, listProjects } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Projects } from './projects.ts'

export function serveProjects(mount: Mount, projects: Projects): void {
  mount(listProjects, async (_request, { sees }) => ({
    projects: (await projects.list()).filter(({ name }) => sees(name)),
  }))
  mount(getProject, ({ params }) => projects.get(params.project))
  mount(createProject, ({ body }, { actor }) => projects.create(body, actor))
  mount(changeProject, ({ params, body }, { actor }) => projects.change(params.project, body.description, actor))
}
