create table aliases (
  model_id text not null,
  project_id text not null,
  alias text not null,
  version_number integer not null,
  updated_at timestamp(3) with time zone not null default now(),
  constraint aliases_model_fk FOREIGN KEY (model_id) REFERENCES models(id) ON DELETE CASCADE,
  constraint aliases_pk PRIMARY KEY (model_id, alias),
  constraint aliases_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint aliases_version_fk FOREIGN KEY (model_id, version_number) REFERENCES versions(model_id, number) ON DELETE CASCADE
);

create table artifacts (
  project_id text not null,
  digest text not null,
  size bigint not null,
  created_at timestamp(3) with time zone not null default now(),
  constraint artifacts_digest_form CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint artifacts_pk PRIMARY KEY (project_id, digest),
  constraint artifacts_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint artifacts_size_counts CHECK ((size >= 0))
);
CREATE INDEX artifacts_by_digest ON public.artifacts USING btree (digest);

create table assessments (
  trace bigint not null,
  id text not null,
  kind text not null,
  name text not null,
  value text,
  number double precision,
  valid boolean not null default true,
  overrides text,
  document jsonb not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint assessments_kind_known CHECK ((kind = ANY (ARRAY['feedback'::text, 'expectation'::text, 'issue'::text]))),
  constraint assessments_pk PRIMARY KEY (trace, id),
  constraint assessments_trace_fk FOREIGN KEY (trace) REFERENCES traces(id) ON DELETE CASCADE
);
CREATE INDEX assessments_by_name ON public.assessments USING btree (trace, kind, name);

create table audit (
  chain text not null,
  sequence bigint not null,
  at timestamp(3) with time zone not null,
  outcome text not null,
  act text not null,
  actor text not null,
  subject text not null,
  entry text not null,
  previous text not null,
  hash text not null,
  constraint audit_outcome_known CHECK ((outcome = ANY (ARRAY['done'::text, 'denied'::text]))),
  constraint audit_pk PRIMARY KEY (chain, sequence),
  constraint audit_sequence_counts CHECK ((sequence >= 1))
);
CREATE INDEX audit_by_act ON public.audit USING btree (chain, act, sequence);
CREATE INDEX audit_by_actor ON public.audit USING btree (chain, actor, sequence);
CREATE INDEX audit_by_subject ON public.audit USING btree (chain, subject, sequence);
CREATE TRIGGER audit_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();

create table consumer_keys (
  id text not null,
  consumer_id text not null,
  project_id text not null,
  hash text not null,
  hint text not null,
  name text not null,
  deployments jsonb,
  created_at timestamp(3) with time zone not null default now(),
  expires_at timestamp(3) with time zone,
  last_used_at timestamp(3) with time zone,
  constraint consumer_keys_consumer_fk FOREIGN KEY (consumer_id) REFERENCES consumers(id) ON DELETE CASCADE,
  constraint consumer_keys_hash_unique UNIQUE (hash),
  constraint consumer_keys_name_unique UNIQUE (consumer_id, name),
  constraint consumer_keys_pk PRIMARY KEY (id),
  constraint consumer_keys_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);

create table consumers (
  id text not null,
  project_id text not null,
  name text not null,
  description text not null,
  limits jsonb not null,
  created_at timestamp(3) with time zone not null default now(),
  constraint consumers_name_unique UNIQUE (project_id, name),
  constraint consumers_pk PRIMARY KEY (id),
  constraint consumers_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);

create table datasets (
  id bigint not null,
  project_id text not null,
  experiment_id bigint not null,
  name text not null,
  digest text not null,
  source_type text not null,
  source text not null,
  schema text,
  profile text,
  constraint datasets_experiment_fk FOREIGN KEY (experiment_id) REFERENCES experiments(id) ON DELETE CASCADE,
  constraint datasets_pk PRIMARY KEY (id),
  constraint datasets_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint datasets_unique UNIQUE (experiment_id, name, digest)
);

create table deliveries (
  id text not null,
  webhook_id text not null,
  project_id text not null,
  sequence bigint,
  event text not null,
  body text not null,
  state text not null default 'pending'::text,
  attempts integer not null default 0,
  next_at timestamp(3) with time zone,
  log jsonb not null default '[]'::jsonb,
  created_at timestamp(3) with time zone not null default now(),
  constraint deliveries_once UNIQUE (webhook_id, sequence, event),
  constraint deliveries_pk PRIMARY KEY (id),
  constraint deliveries_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint deliveries_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text]))),
  constraint deliveries_webhook_fk FOREIGN KEY (webhook_id) REFERENCES webhooks(id) ON DELETE CASCADE
);
CREATE INDEX deliveries_by_webhook ON public.deliveries USING btree (webhook_id, created_at DESC, id);
CREATE INDEX deliveries_due ON public.deliveries USING btree (next_at) WHERE (state = 'pending'::text);

create table deployments (
  id text not null,
  project_id text not null,
  name text not null,
  model_id text not null,
  generation bigint not null,
  created_at timestamp(3) with time zone not null default now(),
  owner text,
  constraint deployments_generation_counts CHECK ((generation >= 0)),
  constraint deployments_model_fk FOREIGN KEY (model_id) REFERENCES models(id) ON DELETE RESTRICT,
  constraint deployments_name_unique UNIQUE (name),
  constraint deployments_pk PRIMARY KEY (id),
  constraint deployments_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);
CREATE INDEX deployments_by_model ON public.deployments USING btree (model_id);
CREATE INDEX deployments_by_project ON public.deployments USING btree (project_id, name);

create table evaluation_records (
  set_id text not null,
  id text not null,
  inputs_hash text not null,
  document jsonb not null,
  created_at bigint not null,
  updated_at bigint not null,
  constraint evaluation_records_inputs_unique UNIQUE (set_id, inputs_hash),
  constraint evaluation_records_pk PRIMARY KEY (set_id, id),
  constraint evaluation_records_set_fk FOREIGN KEY (set_id) REFERENCES evaluation_sets(id) ON DELETE CASCADE
);
CREATE INDEX evaluation_records_by_creation ON public.evaluation_records USING btree (set_id, created_at, id);

create table evaluation_set_experiments (
  set_id text not null,
  experiment_id bigint not null,
  constraint evaluation_set_experiments_experiment_fk FOREIGN KEY (experiment_id) REFERENCES experiments(id) ON DELETE CASCADE,
  constraint evaluation_set_experiments_pk PRIMARY KEY (set_id, experiment_id),
  constraint evaluation_set_experiments_set_fk FOREIGN KEY (set_id) REFERENCES evaluation_sets(id) ON DELETE CASCADE
);
CREATE INDEX evaluation_set_experiments_by_experiment ON public.evaluation_set_experiments USING btree (experiment_id);

create table evaluation_sets (
  id text not null,
  project_id text not null,
  name text not null,
  digest text not null,
  tags jsonb not null default '{}'::jsonb,
  schema jsonb,
  created_at bigint not null,
  updated_at bigint not null,
  created_by text,
  updated_by text,
  constraint evaluation_sets_pk PRIMARY KEY (id),
  constraint evaluation_sets_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);
CREATE INDEX evaluation_sets_by_creation ON public.evaluation_sets USING btree (project_id, created_at DESC, id);

create table events (
  sequence bigint not null default nextval('events_sequence_seq'::regclass),
  project_id text not null,
  kind text not null,
  subject text not null,
  document jsonb not null,
  actor text not null,
  at timestamp(3) with time zone not null default now(),
  constraint events_pk PRIMARY KEY (sequence),
  constraint events_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);
CREATE INDEX events_by_actor ON public.events USING btree (project_id, actor, sequence);
CREATE INDEX events_by_kind ON public.events USING btree (project_id, kind, sequence);
CREATE INDEX events_by_project ON public.events USING btree (project_id, sequence);
CREATE INDEX events_by_subject ON public.events USING btree (project_id, subject, sequence);
CREATE INDEX events_by_subject_start ON public.events USING btree (project_id, subject COLLATE "C", sequence);

create table experiment_tags (
  experiment_id bigint not null,
  project_id text not null,
  key text not null,
  value text not null,
  constraint experiment_tags_experiment_fk FOREIGN KEY (experiment_id) REFERENCES experiments(id) ON DELETE CASCADE,
  constraint experiment_tags_pk PRIMARY KEY (experiment_id, key),
  constraint experiment_tags_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);

create table experiments (
  id bigint not null,
  project_id text not null,
  number bigint not null,
  name text not null,
  artifact_location text not null,
  lifecycle text not null default 'active'::text,
  created_at timestamp(3) with time zone not null default now(),
  updated_at timestamp(3) with time zone not null default now(),
  constraint experiments_lifecycle_known CHECK ((lifecycle = ANY (ARRAY['active'::text, 'deleted'::text]))),
  constraint experiments_name_unique UNIQUE (project_id, name),
  constraint experiments_number_counts CHECK ((number >= 0)),
  constraint experiments_number_unique UNIQUE (project_id, number),
  constraint experiments_pk PRIMARY KEY (id),
  constraint experiments_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);

create table figures (
  deployment_id text not null,
  project_id text not null,
  version integer not null,
  step integer not null,
  at timestamp(3) with time zone not null,
  document jsonb not null,
  constraint figures_deployment_fk FOREIGN KEY (deployment_id) REFERENCES deployments(id) ON DELETE CASCADE,
  constraint figures_pk PRIMARY KEY (deployment_id, version, step, at),
  constraint figures_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint figures_step_known CHECK (((step = 10) OR (step = 300)))
);
CREATE INDEX figures_by_age ON public.figures USING btree (step, at);

create table files (
  project_id text not null,
  path text not null,
  digest text not null,
  size bigint not null,
  updated_at timestamp(3) with time zone not null default now(),
  constraint files_digest_form CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint files_pk PRIMARY KEY (project_id, path),
  constraint files_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint files_size_counts CHECK ((size >= 0))
);
CREATE INDEX files_by_digest ON public.files USING btree (project_id, digest);

create table generation_versions (
  deployment_id text not null,
  project_id text not null,
  generation bigint not null,
  version_id text not null,
  constraint generation_versions_generation_fk FOREIGN KEY (deployment_id, generation) REFERENCES generations(deployment_id, generation) ON DELETE CASCADE,
  constraint generation_versions_pk PRIMARY KEY (deployment_id, generation, version_id),
  constraint generation_versions_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint generation_versions_version_fk FOREIGN KEY (version_id) REFERENCES versions(id) ON DELETE RESTRICT
);
CREATE INDEX generation_versions_by_version ON public.generation_versions USING btree (version_id);

create table generations (
  deployment_id text not null,
  project_id text not null,
  generation bigint not null,
  kind text not null,
  document jsonb not null,
  reason text,
  actor text not null,
  stages jsonb not null,
  idempotency_key text,
  committed_at timestamp(3) with time zone not null default now(),
  constraint generations_deployment_fk FOREIGN KEY (deployment_id) REFERENCES deployments(id) ON DELETE CASCADE,
  constraint generations_generation_counts CHECK ((generation >= 0)),
  constraint generations_pk PRIMARY KEY (deployment_id, generation),
  constraint generations_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);
CREATE UNIQUE INDEX generations_by_key ON public.generations USING btree (deployment_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX generations_by_model ON public.generations USING btree (project_id, ((document ->> 'model'::text)), deployment_id, generation);

create table golden_requests (
  id text not null,
  deployment_id text not null,
  project_id text not null,
  name text not null,
  request jsonb not null,
  assertion jsonb not null,
  created_at timestamp(3) with time zone not null default now(),
  constraint golden_requests_deployment_fk FOREIGN KEY (deployment_id) REFERENCES deployments(id) ON DELETE CASCADE,
  constraint golden_requests_name_unique UNIQUE (deployment_id, name),
  constraint golden_requests_pk PRIMARY KEY (id),
  constraint golden_requests_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);
CREATE INDEX golden_requests_by_deployment ON public.golden_requests USING btree (deployment_id, created_at, id);

create table idempotency (
  project_id text not null,
  scope text not null,
  key text not null,
  request_hash text not null,
  status integer,
  answer jsonb,
  created_at timestamp(3) with time zone not null default now(),
  constraint idempotency_pk PRIMARY KEY (project_id, scope, key),
  constraint idempotency_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);
CREATE INDEX idempotency_by_age ON public.idempotency USING btree (created_at);

create table latest_metrics (
  run bigint not null,
  key text not null,
  experiment_id bigint not null,
  step bigint not null,
  timestamp bigint not null,
  value double precision not null,
  constraint latest_metrics_pk PRIMARY KEY (run, key)
);
CREATE INDEX latest_metrics_by_value ON public.latest_metrics USING btree (experiment_id, key, value, run);

create table logged_model_metrics (
  model_id text not null,
  run bigint not null,
  key text not null,
  step bigint not null,
  timestamp bigint not null,
  value double precision not null,
  dataset_name text not null default ''::text,
  dataset_digest text not null default ''::text,
  constraint logged_model_metrics_pk PRIMARY KEY (model_id, run, key, step, "timestamp", value, dataset_name, dataset_digest),
  constraint logged_model_metrics_run_fk FOREIGN KEY (run) REFERENCES runs(id) ON DELETE CASCADE
);

create table logged_model_params (
  model bigint not null,
  key text not null,
  value text not null,
  constraint logged_model_params_model_fk FOREIGN KEY (model) REFERENCES logged_models(id) ON DELETE CASCADE,
  constraint logged_model_params_pk PRIMARY KEY (model, key)
);

create table logged_model_tags (
  model bigint not null,
  key text not null,
  value text not null,
  constraint logged_model_tags_model_fk FOREIGN KEY (model) REFERENCES logged_models(id) ON DELETE CASCADE,
  constraint logged_model_tags_pk PRIMARY KEY (model, key)
);

create table logged_models (
  id bigint not null,
  project_id text not null,
  experiment_id bigint not null,
  model_id text not null,
  run_id text,
  name text not null,
  model_type text not null default ''::text,
  status text not null default 'PENDING'::text,
  status_message text not null default ''::text,
  artifact_location text not null,
  lifecycle text not null default 'active'::text,
  created_at bigint not null,
  updated_at bigint not null,
  constraint logged_models_experiment_fk FOREIGN KEY (experiment_id) REFERENCES experiments(id),
  constraint logged_models_lifecycle_known CHECK ((lifecycle = ANY (ARRAY['active'::text, 'deleted'::text]))),
  constraint logged_models_model_id_unique UNIQUE (model_id),
  constraint logged_models_pk PRIMARY KEY (id),
  constraint logged_models_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);
CREATE INDEX logged_models_by_creation ON public.logged_models USING btree (experiment_id, lifecycle, created_at DESC, model_id);
CREATE INDEX logged_models_by_run ON public.logged_models USING btree (run_id);

create table members (
  project_id text not null,
  person_id text not null,
  roles jsonb not null,
  denies jsonb not null,
  created_at timestamp(3) with time zone not null default now(),
  constraint members_denies_list CHECK ((jsonb_typeof(denies) = 'array'::text)),
  constraint members_person_fk FOREIGN KEY (person_id) REFERENCES people(id) ON DELETE CASCADE,
  constraint members_pk PRIMARY KEY (project_id, person_id),
  constraint members_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint members_roles_list CHECK ((jsonb_typeof(roles) = 'array'::text))
);
CREATE INDEX members_by_person ON public.members USING btree (person_id);

create table metrics (
  run bigint not null,
  key text not null,
  step bigint not null,
  timestamp bigint not null,
  value double precision not null,
  constraint metrics_pk PRIMARY KEY (run, key, step, "timestamp", value)
);

create table migrations (
  name text not null,
  applied_at timestamp(3) with time zone not null default now(),
  constraint migrations_pk PRIMARY KEY (name)
);

create table model_tags (
  model_id text not null,
  project_id text not null,
  key text not null,
  value text not null,
  constraint model_tags_model_fk FOREIGN KEY (model_id) REFERENCES models(id) ON DELETE CASCADE,
  constraint model_tags_pk PRIMARY KEY (model_id, key),
  constraint model_tags_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);
CREATE INDEX model_tags_by_value ON public.model_tags USING btree (project_id, key, "left"(value, 256), model_id);

create table models (
  id text not null,
  project_id text not null,
  name text not null,
  description text not null default ''::text,
  last_version integer not null default 0,
  created_at timestamp(3) with time zone not null default now(),
  user_name text not null default ''::text,
  updated_at timestamp(3) with time zone not null default now(),
  constraint models_name_unique UNIQUE (project_id, name),
  constraint models_pk PRIMARY KEY (id),
  constraint models_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);
CREATE INDEX models_by_name ON public.models USING btree (project_id, name COLLATE "C");
CREATE INDEX models_by_update ON public.models USING btree (project_id, updated_at DESC, name COLLATE "C");

create table params (
  run bigint not null,
  key text not null,
  experiment_id bigint not null,
  value text not null,
  constraint params_pk PRIMARY KEY (run, key)
);
CREATE INDEX params_by_value ON public.params USING btree (experiment_id, key, "left"(value, 256) COLLATE "C", run);

create table people (
  id text not null,
  name text not null,
  display_name text not null,
  password_hash text,
  sso_issuer text,
  sso_subject text,
  is_owner boolean not null default false,
  is_disabled boolean not null default false,
  created_at timestamp(3) with time zone not null default now(),
  seen_at timestamp(3) with time zone,
  constraint people_name_unique UNIQUE (name),
  constraint people_pk PRIMARY KEY (id),
  constraint people_sso_unique UNIQUE (sso_issuer, sso_subject)
);

create table projects (
  id text not null,
  name text not null,
  created_at timestamp(3) with time zone not null default now(),
  last_experiment bigint not null default 0,
  description text not null default ''::text,
  constraint projects_name_unique UNIQUE (name),
  constraint projects_pk PRIMARY KEY (id)
);

create table purged_runs (
  run bigint not null,
  project_id text not null,
  artifact_uri text not null,
  constraint purged_runs_pk PRIMARY KEY (run),
  constraint purged_runs_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);

create table run_datasets (
  run bigint not null,
  dataset_id bigint not null,
  tags jsonb not null default '[]'::jsonb,
  constraint run_datasets_dataset_fk FOREIGN KEY (dataset_id) REFERENCES datasets(id) ON DELETE CASCADE,
  constraint run_datasets_pk PRIMARY KEY (run, dataset_id),
  constraint run_datasets_run_fk FOREIGN KEY (run) REFERENCES runs(id) ON DELETE CASCADE
);
CREATE INDEX run_datasets_by_dataset ON public.run_datasets USING btree (dataset_id);

create table run_models (
  run bigint not null,
  model_id text not null,
  direction text not null,
  step bigint not null default 0,
  constraint run_models_direction_known CHECK ((direction = ANY (ARRAY['input'::text, 'output'::text]))),
  constraint run_models_pk PRIMARY KEY (run, model_id, direction),
  constraint run_models_run_fk FOREIGN KEY (run) REFERENCES runs(id) ON DELETE CASCADE
);
CREATE INDEX run_models_by_model ON public.run_models USING btree (model_id);

create table run_tags (
  run bigint not null,
  key text not null,
  experiment_id bigint not null,
  value text not null,
  constraint run_tags_pk PRIMARY KEY (run, key)
);
CREATE INDEX run_tags_by_value ON public.run_tags USING btree (experiment_id, key, "left"(value, 256) COLLATE "C", run);

create table runners (
  name text not null,
  document jsonb not null,
  seen_at timestamp(3) with time zone not null default now(),
  constraint runners_pk PRIMARY KEY (name)
);

create table runs (
  id bigint not null,
  project_id text not null,
  experiment_id bigint not null,
  run_id text not null,
  name text not null default ''::text,
  user_name text not null default ''::text,
  status text not null default 'RUNNING'::text,
  started_at bigint not null default 0,
  ended_at bigint,
  artifact_uri text not null,
  lifecycle text not null default 'active'::text,
  deleted_at timestamp(3) with time zone,
  parent text,
  created_at timestamp(3) with time zone not null default now(),
  updated_at timestamp(3) with time zone not null default now(),
  constraint runs_experiment_fk FOREIGN KEY (experiment_id) REFERENCES experiments(id),
  constraint runs_lifecycle_known CHECK ((lifecycle = ANY (ARRAY['active'::text, 'deleted'::text]))),
  constraint runs_pk PRIMARY KEY (id),
  constraint runs_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint runs_run_id_unique UNIQUE (run_id),
  constraint runs_status_known CHECK ((status = ANY (ARRAY['RUNNING'::text, 'SCHEDULED'::text, 'FINISHED'::text, 'FAILED'::text, 'KILLED'::text])))
);
CREATE INDEX runs_by_end ON public.runs USING btree (experiment_id, lifecycle, ended_at);
CREATE INDEX runs_by_name ON public.runs USING btree (experiment_id, lifecycle, "left"(name, 256) COLLATE "C");
CREATE INDEX runs_by_parent ON public.runs USING btree (parent) WHERE (parent IS NOT NULL);
CREATE INDEX runs_by_project ON public.runs USING btree (project_id, started_at DESC);
CREATE INDEX runs_by_start ON public.runs USING btree (experiment_id, lifecycle, started_at DESC, run_id COLLATE "C");

create table service_accounts (
  id text not null,
  project_id text not null,
  name text not null,
  description text not null,
  roles jsonb not null,
  denies jsonb not null,
  created_at timestamp(3) with time zone not null default now(),
  constraint service_accounts_denies_list CHECK ((jsonb_typeof(denies) = 'array'::text)),
  constraint service_accounts_name_unique UNIQUE (project_id, name),
  constraint service_accounts_pk PRIMARY KEY (id),
  constraint service_accounts_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint service_accounts_roles_list CHECK ((jsonb_typeof(roles) = 'array'::text))
);

create table sessions (
  id text not null,
  hash text not null,
  person_id text not null,
  agent text not null,
  address text not null,
  created_at timestamp(3) with time zone not null default now(),
  seen_at timestamp(3) with time zone not null default now(),
  expires_at timestamp(3) with time zone not null,
  constraint sessions_hash_unique UNIQUE (hash),
  constraint sessions_person_fk FOREIGN KEY (person_id) REFERENCES people(id) ON DELETE CASCADE,
  constraint sessions_pk PRIMARY KEY (id)
);
CREATE INDEX sessions_by_expiry ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_by_person ON public.sessions USING btree (person_id, created_at);

create table settings (
  key text not null,
  value jsonb not null,
  constraint settings_pk PRIMARY KEY (key)
);

create table spans (
  trace bigint not null,
  span_id text not null,
  parent_id text,
  name text not null,
  type text not null default ''::text,
  status text not null default 'UNSET'::text,
  started_ns bigint not null,
  attributes jsonb not null default '{}'::jsonb,
  tokens jsonb,
  document jsonb not null,
  constraint spans_pk PRIMARY KEY (trace, span_id),
  constraint spans_status_known CHECK ((status = ANY (ARRAY['UNSET'::text, 'OK'::text, 'ERROR'::text]))),
  constraint spans_trace_fk FOREIGN KEY (trace) REFERENCES traces(id) ON DELETE CASCADE
);

create table tokens (
  id text not null,
  kind text not null,
  hash text not null,
  hint text not null,
  name text not null,
  person_id text,
  account_id text,
  projects jsonb,
  acts jsonb,
  created_at timestamp(3) with time zone not null default now(),
  expires_at timestamp(3) with time zone,
  last_used_at timestamp(3) with time zone,
  constraint tokens_account_fk FOREIGN KEY (account_id) REFERENCES service_accounts(id) ON DELETE CASCADE,
  constraint tokens_hash_unique UNIQUE (hash),
  constraint tokens_kind_known CHECK ((kind = ANY (ARRAY['person'::text, 'account'::text, 'runner'::text]))),
  constraint tokens_owner_fits CHECK ((((kind = 'person'::text) AND (person_id IS NOT NULL) AND (account_id IS NULL)) OR ((kind = 'account'::text) AND (account_id IS NOT NULL) AND (person_id IS NULL)) OR ((kind = 'runner'::text) AND (person_id IS NULL) AND (account_id IS NULL)))),
  constraint tokens_person_fk FOREIGN KEY (person_id) REFERENCES people(id) ON DELETE CASCADE,
  constraint tokens_pk PRIMARY KEY (id)
);
CREATE UNIQUE INDEX tokens_by_owner ON public.tokens USING btree (kind, COALESCE(person_id, account_id, ''::text), name);

create table trace_links (
  trace bigint not null,
  kind text not null,
  target text not null,
  constraint trace_links_kind_known CHECK ((kind = ANY (ARRAY['run'::text, 'prompt'::text]))),
  constraint trace_links_pk PRIMARY KEY (trace, kind, target),
  constraint trace_links_trace_fk FOREIGN KEY (trace) REFERENCES traces(id) ON DELETE CASCADE
);
CREATE INDEX trace_links_by_target ON public.trace_links USING btree (kind, target);

create table trace_metadata (
  trace bigint not null,
  key text not null,
  value text not null,
  constraint trace_metadata_pk PRIMARY KEY (trace, key),
  constraint trace_metadata_trace_fk FOREIGN KEY (trace) REFERENCES traces(id) ON DELETE CASCADE
);

create table trace_tags (
  trace bigint not null,
  key text not null,
  value text not null,
  constraint trace_tags_pk PRIMARY KEY (trace, key),
  constraint trace_tags_trace_fk FOREIGN KEY (trace) REFERENCES traces(id) ON DELETE CASCADE
);

create table traces (
  id bigint not null,
  project_id text not null,
  experiment_id bigint not null,
  trace_id text not null,
  client_request_id text,
  started_at bigint not null,
  duration bigint,
  state text not null default 'IN_PROGRESS'::text,
  request_preview text,
  response_preview text,
  constraint traces_experiment_fk FOREIGN KEY (experiment_id) REFERENCES experiments(id) ON DELETE CASCADE,
  constraint traces_pk PRIMARY KEY (id),
  constraint traces_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint traces_state_known CHECK ((state = ANY (ARRAY['STATE_UNSPECIFIED'::text, 'IN_PROGRESS'::text, 'OK'::text, 'ERROR'::text]))),
  constraint traces_trace_id_unique UNIQUE (project_id, trace_id)
);
CREATE INDEX traces_by_start ON public.traces USING btree (experiment_id, started_at DESC, trace_id);

create table usage (
  project_id text not null,
  consumer_id text not null,
  key_id text not null,
  deployment text not null,
  version integer not null,
  hour timestamp(3) with time zone not null,
  requests bigint not null,
  failed bigint not null,
  constraint usage_pk PRIMARY KEY (consumer_id, hour, key_id, deployment, version),
  constraint usage_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);

create table version_tags (
  version_id text not null,
  project_id text not null,
  key text not null,
  value text not null,
  constraint version_tags_pk PRIMARY KEY (version_id, key),
  constraint version_tags_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint version_tags_version_fk FOREIGN KEY (version_id) REFERENCES versions(id) ON DELETE CASCADE
);
CREATE INDEX version_tags_by_value ON public.version_tags USING btree (project_id, key, "left"(value, 256), version_id);

create table versions (
  id text not null,
  model_id text not null,
  project_id text not null,
  number integer not null,
  digest text not null,
  runtime text not null,
  signature jsonb not null,
  files jsonb not null,
  size bigint not null,
  provenance jsonb not null,
  description text not null default ''::text,
  created_at timestamp(3) with time zone not null default now(),
  source text not null default ''::text,
  location text,
  run_id text,
  run_link text not null default ''::text,
  logged_model_id text,
  user_name text not null default ''::text,
  stage text not null default 'None'::text,
  status text not null default 'READY'::text,
  updated_at timestamp(3) with time zone not null default now(),
  constraint versions_digest_form CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint versions_files_list CHECK ((jsonb_typeof(files) = 'array'::text)),
  constraint versions_model_fk FOREIGN KEY (model_id) REFERENCES models(id) ON DELETE CASCADE,
  constraint versions_number_counts CHECK ((number >= 1)),
  constraint versions_number_unique UNIQUE (model_id, number),
  constraint versions_pk PRIMARY KEY (id),
  constraint versions_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint versions_size_counts CHECK ((size >= 0)),
  constraint versions_stage_known CHECK ((stage = ANY (ARRAY['None'::text, 'Staging'::text, 'Production'::text, 'Archived'::text])))
);
CREATE INDEX versions_by_digest ON public.versions USING btree (model_id, digest);
CREATE INDEX versions_by_digest_start ON public.versions USING btree (project_id, digest COLLATE "C");
CREATE INDEX versions_by_logged_model ON public.versions USING btree (project_id, logged_model_id) WHERE (logged_model_id IS NOT NULL);
CREATE INDEX versions_by_run ON public.versions USING btree (project_id, run_id) WHERE (run_id IS NOT NULL);
CREATE INDEX versions_by_stage ON public.versions USING btree (model_id, stage, number DESC);
CREATE INDEX versions_by_update ON public.versions USING btree (project_id, updated_at DESC);

create table views (
  project_id text not null,
  experiment_id bigint not null,
  name text not null,
  document jsonb not null,
  updated_at timestamp(3) with time zone not null default now(),
  constraint views_experiment_fk FOREIGN KEY (experiment_id) REFERENCES experiments(id) ON DELETE CASCADE,
  constraint views_pk PRIMARY KEY (experiment_id, name),
  constraint views_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);

create table webhooks (
  id text not null,
  project_id text not null,
  name text not null,
  description text not null default ''::text,
  url text not null,
  events jsonb not null,
  status text not null default 'ACTIVE'::text,
  secret text,
  since bigint not null,
  created_at timestamp(3) with time zone not null default now(),
  updated_at timestamp(3) with time zone not null default now(),
  constraint webhooks_pk PRIMARY KEY (id),
  constraint webhooks_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint webhooks_status_known CHECK ((status = ANY (ARRAY['ACTIVE'::text, 'DISABLED'::text])))
);
CREATE INDEX webhooks_by_project ON public.webhooks USING btree (project_id, created_at, id);
