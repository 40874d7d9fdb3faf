import { Digest, type FilePath, FolderPath } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { ownArtifact } from '../artifacts/artifacts.sql.ts'
import { appendAudit } from '../audit/audit.sql.ts'
import type { Entry, File, FileStore } from './files.store.ts'

type Db = Kysely<Tables>
type Row = { path: string; digest: string; size: number; updated_at: string }

/** Rows changed by one statement: the embedded database answers nobody else meanwhile. */
const BATCH = 5_000

export function sqlFileStore(kysely: Db): FileStore {
  return {
    find: (projectId, path) => find(kysely, projectId, path),
    obstacle: (projectId, path) => obstacle(kysely, projectId, path),
    put: (projectId, file) =>
      kysely.transaction().execute(async (transaction) => {
        const inTheWay = await obstacle(transaction, projectId, file.path)
        if (inTheWay !== undefined) return { obstacle: inTheWay }
        return put(transaction, projectId, file)
      }),
    async entries(projectId, folder, { after, limit }) {
      const { base, end } = bounds(folder)
      const { rows } = await sql<Row>`
        with recursive entry as (
          (${nextRow(projectId, base, end, sql`files.path >= ${after === undefined ? base : behind(after)}`)})
          union all
          select next.* from entry cross join lateral
            (${nextRow(projectId, base, end, sql`files.path >= ${behindEntry(base)}`)}) as next
        )
        select * from entry limit ${limit}`.execute(kysely)
      return rows.map((row) => entryOf(row, base.length))
    },
    async under(projectId, folder, { after, limit }) {
      const rows = await below(kysely, projectId, folder)
        .selectAll()
        .where('path', '>', after ?? '')
        .orderBy('path')
        .limit(limit)
        .execute()
      return rows.map(fileOf)
    },
    async remove(projectId, path) {
      let removed = 0
      for (;;) {
        const some = await kysely.transaction().execute((transaction) => removeSome(transaction, projectId, path))
        removed += some
        if (some < BATCH) return removed
      }
    },
    copy: (projectId, from, to) =>
      kysely.transaction().execute(async (transaction) => {
        const count = await copyAll(transaction, projectId, from, to)
        if (count > 0) await record(transaction, projectId, 'file.copied', to, { from, files: count })
        return count
      }),
    move: (projectId, from, to) =>
      kysely.transaction().execute(async (transaction) => {
        const count = await copyAll(transaction, projectId, from, to)
        await removeFrom(transaction, projectId, from)
        if (count > 0) await record(transaction, projectId, 'file.moved', to, { from, files: count })
        return count
      }),
  }
}

async function find(db: Db, projectId: string, path: FilePath): Promise<File | undefined> {
  const row = await db
    .selectFrom('files')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('path', '=', path)
    .executeTakeFirst()
  return row && fileOf(row)
}

async function obstacle(db: Db, projectId: string, path: FilePath): Promise<string | undefined> {
  const parts = path.split('/')
  const above = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
  const { base, end } = bounds(path)
  const { rows } = await sql<{ path: string }>`
    (select path from files where project_id = ${projectId} and path in (${sql.join([...above, ''])}) limit 1)
    union all
    (select ${path}::text as path from files
      where project_id = ${projectId} and path >= ${base} and path < ${end} limit 1)`.execute(db)
  return rows[0]?.path
}

async function put(
  transaction: Transaction<Tables>,
  projectId: string,
  { path, digest, size }: Omit<File, 'updatedAt'>,
): Promise<File> {
  const before = await find(transaction, projectId, path)
  await ownArtifact(transaction, projectId, { digest, size })
  const row = await transaction
    .insertInto('files')
    .values({ project_id: projectId, path, digest, size })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'path']).doUpdateSet({ digest, size, updated_at: sql`now()` }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
  if (before?.digest !== digest) {
    await appendAudit(transaction, {
      projectId,
      act: 'file.stored',
      subject: path,
      digest,
      ...(before ? { before: { digest: before.digest, size: before.size } } : {}),
      after: { size },
    })
  }
  return fileOf(row)
}

const below = (db: Db, projectId: string, folder: FolderPath) => {
  const { base, end } = bounds(folder)
  const all = db.selectFrom('files').where('project_id', '=', projectId).where('path', '>=', base)
  return end === undefined ? all : all.where('path', '<', end)
}

/** One file of that path, or some of those below it. */
async function removeSome(transaction: Transaction<Tables>, projectId: string, path: FilePath): Promise<number> {
  const { base, end } = bounds(path)
  const { rows } = await sql<{ path: string; digest: string }>`
    delete from files where project_id = ${projectId} and path in (
      select path from files where project_id = ${projectId}
        and (path = ${path} or (path >= ${base} and path < ${end})) order by path limit ${sql.lit(BATCH)})
    returning path, digest`.execute(transaction)
  const [only] = rows
  const digest = rows.length === 1 && only?.path === path ? Digest.parse(only.digest) : undefined
  if (rows.length > 0) await record(transaction, projectId, 'file.removed', path, { files: rows.length }, digest)
  return rows.length
}

async function removeFrom(transaction: Transaction<Tables>, projectId: string, folder: FolderPath): Promise<number> {
  let removed = 0
  for (;;) {
    const { base, end } = bounds(folder)
    const { numAffectedRows = 0n } = await sql`
      delete from files where project_id = ${projectId} and path in (
        select path from files where project_id = ${projectId} and path >= ${base}
          ${end === undefined ? sql`` : sql`and path < ${end}`} order by path limit ${sql.lit(BATCH)})`.execute(
      transaction,
    )
    removed += Number(numAffectedRows)
    if (numAffectedRows < BATCH) return removed
  }
}

async function copyAll(
  transaction: Transaction<Tables>,
  projectId: string,
  from: FolderPath,
  to: FolderPath,
): Promise<number> {
  const { base, end } = bounds(from)
  const target = bounds(to).base
  let copied = 0
  for (let after = base; ;) {
    const { rows } = await sql<{ path: string }>`
      with page as (
        select path, digest, size from files where project_id = ${projectId} and path > ${after}
          ${end === undefined ? sql`` : sql`and path < ${end}`} order by path limit ${sql.lit(BATCH)}
      ), put as (
        insert into files (project_id, path, digest, size)
        select ${projectId}, ${target} || substr(path, length(${base}::text) + 1), digest, size from page
        on conflict (project_id, path) do update
          set digest = excluded.digest, size = excluded.size, updated_at = now()
      )
      select path from page order by path`.execute(transaction)
    copied += rows.length
    if (rows.length < BATCH) return copied
    after = rows.at(-1)?.path ?? after
  }
}

const record = (
  transaction: Transaction<Tables>,
  projectId: string,
  act: string,
  subject: string,
  what: Readonly<Record<string, string | number>>,
  digest?: Digest,
) =>
  appendAudit(transaction, {
    projectId,
    act,
    subject: subject === '' ? '/' : subject,
    ...(digest ? { digest } : {}),
    after: what,
  })

/** All paths below a folder are at or behind `base`, and before `end`: 0 is the character behind the slash. */
function bounds(folder: FolderPath | FilePath): { base: string; end: string | undefined } {
  return folder === '' ? { base: '', end: undefined } : { base: `${folder}/`, end: `${folder}0` }
}

/** The first path that is behind a file, or, with a slash at the end, behind a folder and all that is in it. No path
 *  has a control character in it. */
const behind = (key: string) => (key.endsWith('/') ? `${key.slice(0, -1)}0` : `${key}\u0001`)

/** The same of a row, within the statement. Lengths count characters, of which PostgreSQL and JavaScript have other
 *  ideas: those of PostgreSQL are used. */
const behindEntry = (base: string) => sql`case
  when strpos(substr(entry.path, length(${base}::text) + 1), '/') > 0
  then ${base}::text || split_part(substr(entry.path, length(${base}::text) + 1), '/', 1) || '0'
  else entry.path || chr(1) end`

const nextRow = (
  projectId: string,
  base: string,
  end: string | undefined,
  from: ReturnType<typeof sql>,
) => sql`select files.path, files.digest, files.size, files.updated_at from files
  where files.project_id = ${projectId} and files.path >= ${base} and ${from}
    ${end === undefined ? sql`` : sql`and files.path < ${end}`}
  order by files.path limit 1`

function entryOf(row: Row, offset: number): Entry {
  const slash = row.path.indexOf('/', offset)
  if (slash >= 0) return { is: 'folder', path: FolderPath.parse(row.path.slice(0, slash)) }
  const file = fileOf(row)
  return { is: 'file', path: file.path, file }
}

const fileOf = ({ path, digest, size, updated_at }: Row): File => ({
  path: path as FilePath,
  digest: digest as Digest,
  size,
  updatedAt: updated_at,
})
