import type { Migration } from '../migrate.ts'

/** What MLflow's registry knows of models and versions besides: tags, stages, where a version came from and who made it.
 *  Models and versions from before keep their own times. */
export const registry: Migration = {
  name: '0005-registry',
  statements: [
    `alter table models
      add column user_name text not null default '',
      add column updated_at timestamptz(3) not null default now()`,
    `update models set updated_at = created_at`,
    `create index models_by_update on models (project_id, updated_at desc, name collate "C")`,

    `alter table versions
      add column source text not null default '',
      add column location text,
      add column run_id text,
      add column run_link text not null default '',
      add column logged_model_id text,
      add column user_name text not null default '',
      add column stage text not null default 'None'
        constraint versions_stage_known check (stage in ('None', 'Staging', 'Production', 'Archived')),
      add column status text not null default 'READY',
      add column updated_at timestamptz(3) not null default now()`,
    `update versions set updated_at = created_at`,
    `create index versions_by_update on versions (project_id, updated_at desc)`,
    `create index versions_by_run on versions (project_id, run_id) where run_id is not null`,
    `create index versions_by_logged_model on versions (project_id, logged_model_id) where logged_model_id is not null`,
    `create index versions_by_stage on versions (model_id, stage, number desc)`,

    `create table model_tags (
      model_id text not null constraint model_tags_model_fk references models on delete cascade,
      project_id text not null constraint model_tags_project_fk references projects,
      key text not null,
      value text not null,
      constraint model_tags_pk primary key (model_id, key)
    )`,
    `create index model_tags_by_value on model_tags (project_id, key, left(value, 256), model_id)`,
    `create table version_tags (
      version_id text not null constraint version_tags_version_fk references versions on delete cascade,
      project_id text not null constraint version_tags_project_fk references projects,
      key text not null,
      value text not null,
      constraint version_tags_pk primary key (version_id, key)
    )`,
    `create index version_tags_by_value on version_tags (project_id, key, left(value, 256), version_id)`,
  ],
}
