import { ProjectName } from '@stead/contracts'
import { MlflowError } from '../../mlflow/failures.ts'
import { required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import type { Projects } from './projects.ts'

/** Projects under the name that MLflow has for them: workspaces. */
export function serveWorkspaces(mount: MlflowMount, projects: Projects): void {
  const all = { path: 'workspaces', versions: ['3.0'] } as const
  const one = { path: 'workspaces/:workspace_name', versions: ['3.0'] } as const
  const takes = { workspace_name: required('string') }
  mount({ ...all, act: 'project.list', method: 'GET' }, async (_input, { sees }) => ({
    workspaces: (await projects.list()).filter(({ name }) => sees(name)).map(({ name }) => ({ name })),
  }))
  mount(
    { ...all, act: 'project.create', method: 'POST', takes: { name: required('string') } },
    async ({ name }, { actor, reply }) => {
      if (name === 'default') throw reserved('created')
      const parsed = ProjectName.safeParse(name)
      if (!parsed.success)
        throw new MlflowError('INVALID_PARAMETER_VALUE', `Workspace name: ${parsed.error.issues[0]?.message ?? ''}`)
      await projects.create(parsed.data, actor)
      void reply.code(201)
      return { workspace: { name } }
    },
  )
  mount({ ...one, act: 'project.list', method: 'GET', takes }, async ({ workspace_name: name }, { sees }) => {
    const found = (await projects.list()).find((project) => project.name === name)
    if (found === undefined || !sees(found.name))
      throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Workspace '${name.slice(0, 100)}' not found`)
    return { workspace: { name } }
  })
  mount({ ...one, act: 'project.create', method: 'PATCH', takes }, async () => {
    throw new MlflowError('NOT_IMPLEMENTED', 'A project has nothing but its name, which stays.')
  })
  mount({ ...one, act: 'project.create', method: 'DELETE', takes }, async ({ workspace_name: name }) => {
    if (name === 'default') throw reserved('deleted')
    throw new MlflowError('NOT_IMPLEMENTED', 'Projects are not deleted over this protocol.')
  })
}

const reserved = (what: string) =>
  new MlflowError('INVALID_PARAMETER_VALUE', `The 'default' workspace is reserved and cannot be ${what}`)
