import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { openDatabase } from './database.ts'
import { MIGRATIONS, migrate } from './migrate.ts'

const NAME = 'database-template-'
const FORGOTTEN_MS = 30 * 86_400_000
/** What CREATE DATABASE would copy, which nobody calls: half of the files, and so half of the time that copying takes. */
const SLIMMING = [
  'update pg_database set datistemplate = false',
  'drop database template0',
  'drop database template1',
] as const

/** A migrated, empty database that is kept in `cache` to be copied; the first caller of a version of Stead creates it. */
export async function findTemplate(cache: string): Promise<string> {
  const place = join(cache, NAME + (await identity()))
  const now = new Date()
  // It is forgotten by the time of its last use.
  const isThere = await utimes(place, now, now).then(
    () => true,
    () => false,
  )
  if (!isThere) await makeTemplate(cache, place)
  return place
}

/** Made aside and renamed when whole: whoever finds it finds all of it. */
async function makeTemplate(cache: string, place: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const home = await mkdtemp(join(cache, 'making-'))
  try {
    const database = await openDatabase({ kind: 'embedded', home })
    try {
      await migrate(database.kysely)
      for (const statement of SLIMMING) await sql.raw(statement).execute(database.kysely)
    } finally {
      await database.close()
    }
    await rename(join(home, 'database'), place).catch(async (error: unknown) => {
      // Somebody else was faster, and has made the same.
      await stat(place).catch(() => Promise.reject(error))
    })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
  await forgetOthers(cache)
}

async function forgetOthers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(NAME) && !name.startsWith('making-')) continue
    const place = join(cache, name)
    const { mtimeMs } = await stat(place).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs > FORGOTTEN_MS) await rm(place, { recursive: true, force: true })
  }
}

/** Another schema or another PGlite is another template. */
async function identity(): Promise<string> {
  const pglite = fileURLToPath(new URL('../package.json', import.meta.resolve('@electric-sql/pglite')))
  const { version } = JSON.parse(await readFile(pglite, 'utf8')) as { version: string }
  return createHash('sha256')
    .update(JSON.stringify([MIGRATIONS, SLIMMING, version]))
    .digest('hex')
    .slice(0, 16)
}
