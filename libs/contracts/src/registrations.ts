import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { LoggedModelId } from './logged-models.ts'
import { ModelName, VersionNumber } from './names.ts'
import { OneModel, TagKey, Version } from './registry.ts'
import { OneRun, RunId } from './runs.ts'

/** A version by its name, with the run that it was made by. */
export const RunVersion = z.object({ model: ModelName, version: VersionNumber, source: z.string() })
export type RunVersion = z.infer<typeof RunVersion>

export const listRunVersions = endpoint({
  act: 'version.list',
  method: 'GET',
  path: '/api/v1/projects/:project/runs/:run/versions',
  says: 'Lists the versions of models that were made by a run, the newest first; at most 200.',
  params: OneRun,
  returns: z.object({ versions: z.array(RunVersion) }),
  fails: ['project_not_found', 'run_not_found', 'invalid_request'],
})

export const registerVersion = endpoint({
  act: 'version.create',
  method: 'POST',
  path: '/api/v1/projects/:project/models/:model/registrations',
  status: 201,
  says: 'Registers what a run or a logged model keeps as the next version of a model that is there: `source` is such as `runs:/…/model` or `models:/m-…`. One whose runtime is not known, or whose signature is missing, is registered all the same, and cannot be deployed.',
  params: OneModel,
  body: z.object({
    source: z.string().min(1).max(2048),
    run: RunId.nullable().default(null),
    loggedModel: LoggedModelId.nullable().default(null),
    description: z.string().max(10_000).default(''),
    tags: z.record(TagKey, z.string().max(100_000)).default({}),
  }),
  returns: Version,
  fails: ['project_not_found', 'model_not_found', 'version_not_found', 'invalid_request'],
})
