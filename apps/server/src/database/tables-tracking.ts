import type { ColumnType, Generated } from 'kysely'
import type { Document, Moment, Now } from './columns.ts'

/** Experiments, and what their runs left. */
export interface TrackingTables {
  experiments: Experiments
  experiment_tags: ExperimentTags
  views: Views
  runs: Runs
  purged_runs: PurgedRuns
  metrics: Metrics
  latest_metrics: LatestMetrics
  params: Params
  run_tags: RunTags
  datasets: Datasets
  run_datasets: RunDatasets
  run_models: RunModels
  logged_models: LoggedModels
  logged_model_params: LoggedModelParams
  logged_model_tags: LoggedModelTags
  logged_model_metrics: LoggedModelMetrics
  files: Files
}

interface Experiments {
  id: Generated<number>
  project_id: string
  /** How clients know it, counted per project. */
  number: number
  name: string
  artifact_location: string
  lifecycle: Generated<'active' | 'deleted'>
  created_at: Now
  updated_at: Now
}

interface ExperimentTags {
  experiment_id: number
  project_id: string
  key: string
  value: string
}

/** A kept look at the runs of an experiment. */
interface Views {
  project_id: string
  experiment_id: number
  name: string
  document: Document
  updated_at: Now
}

interface Runs {
  id: Generated<number>
  project_id: string
  experiment_id: number
  /** How clients know it; unique in the installation. */
  run_id: string
  name: Generated<string>
  user_name: Generated<string>
  status: Generated<'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'>
  /** Milliseconds since 1970, as clients gave them. */
  started_at: Generated<number>
  ended_at: number | null
  artifact_uri: string
  lifecycle: Generated<'active' | 'deleted'>
  deleted_at: Moment | null
  /** The run id in the tag that makes a run another's child. */
  parent: string | null
  created_at: Now
  updated_at: Now
}

/** A run that is gone but for its metrics and files. */
interface PurgedRuns {
  run: number
  project_id: string
  artifact_uri: string
}

/** Every value that was ever logged. NaN and the infinities are kept as they are. */
interface Metrics {
  run: number
  key: string
  step: number
  timestamp: number
  value: number
}

/** Of each metric of a run the value that is highest by step, then timestamp, then value. */
interface LatestMetrics extends Metrics {
  experiment_id: number
}

interface Params {
  run: number
  key: string
  experiment_id: number
  value: string
}

interface RunTags {
  run: number
  key: string
  experiment_id: number
  value: string
}

interface Datasets {
  id: Generated<number>
  project_id: string
  experiment_id: number
  name: string
  digest: string
  source_type: string
  source: string
  schema: string | null
  profile: string | null
}

interface RunDatasets {
  run: number
  dataset_id: number
  /** `[{ key, value }]` */
  tags: ColumnType<unknown, object | undefined, object>
}

interface RunModels {
  run: number
  model_id: string
  direction: 'input' | 'output'
  step: Generated<number>
}

interface LoggedModels {
  id: Generated<number>
  project_id: string
  experiment_id: number
  model_id: string
  run_id: string | null
  name: string
  model_type: Generated<string>
  status: Generated<string>
  status_message: Generated<string>
  artifact_location: string
  lifecycle: Generated<'active' | 'deleted'>
  created_at: number
  updated_at: number
}

interface LoggedModelParams {
  model: number
  key: string
  value: string
}

type LoggedModelTags = LoggedModelParams

interface LoggedModelMetrics extends Metrics {
  model_id: string
  dataset_name: Generated<string>
  dataset_digest: Generated<string>
}

/** The tree of names behind `mlflow-artifacts:/<path>`; the bytes are artifacts. */
interface Files {
  project_id: string
  path: string
  digest: string
  size: number
  updated_at: Now
}
