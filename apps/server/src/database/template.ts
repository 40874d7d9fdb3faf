import { createHash } from 'node:crypto'
import { cpSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openDatabase } from './database.ts'
import { MIGRATIONS, migrate } from './migrate.ts'

const NAME = 'database-template-'
const FORGOTTEN_MS = 30 * 86_400_000

/** Lays a migrated, empty database into a new home by copying one that is kept in `cache`, which takes a tenth of a second
 *  where creating takes several; the first caller of a version of Stead creates it. */
export async function layTemplate(home: string, cache: string): Promise<void> {
  const template = await findTemplate(cache)
  // Of a thousand small files: at once that is a tenth of the work, and nobody is served yet.
  cpSync(template, join(home, 'database'), { recursive: true })
}

async function findTemplate(cache: string): Promise<string> {
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
    await migrate(database.kysely).finally(() => database.close())
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
    .update(JSON.stringify([MIGRATIONS, version]))
    .digest('hex')
    .slice(0, 16)
}
