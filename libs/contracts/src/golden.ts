import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { DeploymentName, Instant } from './names.ts'
import { InProject } from './projects.ts'

/** An inference request in the Open Inference Protocol's JSON; `z.json()` because the protocol leaves data free. */
export const InferenceRequest = z.object({
  id: z.string().optional(),
  parameters: z.record(z.string(), z.json()).optional(),
  inputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.number().int()),
      data: z.json(),
      parameters: z.record(z.string(), z.json()).optional(),
    }),
  ),
  outputs: z.array(z.object({ name: z.string(), parameters: z.record(z.string(), z.json()).optional() })).optional(),
})
export type InferenceRequest = z.infer<typeof InferenceRequest>

export const ExpectedOutputs = z.array(
  z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.number().int()), data: z.json() }),
)

/** What must hold of the answer: `valid` by the schema and finite, within a `range`, `close` to a recorded answer, or `exact`ly it. */
export const Assertion = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('valid') }),
  z.object({
    kind: z.literal('range'),
    output: z.string().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.object({ kind: z.literal('close'), outputs: ExpectedOutputs, tolerance: z.number().min(0).default(1e-5) }),
  z.object({ kind: z.literal('exact'), outputs: ExpectedOutputs }),
])
export type Assertion = z.infer<typeof Assertion>

export const GoldenName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'golden request name: letters, digits, ".", "_" or "-"' })

export const GoldenRequest = z.object({
  name: GoldenName,
  request: InferenceRequest,
  assertion: Assertion,
  createdAt: Instant,
})
export type GoldenRequest = z.infer<typeof GoldenRequest>

const OneDeployment = InProject.extend({ deployment: DeploymentName })

export const listGolden = endpoint({
  act: 'golden.list',
  method: 'GET',
  path: '/api/v1/projects/:project/deployments/:deployment/golden',
  says: 'Lists golden requests.',
  params: OneDeployment,
  returns: z.object({ golden: z.array(GoldenRequest) }),
  fails: ['project_not_found', 'deployment_not_found'],
})

export const addGolden = endpoint({
  act: 'golden.add',
  method: 'POST',
  path: '/api/v1/projects/:project/deployments/:deployment/golden',
  status: 201,
  says: 'Keeps a request that every version must pass before it serves.',
  params: OneDeployment,
  body: z.object({
    name: GoldenName.optional(),
    request: InferenceRequest,
    assertion: Assertion.default({ kind: 'valid' }),
  }),
  returns: GoldenRequest,
  fails: ['project_not_found', 'deployment_not_found', 'invalid_request', 'name_taken'],
})

export const recordGolden = endpoint({
  act: 'golden.record',
  method: 'POST',
  path: '/api/v1/projects/:project/deployments/:deployment/golden/record',
  status: 202,
  says: 'Keeps the next requests of live traffic as golden requests. Inputs named in `redact` are kept as zeros or empty strings.',
  params: OneDeployment,
  body: z.object({
    count: z.number().int().min(1).max(100),
    assertion: z.enum(['valid', 'close', 'exact']).default('valid'),
    redact: z.array(z.string()).default([]),
  }),
  returns: z.object({ recording: z.number().int() }),
  fails: ['project_not_found', 'deployment_not_found', 'invalid_request', 'no_runner'],
})

export const removeGolden = endpoint({
  act: 'golden.remove',
  method: 'DELETE',
  path: '/api/v1/projects/:project/deployments/:deployment/golden/:golden',
  status: 204,
  says: 'Forgets a golden request.',
  params: OneDeployment.extend({ golden: GoldenName }),
  fails: ['project_not_found', 'deployment_not_found', 'golden_not_found'],
})
