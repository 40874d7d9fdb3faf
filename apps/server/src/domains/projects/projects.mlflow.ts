import { ProjectName } from '@stead/contracts'
import type { Project } from '@stead/contracts'
import { invalidValue, MlflowError } from '../../mlflow/failures.ts'
import { optional, type Read, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import type { Projects } from './projects.ts'

const SAID = {
  description: optional('string'),
  default_artifact_root: optional('string'),
  trace_archival_config: optional({ location: optional('string'), retention: optional('string') }),
} as const

/** Projects under the name that MLflow has for them: workspaces. */
export function serveWorkspaces(mount: MlflowMount, projects: Projects): void {
  const all = { path: 'workspaces', versions: ['3.0'] } as const
  const one = { path: 'workspaces/:workspace_name', versions: ['3.0'] } as const
  const takes = { workspace_name: required('string') }
  const find = async (name: string, sees: (project: ProjectName) => boolean): Promise<Project> => {
    const found = (await projects.list()).find((project) => project.name === name)
    if (found === undefined || !sees(found.name))
      throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Workspace '${name.slice(0, 100)}' not found`)
    return found
  }
  mount({ ...all, act: 'project.list', method: 'GET' }, async (_input, { sees }) => ({
    workspaces: (await projects.list()).filter(({ name }) => sees(name)).map(workspaceOf),
  }))
  mount(
    { ...all, act: 'project.create', method: 'POST', takes: { name: required('string'), ...SAID } },
    async ({ name, ...said }, { actor, reply }) => {
      if (name === 'default') throw reserved('created')
      const parsed = ProjectName.safeParse(name)
      if (!parsed.success) throw invalidValue(`Workspace name: ${parsed.error.issues[0]?.message ?? ''}`)
      refuseUnkept(said)
      const made = await projects.create({ name: parsed.data, description: descriptionIn(said) ?? '' }, actor)
      void reply.code(201)
      return { workspace: workspaceOf(made) }
    },
  )
  mount({ ...one, act: 'project.list', method: 'GET', takes }, async ({ workspace_name: name }, { sees }) => ({
    workspace: workspaceOf(await find(name, sees)),
  }))
  mount(
    { ...one, act: 'project.change', project: 'workspace_name', method: 'PATCH', takes: { ...takes, ...SAID } },
    async (said, { project, actor }) => {
      refuseUnkept(said)
      const description = descriptionIn(said)
      if (description === undefined && said.default_artifact_root === undefined)
        throw invalidValue('Workspace update must have at least one key')
      const changed =
        description === undefined ? await projects.get(project) : await projects.change(project, description, actor)
      return { workspace: workspaceOf(changed) }
    },
  )
  // A project's name stands in its audit log for good, so that no other one may ever go by it.
  mount({ ...one, act: 'project.create', method: 'DELETE', takes }, async ({ workspace_name: name }, { sees }) => {
    if (name === 'default') throw reserved('deleted')
    await find(name, sees)
    throw new MlflowError(
      'RESOURCE_CONFLICT',
      `Cannot delete workspace '${name}': a project is kept for good, with its audit log. Delete and purge what is in it instead.`,
    )
  })
}

const workspaceOf = ({ name, description }: Project) => ({ name, ...(description === '' ? {} : { description }) })

function descriptionIn({ description }: Read<typeof SAID>): string | undefined {
  if (description !== undefined && description.length > MOST_SAID)
    throw invalidValue(`'description' exceeds the maximum length of ${MOST_SAID} characters`)
  return description
}

/** As in the contract. */
const MOST_SAID = 5000

/** What would be passed over in silence is asked for where files and traces then are not. Empty means: as elsewhere. */
function refuseUnkept({ default_artifact_root: root, trace_archival_config: archive }: Read<typeof SAID>): void {
  if (root)
    throw invalidValue(
      "'default_artifact_root' is not kept by workspace: files are where the server keeps all artifacts",
    )
  if (archive?.location || archive?.retention)
    throw invalidValue("'trace_archival_config' is not kept: traces stay in the database until they are deleted")
}

const reserved = (what: string) => invalidValue(`The 'default' workspace is reserved and cannot be ${what}`)
