import { type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'

interface Line {
  readonly table: string
  readonly name: string
  readonly text: string
}

/** The schema as text, the same from PGlite and every PostgreSQL: tables by name, columns in their order,
 *  then constraints, indexes and triggers by name. Not-null constraints, which PostgreSQL 18 began to list, stay with their columns. */
export async function dumpSchema(kysely: Kysely<Tables>): Promise<string> {
  const [columns, constraints, indexes, triggers] = [
    await readColumns(kysely),
    await readConstraints(kysely),
    await readIndexes(kysely),
    await readTriggers(kysely),
  ]
  const tables = [...new Set(columns.map(({ table }) => table))]
  return tables.map((table) => describeTable(table, columns, constraints, [...indexes, ...triggers])).join('\n')
}

function describeTable(table: string, columns: Line[], constraints: Line[], beside: Line[]): string {
  const of = (lines: Line[]) => lines.filter((line) => line.table === table)
  const inside = [
    ...of(columns).map(({ name, text }) => `  ${name} ${text}`),
    ...of(constraints).map(({ name, text }) => `  constraint ${name} ${text}`),
  ]
  return [`create table ${table} (`, inside.join(',\n'), ');', ...of(beside).map(({ text }) => `${text};`), ''].join(
    '\n',
  )
}

async function readColumns(kysely: Kysely<Tables>): Promise<Line[]> {
  const { rows } = await sql<Line>`
    select c.relname as "table", a.attname as name,
      format_type(a.atttypid, a.atttypmod)
        || case when a.attnotnull then ' not null' else '' end
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as text
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind = 'r'
    order by c.relname collate "C", a.attnum`.execute(kysely)
  return rows
}

async function readConstraints(kysely: Kysely<Tables>): Promise<Line[]> {
  const { rows } = await sql<Line>`
    select c.relname as "table", o.conname as name, pg_get_constraintdef(o.oid) as text
    from pg_constraint o
    join pg_class c on c.oid = o.conrelid
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    where o.contype in ('p', 'u', 'f', 'c', 'x')
    order by o.conname collate "C"`.execute(kysely)
  return rows
}

async function readIndexes(kysely: Kysely<Tables>): Promise<Line[]> {
  const { rows } = await sql<Line>`
    select i.tablename as "table", i.indexname as name, i.indexdef as text
    from pg_indexes i
    where i.schemaname = 'public' and not exists (select from pg_constraint o where o.conname = i.indexname)
    order by i.indexname collate "C"`.execute(kysely)
  return rows
}

async function readTriggers(kysely: Kysely<Tables>): Promise<Line[]> {
  const { rows } = await sql<Line>`
    select c.relname as "table", t.tgname as name, pg_get_triggerdef(t.oid) as text
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    where not t.tgisinternal
    order by t.tgname collate "C"`.execute(kysely)
  return rows
}
