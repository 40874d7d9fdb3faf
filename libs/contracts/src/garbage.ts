import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { InProject } from './projects.ts'

/** What was given free. */
export const Collected = z.object({
  /** Of runs and logged models that are gone. */
  files: z.number().int(),
  /** Bytes in the store that no file, version or archive names any more. */
  artifacts: z.number().int(),
  bytes: z.number().int(),
})
export type Collected = z.infer<typeof Collected>

export const collectGarbage = endpoint({
  act: 'project.collect',
  method: 'POST',
  path: '/api/v1/projects/:project/garbage',
  says: 'Gives free what nothing in the project names any more: files of runs that were purged, and artifacts that no file and no version has. What is younger than an hour stays.',
  params: InProject,
  returns: Collected,
  fails: ['project_not_found'],
})
