import type { Migration } from '../migrate.ts'

/** Who may do what: people, sessions, members, service accounts, tokens, consumers with keys and use, and the audit log.
 *  Secrets are here as hashes only. The audit log refers to nothing: it outlives what it tells of. */
export const access: Migration = {
  name: '0003-access',
  statements: [
    `create table people (
      id text not null constraint people_pk primary key,
      name text not null constraint people_name_unique unique,
      display_name text not null,
      password_hash text,
      sso_issuer text,
      sso_subject text,
      is_owner boolean not null default false,
      is_disabled boolean not null default false,
      created_at timestamptz(3) not null default now(),
      seen_at timestamptz(3),
      constraint people_sso_unique unique (sso_issuer, sso_subject)
    )`,

    `create table sessions (
      id text not null constraint sessions_pk primary key,
      hash text not null constraint sessions_hash_unique unique,
      person_id text not null constraint sessions_person_fk references people on delete cascade,
      agent text not null,
      address text not null,
      created_at timestamptz(3) not null default now(),
      seen_at timestamptz(3) not null default now(),
      expires_at timestamptz(3) not null
    )`,
    `create index sessions_by_person on sessions (person_id, created_at)`,
    `create index sessions_by_expiry on sessions (expires_at)`,

    `create table members (
      project_id text not null constraint members_project_fk references projects,
      person_id text not null constraint members_person_fk references people on delete cascade,
      roles jsonb not null constraint members_roles_list check (jsonb_typeof(roles) = 'array'),
      denies jsonb not null constraint members_denies_list check (jsonb_typeof(denies) = 'array'),
      created_at timestamptz(3) not null default now(),
      constraint members_pk primary key (project_id, person_id)
    )`,
    `create index members_by_person on members (person_id)`,

    `create table service_accounts (
      id text not null constraint service_accounts_pk primary key,
      project_id text not null constraint service_accounts_project_fk references projects,
      name text not null,
      description text not null,
      roles jsonb not null constraint service_accounts_roles_list check (jsonb_typeof(roles) = 'array'),
      denies jsonb not null constraint service_accounts_denies_list check (jsonb_typeof(denies) = 'array'),
      created_at timestamptz(3) not null default now(),
      constraint service_accounts_name_unique unique (project_id, name)
    )`,

    `create table tokens (
      id text not null constraint tokens_pk primary key,
      kind text not null constraint tokens_kind_known check (kind in ('person', 'account', 'runner')),
      hash text not null constraint tokens_hash_unique unique,
      hint text not null,
      name text not null,
      person_id text constraint tokens_person_fk references people on delete cascade,
      account_id text constraint tokens_account_fk references service_accounts on delete cascade,
      projects jsonb,
      acts jsonb,
      created_at timestamptz(3) not null default now(),
      expires_at timestamptz(3),
      last_used_at timestamptz(3),
      constraint tokens_owner_fits check (
        (kind = 'person' and person_id is not null and account_id is null)
        or (kind = 'account' and account_id is not null and person_id is null)
        or (kind = 'runner' and person_id is null and account_id is null)
      )
    )`,
    `create unique index tokens_by_owner on tokens (kind, coalesce(person_id, account_id, ''), name)`,

    `create table consumers (
      id text not null constraint consumers_pk primary key,
      project_id text not null constraint consumers_project_fk references projects,
      name text not null,
      description text not null,
      limits jsonb not null,
      created_at timestamptz(3) not null default now(),
      constraint consumers_name_unique unique (project_id, name)
    )`,

    `create table consumer_keys (
      id text not null constraint consumer_keys_pk primary key,
      consumer_id text not null constraint consumer_keys_consumer_fk references consumers on delete cascade,
      project_id text not null constraint consumer_keys_project_fk references projects,
      hash text not null constraint consumer_keys_hash_unique unique,
      hint text not null,
      name text not null,
      deployments jsonb,
      created_at timestamptz(3) not null default now(),
      expires_at timestamptz(3),
      last_used_at timestamptz(3),
      constraint consumer_keys_name_unique unique (consumer_id, name)
    )`,

    `create table usage (
      project_id text not null constraint usage_project_fk references projects,
      consumer_id text not null,
      key_id text not null,
      deployment text not null,
      version integer not null,
      hour timestamptz(3) not null,
      requests bigint not null,
      failed bigint not null,
      constraint usage_pk primary key (consumer_id, hour, key_id, deployment, version)
    )`,

    `create table audit (
      chain text not null,
      sequence bigint not null constraint audit_sequence_counts check (sequence >= 1),
      at timestamptz(3) not null,
      outcome text not null constraint audit_outcome_known check (outcome in ('done', 'denied')),
      act text not null,
      actor text not null,
      subject text not null,
      entry text not null,
      previous text not null,
      hash text not null,
      constraint audit_pk primary key (chain, sequence)
    )`,
    `create index audit_by_actor on audit (chain, actor, sequence)`,
    `create index audit_by_act on audit (chain, act, sequence)`,
    `create index audit_by_subject on audit (chain, subject, sequence)`,
    // A restore says that it replaces the log, for its own transaction; nothing else does.
    `create function keep_audit() returns trigger language plpgsql as $$
      begin
        if current_setting('stead.replaces_audit', true) = 'yes' then return null; end if;
        raise exception 'the audit log is only ever added to' using errcode = 'restrict_violation';
      end
    $$`,
    `create trigger audit_is_kept before update or delete or truncate on audit
      for each statement execute function keep_audit()`,

    `alter table deployments add column owner text`,
  ],
}
