import { createProject, getProject, listProjects } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Projects } from './projects.ts'

export function serveProjects(mount: Mount, projects: Projects): void {
  mount(listProjects, async () => ({ projects: await projects.list() }))
  mount(getProject, ({ params }) => projects.get(params.project))
  mount(createProject, ({ body }, { actor }) => projects.create(body.name, actor))
}
