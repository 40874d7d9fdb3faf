import { type Kysely, sql, type Transaction } from 'kysely'
import { numbers } from '../../database/arrays.ts'
import type { Tables } from '../../database/tables.ts'
import { recordChange } from '../audit/record.sql.ts'
import type { PurgeStore, Remains } from './purging.ts'
import { lockRuns, toldOf } from './run-rows.sql.ts'

type Db = Transaction<Tables>

/** Runs that are detached in one transaction where nobody asked for all or nothing. */
const SOME = 50
const SLICE = 5_000

export function sqlPurgeStore(kysely: Kysely<Tables>): PurgeStore {
  return {
    detach: (projectId, runIds, actor) =>
      kysely.transaction().execute(async (open) => {
        const runs = await lockRuns(open, { projectId, runIds })
        if ('absent' in runs) return runs
        const remains: Remains[] = []
        for (let at = 0; at < runs.length; at += SOME)
          remains.push(
            ...(await detach(
              open,
              runs.slice(at, at + SOME).map(({ row }) => row),
            )),
          )
        const { after: before, ...told } = toldOf(runs)
        const event = await recordChange(open, { projectId, kind: 'run.purged', ...told, actor, before })
        return { changed: runs, remains, event }
      }),
    detachSome: (experiment) =>
      kysely.transaction().execute(async (open) => {
        const rows = await open
          .selectFrom('runs')
          .select('id')
          .where('experiment_id', '=', experiment)
          .orderBy('id')
          .limit(SOME)
          .forUpdate()
          .execute()
        return detach(
          open,
          rows.map(({ id }) => id),
        )
      }),
    async remains() {
      const { rows } = await sql<Remains>`
        select run as row, project_id as "projectId", artifact_uri as "artifactUri" from purged_runs`.execute(kysely)
      return rows
    },
    async removeMetrics(row) {
      const { numAffectedRows } = await sql`delete from metrics
        where ctid = any(array(select ctid from metrics where run = ${row} limit ${SLICE}))`.execute(kysely)
      return numAffectedRows === BigInt(SLICE)
    },
    async forget(row) {
      await kysely.deleteFrom('purged_runs').where('run', '=', row).execute()
    },
    removeModels: (experiment) =>
      kysely.transaction().execute(async (open) => {
        const { rows } = await sql<{ uri: string }>`with gone as (
            delete from logged_models where experiment_id = ${experiment} returning model_id, artifact_location
          ), metrics_gone as (
            delete from logged_model_metrics where model_id in (select model_id from gone)
          )
          select artifact_location as uri from gone`.execute(open)
        return rows.map(({ uri }) => uri)
      }),
  }
}

async function detach(open: Db, rows: readonly number[]): Promise<Remains[]> {
  if (rows.length === 0) return []
  const all = numbers(rows)
  for (const table of ['latest_metrics', 'params', 'run_tags'] as const)
    await sql`delete from ${sql.table(table)} where run = any(${all}::bigint[])`.execute(open)
  const { rows: remains } = await sql<Remains>`
    insert into purged_runs (run, project_id, artifact_uri)
    select id, project_id, artifact_uri from runs where id = any(${all}::bigint[]) order by id
    returning run as row, project_id as "projectId", artifact_uri as "artifactUri"`.execute(open)
  await sql`delete from runs where id = any(${all}::bigint[])`.execute(open)
  return remains
}
