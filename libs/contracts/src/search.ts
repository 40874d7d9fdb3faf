import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AliasName, DeploymentName, Digest, ModelName, VersionNumber } from './names.ts'
import { InProject } from './projects.ts'

/** One thing that was found, with what is needed to go to it. */
export const SearchHit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('deployment'), deployment: DeploymentName }),
  z.object({ kind: z.literal('model'), model: ModelName, latestVersion: VersionNumber.nullable() }),
  z.object({ kind: z.literal('alias'), model: ModelName, alias: AliasName, version: VersionNumber }),
  z.object({ kind: z.literal('version'), model: ModelName, version: VersionNumber, digest: Digest }),
])
export type SearchHit = z.infer<typeof SearchHit>

export const searchProject = endpoint({
  act: 'project.search',
  method: 'GET',
  path: '/api/v1/projects/:project/search',
  says: 'Finds deployments, models and aliases by a part of their names, and versions by `model v8` or the beginning of their digest; the best first.',
  params: InProject,
  query: z.object({
    q: z.string().min(1).max(250),
    limit: z.coerce.number().int().min(1).max(100).default(20),
  }),
  returns: z.object({ hits: z.array(SearchHit) }),
  fails: ['project_not_found', 'invalid_request'],
})
