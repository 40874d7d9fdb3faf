import type { Migration } from '../migrate.ts'

/** Runs of an experiment in the orders that tables are most often sorted by. */
export const runOrders: Migration = {
  name: '0009-run-orders',
  statements: [
    `create index runs_by_name on runs (experiment_id, lifecycle, left(name, 256) collate "C")`,
    `create index runs_by_end on runs (experiment_id, lifecycle, ended_at)`,
  ],
}
