import type { ColumnType, Generated } from 'kysely'

/** The tables as the code sees them; `schema.sql` is the database's view of the same. */

/** timestamptz: an ISO 8601 text in UTC with milliseconds. */
type Moment = ColumnType<string, string | Date, string | Date>
/** A moment the database fills in where none is given. */
type Now = ColumnType<string, string | Date | undefined, string | Date>
/** jsonb: an object or an array goes in, and what comes out is parsed but not trusted. */
type Document = ColumnType<unknown, object, object>

export interface Tables {
  projects: Projects
  artifacts: Artifacts
  models: Models
  versions: Versions
  aliases: Aliases
  deployments: Deployments
  generations: Generations
  generation_versions: GenerationVersions
  golden_requests: GoldenRequests
  idempotency: Idempotency
  runners: Runners
  events: Events
  figures: Figures
  settings: Settings
  people: People
  sessions: Sessions
  members: Members
  service_accounts: ServiceAccounts
  tokens: Tokens
  consumers: Consumers
  consumer_keys: ConsumerKeys
  usage: Usage
  audit: Audit
  experiments: Experiments
  experiment_tags: ExperimentTags
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
  views: Views
  model_tags: ModelTags
  version_tags: VersionTags
  traces: Traces
  trace_tags: TraceTags
  trace_metadata: TraceTags
  trace_links: TraceLinks
  spans: Spans
  assessments: Assessments
  evaluation_sets: EvaluationSets
  evaluation_set_experiments: EvaluationSetExperiments
  evaluation_records: EvaluationRecords
  webhooks: Webhooks
  deliveries: Deliveries
  migrations: Migrations
}

export interface Projects {
  id: string
  name: string
  description: Generated<string>
  created_at: Now
  /** The number that was last given to an experiment. */
  last_experiment: Generated<number>
}

export interface Artifacts {
  project_id: string
  digest: string
  size: number
  created_at: Now
}

export interface Models {
  id: string
  project_id: string
  name: string
  description: Generated<string>
  /** The highest number ever given to a version; numbers are never given twice. */
  last_version: Generated<number>
  created_at: Now
  /** Who made it, as clients say. */
  user_name: Generated<string>
  updated_at: Now
}

export interface Versions {
  id: string
  model_id: string
  project_id: string
  number: number
  /** Of the bundle's manifest. */
  digest: string
  runtime: string
  signature: Document
  /** `[{ path, digest, size }]` */
  files: Document
  size: number
  provenance: Document
  description: Generated<string>
  created_at: Now
  /** Where it was made from, as the client said; empty for bundles that were pushed. */
  source: Generated<string>
  /** What the source was when the version was made. */
  location: string | null
  run_id: string | null
  run_link: Generated<string>
  logged_model_id: string | null
  user_name: Generated<string>
  stage: Generated<'None' | 'Staging' | 'Production' | 'Archived'>
  status: Generated<string>
  updated_at: Now
}

export interface Aliases {
  model_id: string
  project_id: string
  alias: string
  version_number: number
  updated_at: Now
}

export interface Deployments {
  id: string
  project_id: string
  name: string
  model_id: string
  generation: number
  created_at: Now
  /** Who answers for it: `person:` or `account:` and an id; null for those made before there were people. */
  owner: string | null
}

export interface Generations {
  deployment_id: string
  project_id: string
  generation: number
  kind: string
  /** Contract, routes, shadows, configuration, parked. */
  document: Document
  reason: string | null
  actor: string
  stages: Document
  idempotency_key: string | null
  committed_at: Now
}

/** The versions a deployment holds: those of its current generation and of those it may still return to. */
export interface GenerationVersions {
  deployment_id: string
  project_id: string
  generation: number
  version_id: string
}

export interface GoldenRequests {
  id: string
  deployment_id: string
  project_id: string
  name: string
  request: Document
  assertion: Document
  created_at: Now
}

export interface Idempotency {
  project_id: string
  scope: string
  key: string
  request_hash: string
  /** Both null while the first request is still being answered. */
  status: number | null
  answer: ColumnType<unknown, object | null, object | null>
  created_at: Now
}

export interface Runners {
  name: string
  document: Document
  seen_at: Now
}

export interface Events {
  sequence: Generated<number>
  project_id: string
  kind: string
  subject: string
  document: Document
  actor: string
  at: Now
}

export interface Figures {
  deployment_id: string
  project_id: string
  version: number
  /** Seconds. */
  step: 10 | 300
  at: Moment
  document: Document
}

export interface Settings {
  key: string
  value: Document
}

export interface People {
  id: string
  name: string
  display_name: string
  /** Argon2id; null for those who come by single sign-on only. */
  password_hash: string | null
  sso_issuer: string | null
  sso_subject: string | null
  /** Of the installation. */
  is_owner: Generated<boolean>
  is_disabled: Generated<boolean>
  created_at: Now
  seen_at: Moment | null
}

/** Hashes are SHA-256 of the secret, in hexadecimal: secrets are random and long. */
export interface Sessions {
  id: string
  hash: string
  person_id: string
  agent: string
  address: string
  created_at: Now
  seen_at: Now
  expires_at: Moment
}

export interface Members {
  project_id: string
  person_id: string
  /** Lists of text. */
  roles: Document
  denies: Document
  created_at: Now
}

export interface ServiceAccounts {
  id: string
  project_id: string
  name: string
  description: string
  roles: Document
  denies: Document
  created_at: Now
}

export interface Tokens {
  id: string
  kind: 'person' | 'account' | 'runner'
  hash: string
  hint: string
  name: string
  person_id: string | null
  account_id: string | null
  /** Lists of text; null for no bound. */
  projects: ColumnType<unknown, object | null, object | null>
  acts: ColumnType<unknown, object | null, object | null>
  created_at: Now
  expires_at: Moment | null
  last_used_at: Moment | null
}

export interface Consumers {
  id: string
  project_id: string
  name: string
  description: string
  limits: Document
  created_at: Now
}

export interface ConsumerKeys {
  id: string
  consumer_id: string
  project_id: string
  hash: string
  hint: string
  name: string
  deployments: ColumnType<unknown, object | null, object | null>
  created_at: Now
  expires_at: Moment | null
  last_used_at: Moment | null
}

export interface Usage {
  project_id: string
  consumer_id: string
  key_id: string
  deployment: string
  version: number
  /** Its beginning. */
  hour: Moment
  requests: number
  failed: number
}

export interface Audit {
  /** A project's id, or `installation`. */
  chain: string
  sequence: number
  at: Moment
  outcome: 'done' | 'denied'
  act: string
  actor: string
  subject: string
  /** The canonical form of all that is hashed. */
  entry: string
  previous: string
  hash: string
}

export interface Experiments {
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

export interface ExperimentTags {
  experiment_id: number
  project_id: string
  key: string
  value: string
}

export interface Runs {
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
export interface PurgedRuns {
  run: number
  project_id: string
  artifact_uri: string
}

/** Every value that was ever logged. NaN and the infinities are kept as they are. */
export interface Metrics {
  run: number
  key: string
  step: number
  timestamp: number
  value: number
}

/** Of each metric of a run the value that is highest by step, then timestamp, then value. */
export interface LatestMetrics extends Metrics {
  experiment_id: number
}

export interface Params {
  run: number
  key: string
  experiment_id: number
  value: string
}

export interface RunTags {
  run: number
  key: string
  experiment_id: number
  value: string
}

export interface Datasets {
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

export interface RunDatasets {
  run: number
  dataset_id: number
  /** `[{ key, value }]` */
  tags: ColumnType<unknown, object | undefined, object>
}

export interface RunModels {
  run: number
  model_id: string
  direction: 'input' | 'output'
  step: Generated<number>
}

export interface LoggedModels {
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

export interface LoggedModelParams {
  model: number
  key: string
  value: string
}

export type LoggedModelTags = LoggedModelParams

export interface LoggedModelMetrics extends Metrics {
  model_id: string
  dataset_name: Generated<string>
  dataset_digest: Generated<string>
}

/** The tree of names behind `mlflow-artifacts:/<path>`; the bytes are artifacts. */
export interface Files {
  project_id: string
  path: string
  digest: string
  size: number
  updated_at: Now
}

/** A kept look at the runs of an experiment. */
export interface Views {
  project_id: string
  experiment_id: number
  name: string
  document: Document
  updated_at: Now
}

export interface ModelTags {
  model_id: string
  project_id: string
  key: string
  value: string
}

export interface VersionTags {
  version_id: string
  project_id: string
  key: string
  value: string
}

export interface Traces {
  id: Generated<number>
  project_id: string
  experiment_id: number
  /** How clients know it; unique in the project. */
  trace_id: string
  client_request_id: string | null
  /** Milliseconds since 1970. */
  started_at: number
  /** Milliseconds; null while it is under way. */
  duration: number | null
  state: Generated<'STATE_UNSPECIFIED' | 'IN_PROGRESS' | 'OK' | 'ERROR'>
  request_preview: string | null
  response_preview: string | null
}

export interface TraceTags {
  trace: number
  key: string
  value: string
}

/** The runs that a trace was linked to, by their run ids, and prompts as `name/version`. */
export interface TraceLinks {
  trace: number
  kind: 'run' | 'prompt'
  target: string
}

export interface Spans {
  trace: number
  span_id: string
  parent_id: string | null
  name: string
  type: Generated<string>
  status: Generated<'UNSET' | 'OK' | 'ERROR'>
  /** Nanoseconds since 1970: more than a number holds exactly, so it is compared and never read. */
  started_ns: string
  /** Each as its text, to search by. */
  attributes: ColumnType<unknown, object | undefined, object>
  /** Counts of tokens by kind, for spans that used some. */
  tokens: ColumnType<unknown, object | null, object | null>
  /** As OpenTelemetry writes a span in JSON. */
  document: Document
}

export interface Assessments {
  trace: number
  id: string
  kind: 'feedback' | 'expectation' | 'issue'
  name: string
  /** The value as text, and as a number where it is one, to search by. */
  value: string | null
  number: number | null
  valid: Generated<boolean>
  /** The id of the one it replaces. */
  overrides: string | null
  document: Document
  created_at: number
  updated_at: number
}

/** What an evaluation reads: records of inputs with what is expected of them. */
export interface EvaluationSets {
  id: string
  project_id: string
  name: string
  digest: string
  tags: ColumnType<unknown, object | undefined, object>
  schema: ColumnType<unknown, object | null, object | null>
  created_at: number
  updated_at: number
  created_by: string | null
  updated_by: string | null
}

export interface EvaluationSetExperiments {
  set_id: string
  experiment_id: number
}

export interface EvaluationRecords {
  set_id: string
  id: string
  /** SHA-256 of the inputs: a set has each inputs once. */
  inputs_hash: string
  document: Document
  created_at: number
  updated_at: number
}

export interface Webhooks {
  id: string
  project_id: string
  name: string
  description: Generated<string>
  url: string
  /** List of text. */
  events: Document
  status: Generated<'ACTIVE' | 'DISABLED'>
  /** Encrypted; null where deliveries are not signed. */
  secret: string | null
  /** The sequence of the last event that it is not told of. */
  since: number
  created_at: Now
  updated_at: Now
}

export interface Deliveries {
  id: string
  webhook_id: string
  project_id: string
  /** Of the event it tells of; null for tests and those sent again. */
  sequence: number | null
  event: string
  /** What is sent, byte for byte. */
  body: string
  state: Generated<'pending' | 'delivered' | 'failed'>
  attempts: Generated<number>
  next_at: ColumnType<string | null, string | Date | null, string | Date | null>
  /** The last attempts. */
  log: ColumnType<unknown, object | undefined, object>
  created_at: Now
}

export interface Migrations {
  name: string
  applied_at: Now
}
