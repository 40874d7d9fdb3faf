import { type RawBuilder, sql } from 'kysely'
import { numbers, texts } from '../../database/arrays.ts'
import { isUniqueViolation } from '../../database/failures.ts'
import type { MetricRow } from './judging.ts'

/** The columns of metrics, for `unnest`: runs, keys, steps, timestamps and values. */
export const points = (rows: readonly MetricRow[]) => sql`
  ${numbers(rows.map(({ run }) => run.row))}::bigint[], ${texts(rows.map(({ key }) => key))}::text[],
  ${numbers(rows.map(({ step }) => step))}::bigint[], ${numbers(rows.map(({ timestamp }) => timestamp))}::bigint[],
  ${numbers(rows.map(({ value }) => value))}::double precision[]`

/** What an update of `latest_metrics` sets: the highest by step, timestamp and value. */
export const LATER = sql`
  set step = excluded.step, timestamp = excluded.timestamp, value = excluded.value
  where (excluded.step, excluded.timestamp, excluded.value)
    > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)`

/** Writes metrics, anew where a run has one of the points already: that is rare, and to look for it first is a third of
 *  what writing a point costs. `write` is given what its statement does about such points. */
export async function writeOnce<T>(write: (repeated: RawBuilder<unknown>) => Promise<T>): Promise<T> {
  try {
    return await write(sql``)
  } catch (error) {
    if (!isUniqueViolation(error, 'metrics_pk')) throw error
    return write(sql`on conflict do nothing`)
  }
}
