import type { Migration } from '../migrate.ts'

/** Who is told of events, and what became of each telling. Secrets are encrypted with a key that is not in here. */
export const webhooks: Migration = {
  name: '0007-webhooks',
  statements: [
    `create table webhooks (
      id text not null constraint webhooks_pk primary key,
      project_id text not null constraint webhooks_project_fk references projects,
      name text not null,
      description text not null default '',
      url text not null,
      events jsonb not null,
      status text not null default 'ACTIVE' constraint webhooks_status_known check (status in ('ACTIVE', 'DISABLED')),
      secret text,
      since bigint not null,
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now()
    )`,
    `create index webhooks_by_project on webhooks (project_id, created_at, id)`,
    `create table deliveries (
      id text not null constraint deliveries_pk primary key,
      webhook_id text not null constraint deliveries_webhook_fk references webhooks on delete cascade,
      project_id text not null constraint deliveries_project_fk references projects,
      sequence bigint,
      event text not null,
      body text not null,
      state text not null default 'pending'
        constraint deliveries_state_known check (state in ('pending', 'delivered', 'failed')),
      attempts integer not null default 0,
      next_at timestamptz(3),
      log jsonb not null default '[]',
      created_at timestamptz(3) not null default now(),
      constraint deliveries_once unique (webhook_id, sequence, event)
    )`,
    `create index deliveries_due on deliveries (next_at) where state = 'pending'`,
    `create index deliveries_by_webhook on deliveries (webhook_id, created_at desc, id)`,
  ],
}
