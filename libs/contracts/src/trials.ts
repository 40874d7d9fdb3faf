import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { InferenceRequest } from './golden.ts'
import { DeploymentName, Generation, RunnerName, VersionNumber } from './names.ts'
import { InProject } from './projects.ts'

/** What a runner answered to one request that a person tried. */
export const Trial = z.object({
  runner: RunnerName,
  /** The runner's HTTP status; a refusal by the runner is an answer here. */
  status: z.number().int(),
  version: VersionNumber.nullable(),
  generation: Generation.nullable(),
  requestId: z.string().nullable(),
  /** From the server to the runner and back, in milliseconds. */
  ms: z.number(),
  answer: z.json(),
})
export type Trial = z.infer<typeof Trial>

export const tryDeployment = endpoint({
  act: 'deployment.predict',
  method: 'POST',
  path: '/api/v1/projects/:project/deployments/:deployment/try',
  says: 'Sends one request to a deployment through the server, to any version that serves or stands by. It is counted like every request.',
  params: InProject.extend({ deployment: DeploymentName }),
  body: z.object({
    request: InferenceRequest,
    version: VersionNumber.optional(),
    /** The sticky key that the caller would send. */
    key: z.string().max(1000).optional(),
  }),
  returns: Trial,
  fails: [
    'project_not_found',
    'deployment_not_found',
    'invalid_request',
    'no_runner',
    'runner_unreachable',
    'payload_too_large',
  ],
})
