import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Digest, type Event, SteadError } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { extract } from 'tar-stream'
import { z } from 'zod'
import { sqlFailure } from '../../database/failures.ts'
import type { Tables } from '../../database/tables.ts'
import type { ArtifactStore } from '../artifacts/artifacts.store.ts'
import { appendAudit, holdLog } from '../audit/audit.sql.ts'
import { authorNow } from '../audit/author.ts'
import { appendEvent, holdEvents } from '../events/events.sql.ts'
import type { Restored } from './archive.ts'
import {
  digestOfEntry,
  knew,
  Manifest,
  MANIFEST_NAME,
  MIGRATION_NAMES,
  tableOfEntry,
  TABLES,
  type TableName,
} from './archive.sql.ts'
import { layAuditAside, mergeAudit, RESTORED_AUDIT, type ReplacedChain } from './restored-audit.sql.ts'

export interface RestoreParts {
  readonly kysely: Kysely<Tables>
  readonly store: Pick<ArtifactStore, 'put' | 'stat'>
  /** Where tables are laid aside until all of the archive is there. */
  readonly home: string
  /** Called within the transaction, as its last act, with the chains of the audit log that are now others. */
  readonly onReplaced: (chains: readonly string[]) => Promise<void>
  /** Called once the archive is in place, before the answer: what was remembered is no longer so. */
  readonly onRestored: (event: Event) => Promise<void>
}

const BATCH = 200
const MANIFEST_BYTES = 1_000_000
const ArtifactRow = z.object({ digest: Digest })
const OwnerRow = z.object({ is_owner: z.literal(true), is_disabled: z.literal(false) })

/** Puts an archive in place of what is here. Artifacts come first, checked by their digests: one that is stored and
 *  belongs to nobody is invisible. Then all tables change in one transaction, after the whole archive was read. */
export async function restoreBackup(parts: RestoreParts, archive: Readable, replace: boolean): Promise<Restored> {
  if (!replace) await refuseFullHome(parts.kysely)
  const aside = await mkdtemp(join(parts.home, 'restore-'))
  try {
    const read = await readArchive(parts.store, archive, aside)
    await checkArtifacts(parts.store, aside, read.digests)
    const event = await putInPlace(parts, read.manifest, aside, replace)
    await parts.onRestored(event)
    return { tables: read.manifest.tables, artifacts: read.manifest.artifacts }
  } catch (error) {
    throw asExpected(error)
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

interface ReadSoFar {
  manifest: Manifest | undefined
  readonly tables: Map<TableName, number>
  readonly digests: Set<Digest>
}

async function readArchive(
  store: Pick<ArtifactStore, 'put'>,
  archive: Readable,
  aside: string,
): Promise<{ manifest: Manifest; digests: ReadonlySet<Digest> }> {
  const so: ReadSoFar = { manifest: undefined, tables: new Map(), digests: new Set() }
  const entries = extract()
  // The request itself is left alive, or the sender would never read the answer.
  const feeding = pipeline(archive.iterator({ destroyOnReturn: false }), entries).then(() => undefined, asForeign)
  try {
    // Typed as unknown by its package; an entry of a tar has nothing but bytes.
    for await (const entry of entries)
      await readEntry(store, so, entry.header, entry as AsyncIterable<Uint8Array>, aside)
  } catch (error) {
    throw error instanceof SteadError ? error : asForeign(error)
  }
  const broken = await feeding
  if (broken) throw broken
  return checkWhole(so)
}

async function readEntry(
  store: Pick<ArtifactStore, 'put'>,
  so: ReadSoFar,
  { name, size }: { name: string; size?: number },
  bytes: AsyncIterable<Uint8Array>,
  aside: string,
): Promise<void> {
  if (so.manifest === undefined) {
    if (name !== MANIFEST_NAME) throw foreign(`it begins with "${name.slice(0, 80)}"`)
    so.manifest = await readManifest(bytes)
    return
  }
  const table = tableOfEntry(name)
  if (table !== undefined && !so.tables.has(table)) {
    so.tables.set(table, await writeAside(bytes, join(aside, table)))
    return
  }
  const digest = digestOfEntry(name)
  if (digest === undefined) throw foreign(`it holds "${name.slice(0, 80)}"`)
  await store.put(digest, bytes, { size, limit: Infinity })
  so.digests.add(digest)
}

async function readManifest(bytes: AsyncIterable<Uint8Array>): Promise<Manifest> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > MANIFEST_BYTES) throw foreign('its description is too long')
    chunks.push(chunk)
  }
  const parsed = Manifest.safeParse(parseOrNothing(Buffer.concat(chunks).toString()))
  if (!parsed.success) throw foreign('its description cannot be read')
  const unknown = parsed.data.migrations.filter((name) => !MIGRATION_NAMES.includes(name))
  if (unknown.length > 0) throw foreign(`a newer Stead has written it (${unknown.join(', ')})`)
  return parsed.data
}

/** The number of lines. */
async function writeAside(bytes: AsyncIterable<Uint8Array>, path: string): Promise<number> {
  let lines = 0
  await pipeline(
    bytes,
    async function* count(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        for (const byte of chunk) if (byte === 0x0a) lines += 1
        yield chunk
      }
    },
    createWriteStream(path),
  )
  return lines
}

function checkWhole({ manifest, tables, digests }: ReadSoFar): { manifest: Manifest; digests: ReadonlySet<Digest> } {
  if (manifest === undefined) throw foreign('it is empty')
  for (const table of TABLES) {
    if (!knew(manifest, table) && tables.get(table) === undefined && manifest.tables[table] === undefined) continue
    if (tables.get(table) === undefined || tables.get(table) !== manifest.tables[table])
      throw foreign(`its table "${table}" is not whole`)
  }
  if (digests.size !== manifest.artifacts)
    throw foreign(`${manifest.artifacts} artifacts were announced, ${digests.size} are there`)
  return { manifest, digests }
}

async function checkArtifacts(
  store: Pick<ArtifactStore, 'stat'>,
  aside: string,
  received: ReadonlySet<Digest>,
): Promise<void> {
  for await (const line of createInterface({ input: createReadStream(join(aside, 'artifacts')) })) {
    const row = ArtifactRow.safeParse(parseOrNothing(line))
    if (!row.success) throw foreign('its table "artifacts" cannot be read')
    if (!received.has(row.data.digest) && !(await store.stat(row.data.digest)))
      throw foreign(`the artifact ${row.data.digest} is missing`)
  }
}

async function putInPlace(
  { kysely, onReplaced }: RestoreParts,
  manifest: Manifest,
  aside: string,
  replace: boolean,
): Promise<Event> {
  const keepsPeople = !(await hasOwner(join(aside, 'people')))
  return kysely.transaction().execute(async (transaction) => {
    await sql`set local statement_timeout = 0`.execute(transaction)
    // The log and the events have locks of their own, which writers take after those of their rows, as here.
    const locked = TABLES.filter((table) => table !== 'audit' && table !== 'events')
    await sql`lock table ${sql.join(locked.map((table) => sql.table(table)))} in exclusive mode`.execute(transaction)
    await holdLog(transaction)
    await holdEvents(transaction)
    if (!replace) await refuseFullHome(transaction)
    await emptyTables(transaction, keepsPeople)
    await layAuditAside(transaction)
    for (const table of TABLES) {
      if (!knew(manifest, table)) continue
      await insertRows(transaction, table === 'audit' ? RESTORED_AUDIT : table, join(aside, table))
    }
    // Never back: who follows the events goes on from the number it has seen last.
    await sql`select setval('events_sequence_seq', greatest(
      (select last_value from events_sequence_seq), (select coalesce(max(sequence), 1) from events)))`.execute(
      transaction,
    )
    for (const table of NUMBERED) {
      await sql`select setval(pg_get_serial_sequence(${table}, 'id'), greatest(
        (select coalesce(max(id), 1) from ${sql.table(table)}), 1))`.execute(transaction)
    }
    const own = await transaction.selectFrom('projects').select('id').where('id', '=', 'default').executeTakeFirst()
    if (!own) throw foreign('the default project is missing')
    const replaced = await mergeAudit(transaction)
    const event = await recordRestore(transaction, manifest, replaced)
    await onReplaced(replaced.map(({ chain }) => chain))
    return event
  })
}

/** Tables whose rows the database numbers. */
const NUMBERED = ['experiments', 'runs', 'datasets', 'logged_models', 'traces'] as const

/** An archive of an installation that nobody owned must not open one that somebody does: its people stay then. */
async function hasOwner(people: string): Promise<boolean> {
  if (!existsSync(people)) return false
  for await (const line of createInterface({ input: createReadStream(people) })) {
    if (OwnerRow.safeParse(parseOrNothing(line)).success) return true
  }
  return false
}

async function emptyTables(transaction: Transaction<Tables>, keepsPeople: boolean): Promise<void> {
  for (const table of TABLES.toReversed()) {
    if (table === 'audit') continue
    if (keepsPeople && (table === 'people' || table === 'sessions')) continue
    if (keepsPeople && table === 'tokens')
      await transaction.deleteFrom('tokens').where('kind', '<>', 'person').execute()
    else await sql`delete from ${sql.table(table)}`.execute(transaction)
  }
}

async function recordRestore(
  transaction: Transaction<Tables>,
  { takenAt, tables, artifacts }: Manifest,
  replaced: readonly ReplacedChain[],
): Promise<Event> {
  const what = { act: 'installation.restored', subject: 'installation' }
  const after = { takenAt, tables, artifacts }
  await appendAudit(transaction, { ...what, projectId: null, before: { replaced }, after })
  const { actor } = authorNow()
  return appendEvent(transaction, { projectId: 'default', kind: what.act, subject: what.subject, actor })
}

async function insertRows(transaction: Transaction<Tables>, table: string, path: string): Promise<void> {
  let batch: string[] = []
  const insert = async () => {
    const rows = `[${batch.join(',')}]`
    batch = []
    await sql`insert into ${sql.table(table)}
      select * from jsonb_populate_recordset(null::${sql.table(table)}, ${withLaterColumns(table, rows)})`.execute(
      transaction,
    )
  }
  for await (const line of createInterface({ input: createReadStream(path) })) {
    batch.push(line)
    if (batch.length === BATCH) await insert()
  }
  if (batch.length > 0) await insert()
}

/** Of columns that came after an archive was made, as the migration filled them. */
function withLaterColumns(table: string, rows: string) {
  const later =
    table === 'models'
      ? sql`jsonb_build_object('user_name', '', 'updated_at', row -> 'created_at')`
      : table === 'versions'
        ? sql`jsonb_build_object('source', '', 'run_link', '', 'user_name', '', 'stage', 'None', 'status', 'READY',
            'updated_at', row -> 'created_at')`
        : undefined
  if (later === undefined) return sql`${rows}::jsonb`
  return sql`(select coalesce(jsonb_agg(${later} || row), '[]'::jsonb) from jsonb_array_elements(${rows}::jsonb) as list(row))`
}

async function refuseFullHome(kysely: Kysely<Tables>): Promise<void> {
  const model = await kysely.selectFrom('models').select('id').limit(1).executeTakeFirst()
  const deployment = await kysely.selectFrom('deployments').select('id').limit(1).executeTakeFirst()
  if (model || deployment) throw new SteadError('home_not_empty')
}

const foreign = (why: string, cause?: unknown) =>
  new SteadError('invalid_request', `this is not a whole Stead backup: ${why}; nothing was changed`, {
    where: 'body',
    cause,
  })

const asForeign = (error: unknown) => foreign(error instanceof Error ? error.message : String(error), error)

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Rows that the database refuses (not JSON, not of the table, referring to nothing) are the archive's fault. */
function asExpected(error: unknown): unknown {
  const failure = sqlFailure(error)
  if (failure && /^2[23]/.test(failure.code)) return foreign(failure.message, error)
  const full = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
  return full ? new SteadError('storage_full', undefined, { cause: error }) : error
}
