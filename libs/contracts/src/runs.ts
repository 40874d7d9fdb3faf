import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { ExperimentId, Lifecycle, LifecycleView, OneExperiment, Tags } from './experiments.ts'
import { ProjectName } from './names.ts'
import { InProject } from './projects.ts'

export const RunId = z
  .string()
  .regex(/^[a-zA-Z0-9][\w-]{0,255}$/, { error: 'run id: letters, digits, "_" and "-", at most 256' })
  .brand<'RunId'>()
export type RunId = z.infer<typeof RunId>

const RunName = z
  .string()
  .max(8000)
  .refine((text) => !/\p{Cc}/u.test(text), { error: 'run name: at most 8 000 characters, without control characters' })

export const RunStatus = z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'])
export type RunStatus = z.infer<typeof RunStatus>

/** A number, or the name of one that JSON has no way to write. */
export const MetricValue = z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity'])])
export type MetricValue = z.infer<typeof MetricValue>

/** Milliseconds since 1970. */
const Millis = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const Step = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)

/** The value of a metric that is highest by step, then timestamp, then value. */
export const LatestMetric = z.object({ value: MetricValue, step: Step, timestamp: z.number().int() })
export type LatestMetric = z.infer<typeof LatestMetric>

export const RunDataset = z.object({
  name: z.string(),
  digest: z.string(),
  sourceType: z.string(),
  source: z.string(),
  schema: z.string().nullable(),
  profile: z.string().nullable(),
  /** `mlflow.data.context` says what for: training, validation. */
  tags: z.record(z.string(), z.string()),
})
export type RunDataset = z.infer<typeof RunDataset>

/** What every answer tells of a run. */
export const RunInfo = z.object({
  id: RunId,
  experiment: ExperimentId,
  name: z.string(),
  user: z.string(),
  status: RunStatus,
  startedAt: z.number().int(),
  endedAt: z.number().int().nullable(),
  lifecycle: Lifecycle,
  artifactUri: z.string(),
  /** The run that it is a part of. */
  parent: RunId.nullable(),
})
export type RunInfo = z.infer<typeof RunInfo>

/** A row of the runs table, with the columns that were asked for. */
export const RunRow = RunInfo.extend({
  metrics: z.record(z.string(), LatestMetric),
  params: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
})
export type RunRow = z.infer<typeof RunRow>

export const Run = RunRow.extend({
  datasets: z.array(RunDataset),
  /** Logged models that it used and made. */
  models: z.array(z.object({ model: z.string(), direction: z.enum(['input', 'output']), step: Step })),
  children: z.number().int(),
})
export type Run = z.infer<typeof Run>

/** Which runs. `filter` is the expression of MLflow's `search_runs` with `or`, `not`, `in` and parentheses besides. */
const Wanted = z.object({
  experiments: z.array(ExperimentId).min(1).max(1000),
  filter: z.string().max(100_000).default(''),
  lifecycle: LifecycleView.default('active'),
})

export const searchRuns = endpoint({
  act: 'run.search',
  method: 'POST',
  path: '/api/v1/projects/:project/runs/search',
  says: 'Finds runs. `orderBy` is a list such as `metrics.auc DESC`; the newest come first where nothing is said. `columns` names the metrics, params and tags to tell, as `metrics.auc`; all of them where it is absent, none where it is empty.',
  params: InProject,
  body: Wanted.extend({
    orderBy: z.array(z.string().max(500)).max(20).default([]),
    columns: z.array(z.string().max(300)).max(2000).optional(),
    /** `count` is told as `total`: it costs a second look. */
    count: z.boolean().default(false),
    limit: z.number().int().min(1).max(1000).default(100),
    after: z.string().max(20_000).optional(),
  }),
  returns: z.object({ runs: z.array(RunRow), next: z.string().nullable(), total: z.number().int().nullable() }),
  fails: ['project_not_found', 'invalid_request'],
})

const Aggregate = z.object({
  count: z.number().int(),
  mean: z.number().nullable(),
  deviation: z.number().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
})

export const groupRuns = endpoint({
  act: 'run.search',
  method: 'POST',
  path: '/api/v1/projects/:project/runs/groups',
  says: 'Groups runs by params, tags or attributes (`params.algo`, `attributes.status`), with the mean, deviation, least and greatest of the metrics named. Values that are no finite numbers do not count. At most 1 000 groups, the largest first.',
  params: InProject,
  body: Wanted.extend({
    by: z.array(z.string().max(300)).min(1).max(5),
    metrics: z.array(z.string().max(250)).max(100).default([]),
  }),
  returns: z.object({
    groups: z.array(
      z.object({
        /** In the order of `by`; null where a run has no such key. */
        values: z.array(z.string().nullable()),
        runs: z.number().int(),
        metrics: z.record(z.string(), Aggregate),
      }),
    ),
    total: z.number().int(),
  }),
  fails: ['project_not_found', 'invalid_request'],
})

export const RunColumn = z.object({ key: z.string(), runs: z.number().int() })

export const runColumns = endpoint({
  act: 'run.search',
  method: 'GET',
  path: '/api/v1/projects/:project/experiments/:experiment/columns',
  says: 'Lists the keys that the runs of an experiment have, with how many of its newest runs, at most a thousand, have each.',
  params: OneExperiment,
  returns: z.object({ metrics: z.array(RunColumn), params: z.array(RunColumn), tags: z.array(RunColumn) }),
  fails: ['project_not_found', 'experiment_not_found'],
})

export const columnValues = endpoint({
  act: 'run.search',
  method: 'GET',
  path: '/api/v1/projects/:project/experiments/:experiment/values',
  says: 'Lists the most frequent values of a param or tag, for completion.',
  params: OneExperiment,
  query: z.object({ column: z.string().max(300), search: z.string().max(250).default('') }),
  returns: z.object({ values: z.array(z.object({ value: z.string(), runs: z.number().int() })) }),
  fails: ['project_not_found', 'experiment_not_found', 'invalid_request'],
})

export const OneRun = InProject.extend({ run: RunId })

export const getRun = endpoint({
  act: 'run.get',
  method: 'GET',
  path: '/api/v1/projects/:project/runs/:run',
  says: 'Reads a run with the latest value of each metric, its params, tags and datasets.',
  params: OneRun,
  returns: Run,
  fails: ['project_not_found', 'run_not_found'],
})

export const createRun = endpoint({
  act: 'run.create',
  method: 'POST',
  path: '/api/v1/projects/:project/runs',
  status: 201,
  says: 'Starts a run. It gets a name if none is given; the tag `mlflow.parentRunId` makes it a part of another.',
  params: InProject,
  // Nothing of it has to be there, so that only this tells a mistyped name.
  body: z.strictObject({
    experiment: ExperimentId.default(ExperimentId.parse(0)),
    name: RunName.optional(),
    user: z.string().max(256).optional(),
    startedAt: Millis.optional(),
    tags: Tags.default({}),
  }),
  returns: Run,
  fails: ['project_not_found', 'experiment_not_found', 'invalid_request'],
})

export const changeRun = endpoint({
  act: 'run.change',
  method: 'PATCH',
  path: '/api/v1/projects/:project/runs/:run',
  says: 'Ends a run, renames it, sets tags, or removes those given as null.',
  params: OneRun,
  body: z.object({
    name: RunName.min(1).optional(),
    status: RunStatus.optional(),
    endedAt: Millis.nullable().optional(),
    tags: z.record(z.string().min(1).max(250), z.string().max(8000).nullable()).default({}),
  }),
  returns: Run,
  fails: ['project_not_found', 'run_not_found', 'invalid_request'],
})

export const logToRun = endpoint({
  act: 'run.log',
  method: 'POST',
  path: '/api/v1/projects/:project/runs/:run/log',
  status: 204,
  says: 'Logs metrics, params and tags, all of them or, where one cannot be taken, none. A param keeps its first value.',
  params: OneRun,
  body: z.object({
    metrics: z
      .array(
        z.object({
          key: z.string().min(1).max(250),
          value: MetricValue,
          timestamp: Millis.optional(),
          step: Step.default(0),
        }),
      )
      .max(10_000)
      .default([]),
    params: z.record(z.string().min(1).max(250), z.string().max(6000)).default({}),
    tags: Tags.default({}),
  }),
  fails: ['project_not_found', 'run_not_found', 'param_fixed', 'invalid_request'],
})

const Runs = z.array(RunId).min(1).max(1000)

export const deleteRuns = endpoint({
  act: 'run.delete',
  method: 'POST',
  path: '/api/v1/projects/:project/runs/delete',
  says: 'Deletes runs, which can be restored; with `purge` for good, with their files.',
  params: InProject,
  body: z.object({ runs: Runs, purge: z.boolean().default(false) }),
  returns: z.object({ runs: z.number().int() }),
  fails: ['project_not_found', 'run_not_found', 'invalid_request'],
})

export const restoreRuns = endpoint({
  act: 'run.delete',
  method: 'POST',
  path: '/api/v1/projects/:project/runs/restore',
  says: 'Restores deleted runs.',
  params: InProject,
  body: z.object({ runs: Runs }),
  returns: z.object({ runs: z.number().int() }),
  fails: ['project_not_found', 'run_not_found', 'invalid_request'],
})

export const tagRuns = endpoint({
  act: 'run.change',
  method: 'POST',
  path: '/api/v1/projects/:project/runs/tags',
  says: 'Sets tags of several runs, or removes those given as null.',
  params: InProject,
  body: z.object({ runs: Runs, tags: z.record(z.string().min(1).max(250), z.string().max(8000).nullable()) }),
  returns: z.object({ runs: z.number().int() }),
  fails: ['project_not_found', 'run_not_found', 'invalid_request'],
})

export const moveRuns = endpoint({
  act: 'run.change',
  method: 'POST',
  path: '/api/v1/projects/:project/runs/move',
  says: 'Moves runs, with their children, to another experiment of the project. Their files stay where they are.',
  params: InProject,
  body: z.object({ runs: Runs, experiment: ExperimentId }),
  returns: z.object({ runs: z.number().int() }),
  fails: ['project_not_found', 'run_not_found', 'experiment_not_found', 'invalid_request'],
})

export const forkRun = endpoint({
  act: 'run.create',
  method: 'POST',
  path: '/api/v1/projects/:project/runs/:run/fork',
  status: 201,
  says: 'Starts a run with the params and tags of another, and with its metrics up to `step` and its files where they are asked for. The tag `stead.forkedFrom` names the other.',
  params: OneRun,
  body: z.object({
    name: RunName.optional(),
    step: Step.optional(),
    files: z.boolean().default(false),
  }),
  returns: Run,
  fails: ['project_not_found', 'run_not_found', 'invalid_request'],
})

/** One value: step, timestamp in milliseconds, value. */
export const MetricPoint = z.tuple([Step, z.number().int(), MetricValue])
export type MetricPoint = z.infer<typeof MetricPoint>

export const metricHistory = endpoint({
  act: 'run.get',
  method: 'POST',
  path: '/api/v1/projects/:project/runs/metrics',
  says: 'Reads how metrics went, by step. A series of more than `points` values is thinned: of each of as many equal parts the least and the greatest stay, and always the first and last.',
  params: InProject,
  body: z.object({
    runs: z.array(RunId).min(1).max(500),
    metrics: z.array(z.string().max(250)).min(1).max(100),
    points: z.number().int().min(10).max(25_000).default(1000),
    /** Only values of later steps, for whoever follows a run. */
    afterStep: Step.optional(),
  }),
  returns: z.object({
    series: z.array(
      z.object({
        run: RunId,
        metric: z.string(),
        points: z.array(MetricPoint),
        /** How many there are, before thinning. */
        total: z.number().int(),
      }),
    ),
  }),
  fails: ['project_not_found', 'run_not_found', 'invalid_request'],
})

/** Runs of an experiment that have changed; none are named where all of them may have. */
export const ChangedRuns = z.object({ experiment: ExperimentId, runs: z.array(RunId) })
export type ChangedRuns = z.infer<typeof ChangedRuns>

/** What the event stream sends under the name `runs`, of each watched experiment at most once a second. */
export const WatchedRuns = ChangedRuns.extend({ project: ProjectName })
export type WatchedRuns = z.infer<typeof WatchedRuns>
