import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Instant, ProjectName } from './names.ts'

const Description = z.string().max(5000)

export const Project = z.object({ name: ProjectName, description: Description, createdAt: Instant })
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

export const ProjectSummary = Project.extend({
  models: z.number().int(),
  versions: z.number().int(),
  deployments: z.number().int(),
})
export type ProjectSummary = z.infer<typeof ProjectSummary>

export const getProject = endpoint({
  act: 'project.get',
  method: 'GET',
  path: '/api/v1/projects/:project',
  says: 'Reads a project and how much it holds.',
  params: InProject,
  returns: ProjectSummary,
  fails: ['project_not_found'],
})

export const createProject = endpoint({
  act: 'project.create',
  method: 'POST',
  path: '/api/v1/projects',
  says: 'Creates a project.',
  status: 201,
  body: z.object({ name: ProjectName, description: Description.default('') }),
  returns: Project,
  fails: ['invalid_request', 'name_taken'],
})

export const changeProject = endpoint({
  act: 'project.change',
  method: 'PATCH',
  path: '/api/v1/projects/:project',
  says: 'Changes what a project says of itself.',
  params: InProject,
  body: z.object({ description: Description }),
  returns: Project,
  fails: ['project_not_found', 'invalid_request', 'forbidden'],
})
