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

create table migrations (
  name text not null,
  applied_at timestamp(3) with time zone not null default now(),
  constraint migrations_pk PRIMARY KEY (name)
);

create table models (
  id text not null,
  project_id text not null,
  name text not null,
  description text not null default ''::text,
  last_version integer not null default 0,
  created_at timestamp(3) with time zone not null default now(),
  constraint models_name_unique UNIQUE (project_id, name),
  constraint models_pk PRIMARY KEY (id),
  constraint models_project_fk FOREIGN KEY (project_id) REFERENCES projects(id)
);
CREATE INDEX models_by_name ON public.models USING btree (project_id, name COLLATE "C");

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
  constraint projects_name_unique UNIQUE (name),
  constraint projects_pk PRIMARY KEY (id)
);

create table runners (
  name text not null,
  document jsonb not null,
  seen_at timestamp(3) with time zone not null default now(),
  constraint runners_pk PRIMARY KEY (name)
);

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
  constraint versions_digest_form CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint versions_files_list CHECK ((jsonb_typeof(files) = 'array'::text)),
  constraint versions_model_fk FOREIGN KEY (model_id) REFERENCES models(id) ON DELETE CASCADE,
  constraint versions_number_counts CHECK ((number >= 1)),
  constraint versions_number_unique UNIQUE (model_id, number),
  constraint versions_pk PRIMARY KEY (id),
  constraint versions_project_fk FOREIGN KEY (project_id) REFERENCES projects(id),
  constraint versions_size_counts CHECK ((size >= 0))
);
CREATE INDEX versions_by_digest ON public.versions USING btree (model_id, digest);
CREATE INDEX versions_by_digest_start ON public.versions USING btree (project_id, digest COLLATE "C");
