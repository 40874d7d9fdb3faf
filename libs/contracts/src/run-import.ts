import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { ExperimentId, Tags } from './experiments.ts'
import { OneRun, Run, RunStatus } from './runs.ts'

const Millis = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

export const importRun = endpoint({
  act: 'run.create',
  method: 'PUT',
  path: '/api/v1/projects/:project/runs/:run/import',
  says: 'Takes over a run of another server under its own id, with its name, times, tags and params. Done twice it is the same: what differs is set, and a param keeps its value.',
  params: OneRun,
  body: z.object({
    experiment: ExperimentId,
    name: z.string().min(1).max(8000),
    user: z.string().max(256).default(''),
    status: RunStatus,
    startedAt: Millis,
    endedAt: Millis.nullable().default(null),
    tags: Tags.default({}),
    params: z.record(z.string().min(1).max(250), z.string().max(6000)).default({}),
  }),
  returns: Run,
  fails: ['project_not_found', 'experiment_not_found', 'name_taken', 'param_fixed', 'invalid_request'],
})

const DatasetUse = z.object({
  name: z.string().min(1).max(500),
  digest: z.string().min(1).max(36),
  sourceType: z.string().max(500).default('external'),
  source: z.string().max(65_535).default('{}'),
  schema: z.string().max(1_048_575).nullable().default(null),
  profile: z.string().max(16_777_215).nullable().default(null),
  tags: z.record(z.string().min(1).max(255), z.string().max(500)).default({}),
})

export const logDatasets = endpoint({
  act: 'run.log',
  method: 'POST',
  path: '/api/v1/projects/:project/runs/:run/datasets',
  status: 204,
  says: 'Notes which data a run used. A dataset is known by its name and digest; noted twice, it is the same.',
  params: OneRun,
  body: z.object({ datasets: z.array(DatasetUse).min(1).max(100) }),
  fails: ['project_not_found', 'run_not_found', 'invalid_request'],
})
