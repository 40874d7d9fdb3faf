import { type RawBuilder, sql } from 'kysely'
import type { EventPage } from './events.ts'

/** The sequences of a page, newest first. Each way reads an index backwards and stops at the limit; the bound on
 *  sequences is always said, for without statistics it is what tells the planner so. */
export function sequencesOf(projectId: string, page: EventPage): RawBuilder<number> {
  const { subject, kind, actor, before = Number.MAX_SAFE_INTEGER, limit } = page
  const newest = (...tests: Sql[]): Sql => {
    const all = [sql`project_id = ${projectId}`, sql`sequence < ${before}::bigint`, ...tests]
    return sql`(select sequence from events where ${sql.join(all, AND)} order by sequence desc limit ${limit})`
  }
  const ofActor = actor === undefined ? [] : [sql`actor = ${actor}`]
  if (subject !== undefined) {
    const ofKind = kind === undefined ? [] : [isOfKind(sql`kind`, kind)]
    const parts = aboutSubject(subject).map((about) => newest(about, ...ofActor, ...ofKind))
    return newestOf(sql.join(parts, sql` union all `), limit)
  }
  if (kind === undefined) return newestOf(newest(...ofActor), limit)
  const found = sql`select found.sequence from ${kinds(projectId)}
    cross join lateral ${newest(sql`kind = kinds.kind`, ...ofActor)} as found where ${isOfKind(sql`kinds.kind`, kind)}`
  return newestOf(found, limit)
}

type Sql = RawBuilder<unknown>
const AND = sql` and `

const newestOf = (found: Sql, limit: number) =>
  sql<number>`(select sequence from (${found}) as found order by sequence desc limit ${limit})`

const isOfKind = (column: Sql, kind: string): Sql => sql`(${column} = ${kind} or starts_with(${column}, ${`${kind}.`}))`

/** The thing itself, its versions or golden requests, and its aliases. Names that begin so are a range of the index over
 *  the bytes, each to the character after the one that joins them. */
function aboutSubject(subject: string): Sql[] {
  const bytes = sql`subject collate "C"`
  const beginning = (joint: string, next: string) =>
    sql`${bytes} >= ${subject + joint} and ${bytes} < ${subject + next}`
  return [sql`subject = ${subject}`, beginning('/', '0'), beginning('@', 'A')]
}

/** Every kind there is, by one step of the index for each. */
const kinds = (projectId: string): Sql => sql`(
  with recursive each (kind) as (
    (select kind from events where project_id = ${projectId} order by kind limit 1)
    union all
    select (select min(kind) from events where project_id = ${projectId} and kind > each.kind)
    from each where each.kind is not null
  ) select kind from each where kind is not null
) as kinds`
