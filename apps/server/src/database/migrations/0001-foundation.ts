import type { Migration } from '../migrate.ts'

/** Registry, deployments, and what they need: projects, artifacts, events, figures.
 *  timestamptz(3): what the code reads has milliseconds, and a page key must equal what is stored. */
export const foundation: Migration = {
  name: '0001-foundation',
  statements: [
    `create table projects (
      id text not null constraint projects_pk primary key,
      name text not null constraint projects_name_unique unique,
      created_at timestamptz(3) not null default now()
    )`,
    `insert into projects (id, name) values ('default', 'default')`,

    `create table artifacts (
      project_id text not null constraint artifacts_project_fk references projects,
      digest text not null constraint artifacts_digest_form check (digest ~ '^sha256:[0-9a-f]{64}$'),
      size bigint not null constraint artifacts_size_counts check (size >= 0),
      created_at timestamptz(3) not null default now(),
      constraint artifacts_pk primary key (project_id, digest)
    )`,
    `create index artifacts_by_digest on artifacts (digest)`,

    `create table models (
      id text not null constraint models_pk primary key,
      project_id text not null constraint models_project_fk references projects,
      name text not null,
      description text not null default '',
      last_version integer not null default 0,
      created_at timestamptz(3) not null default now(),
      constraint models_name_unique unique (project_id, name)
    )`,

    `create table versions (
      id text not null constraint versions_pk primary key,
      model_id text not null constraint versions_model_fk references models on delete cascade,
      project_id text not null constraint versions_project_fk references projects,
      number integer not null constraint versions_number_counts check (number >= 1),
      digest text not null constraint versions_digest_form check (digest ~ '^sha256:[0-9a-f]{64}$'),
      runtime text not null,
      signature jsonb not null,
      files jsonb not null constraint versions_files_list check (jsonb_typeof(files) = 'array'),
      size bigint not null constraint versions_size_counts check (size >= 0),
      provenance jsonb not null,
      description text not null default '',
      created_at timestamptz(3) not null default now(),
      constraint versions_number_unique unique (model_id, number)
    )`,
    `create index versions_by_digest on versions (model_id, digest)`,

    `create table aliases (
      model_id text not null constraint aliases_model_fk references models on delete cascade,
      project_id text not null constraint aliases_project_fk references projects,
      alias text not null,
      version_number integer not null,
      updated_at timestamptz(3) not null default now(),
      constraint aliases_pk primary key (model_id, alias),
      constraint aliases_version_fk foreign key (model_id, version_number)
        references versions (model_id, number) on delete cascade
    )`,

    `create table deployments (
      id text not null constraint deployments_pk primary key,
      project_id text not null constraint deployments_project_fk references projects,
      name text not null constraint deployments_name_unique unique,
      model_id text not null constraint deployments_model_fk references models on delete restrict,
      generation bigint not null constraint deployments_generation_counts check (generation >= 0),
      created_at timestamptz(3) not null default now()
    )`,
    `create index deployments_by_project on deployments (project_id, name)`,
    `create index deployments_by_model on deployments (model_id)`,

    `create table generations (
      deployment_id text not null constraint generations_deployment_fk references deployments on delete cascade,
      project_id text not null constraint generations_project_fk references projects,
      generation bigint not null constraint generations_generation_counts check (generation >= 0),
      kind text not null,
      document jsonb not null,
      reason text,
      actor text not null,
      stages jsonb not null,
      idempotency_key text,
      committed_at timestamptz(3) not null default now(),
      constraint generations_pk primary key (deployment_id, generation)
    )`,

    `create unique index generations_by_key on generations (deployment_id, idempotency_key)
      where idempotency_key is not null`,

    `create table generation_versions (
      deployment_id text not null,
      project_id text not null constraint generation_versions_project_fk references projects,
      generation bigint not null,
      version_id text not null constraint generation_versions_version_fk references versions on delete restrict,
      constraint generation_versions_pk primary key (deployment_id, generation, version_id),
      constraint generation_versions_generation_fk foreign key (deployment_id, generation)
        references generations on delete cascade
    )`,
    `create index generation_versions_by_version on generation_versions (version_id)`,

    `create table golden_requests (
      id text not null constraint golden_requests_pk primary key,
      deployment_id text not null constraint golden_requests_deployment_fk references deployments on delete cascade,
      project_id text not null constraint golden_requests_project_fk references projects,
      name text not null,
      request jsonb not null,
      assertion jsonb not null,
      created_at timestamptz(3) not null default now(),
      constraint golden_requests_name_unique unique (deployment_id, name)
    )`,
    `create index golden_requests_by_deployment on golden_requests (deployment_id, created_at, id)`,

    `create table idempotency (
      project_id text not null constraint idempotency_project_fk references projects,
      scope text not null,
      key text not null,
      request_hash text not null,
      status integer,
      answer jsonb,
      created_at timestamptz(3) not null default now(),
      constraint idempotency_pk primary key (project_id, scope, key)
    )`,
    `create index idempotency_by_age on idempotency (created_at)`,

    `create table runners (
      name text not null constraint runners_pk primary key,
      document jsonb not null,
      seen_at timestamptz(3) not null default now()
    )`,

    `create table events (
      sequence bigserial not null constraint events_pk primary key,
      project_id text not null constraint events_project_fk references projects,
      kind text not null,
      subject text not null,
      document jsonb not null,
      actor text not null,
      at timestamptz(3) not null default now()
    )`,
    `create index events_by_project on events (project_id, sequence)`,
    `create index events_by_subject on events (project_id, subject, sequence)`,

    `create table figures (
      deployment_id text not null constraint figures_deployment_fk references deployments on delete cascade,
      project_id text not null constraint figures_project_fk references projects,
      version integer not null,
      step integer not null constraint figures_step_known check (step = 10 or step = 300),
      at timestamptz(3) not null,
      document jsonb not null,
      constraint figures_pk primary key (deployment_id, version, step, at)
    )`,
    `create index figures_by_age on figures (step, at)`,

    `create table settings (
      key text not null constraint settings_pk primary key,
      value jsonb not null
    )`,
  ],
}
