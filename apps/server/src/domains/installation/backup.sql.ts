import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '@stead/chassis'
import { Digest } from '@stead/contracts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { type Pack, pack } from 'tar-stream'
import type { Tables } from '../../database/tables.ts'
import type { ArtifactStore } from '../artifacts/artifacts.store.ts'
import type { Keeping } from '../artifacts/keeping.ts'
import { appendAudit } from '../audit/audit.sql.ts'
import {
  artifactEntry,
  Manifest,
  MANIFEST_NAME,
  MIGRATION_NAMES,
  tableEntry,
  TABLES,
  type TableName,
} from './archive.sql.ts'
import { VERSION } from './installation.ts'

export interface BackupParts {
  readonly kysely: Kysely<Tables>
  readonly store: Pick<ArtifactStore, 'open'>
  readonly keeping: Pick<Keeping, 'everything'>
  /** Where tables are laid aside while they are sent. */
  readonly home: string
  readonly clock: Pick<Clock, 'now'>
  readonly onFailure: (error: unknown) => void
}

/** Rows fetched at once: memory stays small however long a table is. */
const PAGE = 500

/** A consistent archive of everything. All tables are first written aside from one transaction, so that the database
 *  never waits for whoever reads the archive. A failure on the way destroys the stream, whose end then is missing. */
export async function takeBackup(parts: BackupParts): Promise<Readable> {
  const aside = await mkdtemp(join(parts.home, 'backup-'))
  const letGo = await keepEverything(parts.keeping)
  const forgetAside = () => {
    letGo()
    return rm(aside, { recursive: true, force: true })
  }
  try {
    const manifest = await writeAside(parts, aside)
    const archive = pack()
    fill(archive, manifest, aside, parts.store)
      .catch((error: unknown) => {
        archive.destroy(error instanceof Error ? error : new Error(String(error)))
        parts.onFailure(error)
      })
      .finally(forgetAside)
      .catch(parts.onFailure)
    return Readable.from(archive)
  } catch (error) {
    await forgetAside()
    throw error
  }
}

/** The tables that are about to be read name artifacts that must last until they are sent. */
async function keepEverything(keeping: BackupParts['keeping']): Promise<() => void> {
  const { promise: ended, resolve: letGo } = Promise.withResolvers<void>()
  await new Promise<void>((begun) => {
    void keeping.everything(() => {
      begun()
      return ended
    })
  })
  return letGo
}

async function writeAside({ kysely, clock }: BackupParts, aside: string): Promise<Manifest> {
  const tables: Partial<Record<TableName, number>> = {}
  // Before anything is read: whoever has the archive has this entry in it.
  await kysely
    .transaction()
    .execute((transaction) =>
      appendAudit(transaction, { projectId: null, act: 'installation.backed-up', subject: 'installation' }),
    )
  const artifacts = await kysely
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      for (const table of TABLES) {
        const rows = sql`select row_to_json(t)::text as line from ${sql.table(table)} t`
        tables[table] = await writeLines(transaction, rows, join(aside, table))
      }
      return writeLines(transaction, sql`select distinct digest as line from artifacts`, join(aside, 'digests'))
    })
  return Manifest.parse({
    format: 'stead-backup',
    formatVersion: 1,
    stead: VERSION,
    takenAt: clock.now().toISOString(),
    migrations: MIGRATION_NAMES,
    tables,
    artifacts,
  })
}

/** The number of lines. */
async function writeLines(
  transaction: Transaction<Tables>,
  query: ReturnType<typeof sql>,
  path: string,
): Promise<number> {
  let count = 0
  await sql`declare lines no scroll cursor for ${query}`.execute(transaction)
  async function* pages() {
    for (;;) {
      const { rows } = await sql<{ line: string }>`fetch ${sql.lit(PAGE)} from lines`.execute(transaction)
      if (rows.length === 0) return
      count += rows.length
      yield rows.map(({ line }) => `${line}\n`).join('')
    }
  }
  await pipeline(pages, createWriteStream(path))
  await sql`close lines`.execute(transaction)
  return count
}

async function fill(
  archive: Pack,
  manifest: Manifest,
  aside: string,
  store: Pick<ArtifactStore, 'open'>,
): Promise<void> {
  const gone = new AbortController()
  archive.once('close', () => gone.abort(new Error('nobody reads the archive any more')))
  const add = (name: string, size: number, bytes: AsyncIterable<Uint8Array>) =>
    addEntry(archive, { name, size }, bytes, gone.signal)
  const text = Buffer.from(JSON.stringify(manifest, null, 2))
  await add(MANIFEST_NAME, text.length, Readable.from([text]))
  for (const table of TABLES) {
    const path = join(aside, table)
    await add(tableEntry(table), (await stat(path)).size, createReadStream(path))
  }
  for await (const line of createInterface({ input: createReadStream(join(aside, 'digests')) })) {
    const { stream, size } = await store.open(Digest.parse(line))
    await add(artifactEntry(line), size, stream)
  }
  archive.finalize()
}

/** Ends once the entry is within the archive; waits for the archive's reader meanwhile. */
async function addEntry(
  archive: Pack,
  header: { name: string; size: number },
  bytes: AsyncIterable<Uint8Array>,
  gone: AbortSignal,
): Promise<void> {
  const { promise: added, resolve, reject } = Promise.withResolvers<void>()
  const entry = archive.entry(header, (error) => (error ? reject(error) : resolve()))
  added.catch(() => {}) // heard below, if writing does not fail before
  for await (const chunk of bytes) {
    gone.throwIfAborted()
    if (!entry.write(chunk)) await once(entry, 'drain', { signal: gone })
  }
  entry.end(null)
  await added
}
