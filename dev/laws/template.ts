import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../apps/server/src/database/database.ts'
import { migrate } from '../../apps/server/src/database/migrate.ts'

/** Lays a migrated, empty database into a new home: making one takes seconds, copying one does not. */
export async function layDatabase(home: string): Promise<void> {
  await cp(await template(), join(home, 'database'), { recursive: true })
}

/** Made once for each state of the schema and of the database program, and kept for later runs. */
async function template(): Promise<string> {
  const key = createHash('sha256')
  for (const source of [
    '../../apps/server/src/database/schema.sql',
    '../../node_modules/@electric-sql/pglite/package.json',
  ]) {
    key.update(await readFile(new URL(source, import.meta.url)))
  }
  const place = join(tmpdir(), `stead-database-${key.digest('hex').slice(0, 16)}`)
  if (await exists(place)) return place
  const home = await mkdtemp(join(tmpdir(), 'stead-template-'))
  try {
    const database = await openDatabase({ kind: 'embedded', home })
    await migrate(database.kysely)
    await database.close()
    // Whoever was faster has made the same.
    await rename(join(home, 'database'), place).catch(async (error: unknown) => {
      if (!(await exists(place))) throw error
    })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
  return place
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
