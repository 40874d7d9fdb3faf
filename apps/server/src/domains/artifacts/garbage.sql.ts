import { Digest } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { appendAudit } from '../audit/audit.sql.ts'
import type { Found, GarbageStore } from './garbage.store.ts'

/** Rows looked at by one statement: the embedded database answers nobody else meanwhile. */
const FILES = 2_000
const ARTIFACTS = 200

export function sqlGarbageStore(kysely: Kysely<Tables>): GarbageStore {
  return {
    async forgetStrays(projectId, before, after) {
      const rows = await kysely
        .selectFrom('files')
        .select('path')
        .where('project_id', '=', projectId)
        .where('path', '>', after)
        .orderBy('path')
        .limit(FILES)
        .execute()
      const next = rows.length < FILES ? undefined : rows.at(-1)?.path
      const owners = ownersOf(rows)
      if (owners.size === 0) return { files: 0, next }
      const files = await kysely
        .transaction()
        .execute((transaction) => forgetOfMissing(transaction, { projectId, before, owners }))
      return { files, next }
    },
    disown: (projectId, before, after) =>
      kysely.transaction().execute(async (transaction) => {
        // Locked before it is asked once more whether something names them: who names an artifact locks its row first,
        // and so has either ended by then or finds it gone. What is locked is being named.
        const locked = await sql<{ digest: string }>`
          select digest from artifacts where ${isUnnamed(projectId)} and created_at < ${before} and digest > ${after}
          order by digest limit ${sql.lit(ARTIFACTS)} for update skip locked`.execute(transaction)
        const digests = locked.rows.map(({ digest }) => digest)
        if (digests.length === 0) return { artifacts: [], next: undefined }
        const { rows } = await sql<{ digest: string; size: number }>`
          delete from artifacts where ${isUnnamed(projectId)} and digest in (${sql.join(digests)})
          returning digest, size`.execute(transaction)
        const artifacts = rows.map(({ digest, size }) => ({ digest: Digest.parse(digest), size }))
        if (artifacts.length > 0) await record(transaction, projectId, artifacts)
        return { artifacts, next: digests.length < ARTIFACTS ? undefined : digests.at(-1) }
      }),
    async strays(projectId, before, after) {
      const rows = await kysely
        .selectFrom('files')
        .select(['path', 'digest', 'updated_at'])
        .where('project_id', '=', projectId)
        .where('path', '>', after)
        .orderBy('path')
        .limit(FILES)
        .execute()
      const known = await knownAmong(kysely, ownersOf(rows))
      const digests = rows.flatMap(({ path, digest, updated_at: at }) => {
        const [, id] = ownerOf(path) ?? []
        return id === undefined || known.has(id) || new Date(at) >= before ? [] : [Digest.parse(digest)]
      })
      return { digests, next: rows.length < FILES ? undefined : rows.at(-1)?.path }
    },
    async unnamed(projectId, before, after) {
      const { rows } = await sql<{ digest: string; size: number; isShared: boolean }>`
        select digest, size, ${isShared} as "isShared" from artifacts
        where ${isUnnamed(projectId)} and created_at < ${before} and digest > ${after}
        order by digest limit ${sql.lit(ARTIFACTS)}`.execute(kysely)
      return { ...foundIn(rows), next: rows.length < ARTIFACTS ? undefined : rows.at(-1)?.digest }
    },
    async unnamedWithout(projectId, before, names) {
      const { rows } = await sql<{ digest: string; size: number; isShared: boolean; names: number }>`
        select digest, size, ${isShared} as "isShared", (
            select count(*) from files where files.project_id = ${projectId} and files.digest = artifacts.digest
          )::int as names
        from artifacts
        where project_id = ${projectId} and digest in (${sql.join([...names.keys()])}) and created_at < ${before}
          and ${isOfNoVersion(projectId)}`.execute(kysely)
      return foundIn(rows.filter(({ digest, names: all }) => all === names.get(digest as Digest)))
    },
    async isOwned(digest) {
      const row = await kysely
        .selectFrom('artifacts')
        .select('digest')
        .where('digest', '=', digest)
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },
  }
}

/** Everything that names an artifact is listed here. Of versions all are read: they are thousands at most. */
const isUnnamed = (projectId: string) => sql`artifacts.project_id = ${projectId}
  and not exists (select 1 from files where files.project_id = ${projectId} and files.digest = artifacts.digest)
  and ${isOfNoVersion(projectId)}`

const isOfNoVersion = (projectId: string) => sql`artifacts.digest not in (
    select file ->> 'digest' from versions cross join lateral jsonb_array_elements(versions.files) as file
    where versions.project_id = ${projectId} and file ->> 'digest' is not null)`

const record = (
  transaction: Transaction<Tables>,
  projectId: string,
  artifacts: readonly { digest: Digest; size: number }[],
) =>
  appendAudit(transaction, {
    projectId,
    act: 'artifact.collected',
    subject: artifacts.length === 1 ? artifacts[0]!.digest : `${artifacts.length} artifacts`,
    before: { artifacts: artifacts.map(({ digest, size }) => ({ digest, size })) },
  })

/** In another project as well. */
const isShared = sql<boolean>`exists (
  select 1 from artifacts o where o.digest = artifacts.digest and o.project_id <> artifacts.project_id)`

const foundIn = (rows: readonly { size: number; isShared: boolean }[]): Found => ({
  artifacts: rows.length,
  bytes: rows.reduce((sum, row) => sum + (row.isShared ? 0 : Number(row.size)), 0),
})

/** Whose the files are, by the folders that are theirs. */
function ownersOf(rows: readonly { path: string }[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  for (const { path } of rows) {
    const [folder, id] = ownerOf(path) ?? []
    if (folder !== undefined && id !== undefined) owners.set(folder, id)
  }
  return owners
}

/** Those of the runs and logged models that are there. */
async function knownAmong(kysely: Kysely<Tables>, owners: ReadonlyMap<string, string>): Promise<ReadonlySet<string>> {
  const ids = [...new Set(owners.values())]
  if (ids.length === 0) return new Set()
  const there = await sql<{ id: string }>`
    select run_id as id from runs where run_id in (${sql.join(ids)})
    union all select model_id as id from logged_models where model_id in (${sql.join(ids)})`.execute(kysely)
  return new Set(there.rows.map(({ id }) => id))
}

/** The run or logged model that a path belongs to: the first of them in it, and the folder of its files. */
function ownerOf(path: string): [folder: string, id: string] | undefined {
  const [, folder, id] = /^((?:.*?\/)?([0-9a-f]{32}|models\/m-[0-9a-f]{32})\/artifacts\/)/.exec(path) ?? []
  return folder === undefined || id === undefined ? undefined : [folder, id.replace('models/', '')]
}

interface Missing {
  readonly projectId: string
  readonly before: Date
  readonly owners: ReadonlyMap<string, string>
}

async function forgetOfMissing(transaction: Transaction<Tables>, { projectId, before, owners }: Missing) {
  const known = await knownAmong(transaction, owners)
  let files = 0
  for (const [folder, id] of owners) {
    if (known.has(id)) continue
    const { numAffectedRows = 0n } = await sql`
      delete from files where project_id = ${projectId} and path >= ${folder} and path < ${`${folder.slice(0, -1)}0`}
        and updated_at < ${before}`.execute(transaction)
    if (numAffectedRows === 0n) continue
    files += Number(numAffectedRows)
    await appendAudit(transaction, {
      projectId,
      act: 'file.removed',
      subject: folder.slice(0, -1),
      after: { files: Number(numAffectedRows) },
      reason: `${id} is not there any more`,
    })
  }
  return files
}
