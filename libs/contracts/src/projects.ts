import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Instant, ProjectName } from './names.ts'

export const Project = z.object({ name: ProjectName, createdAt: Instant })
export type Project = z.infer<typeof Project>

export const InProject = z.object({ project: ProjectName })

export const listProjects = endpoint({
  act: 'project.list',
  method: 'GET',
  path: '/api/v1/projects',
  says: 'Lists the projects.',
  returns: z.object({ projects: z.array(Project) }),
  fails: [],
})

export const createProject = endpoint({
  act: 'project.create',
  method: 'POST',
  path: '/api/v1/projects',
  says: 'Creates a project.',
  status: 201,
  body: z.object({ name: ProjectName }),
  returns: Project,
  fails: ['invalid_request', 'name_taken'],
})
