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

export const findGarbage = endpoint({
  act: 'project.collect',
  method: 'GET',
  path: '/api/v1/projects/:project/garbage',
  says: 'Tells what a collection would give free now.',
  params: InProject,
  returns: Collected,
  fails: ['project_not_found'],
})

/** A collection as far as it came. */
const CollectedSoFar = Collected.extend({
  /** From where to go on; null once all of it is done. */
  next: z.string().nullable(),
})

export const collectGarbage = endpoint({
  act: 'project.collect',
  method: 'POST',
  path: '/api/v1/projects/:project/garbage',
  says: 'Gives free what nothing in the project names any more: files of runs that were purged, and artifacts that no file and no version has. What is younger than an hour stays. With `seconds` it pauses after about as many, and is gone on with from `next`.',
  params: InProject,
  query: z.object({
    seconds: z.coerce.number().int().min(1).max(60).optional(),
    /** The `next` of the answer before. */
    after: z
      .string()
      .regex(/^(?:files|artifacts):/)
      .max(2_100)
      .optional(),
  }),
  returns: CollectedSoFar,
  fails: ['project_not_found', 'invalid_request'],
})
