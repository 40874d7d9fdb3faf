import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../apps/server/src/database/database.ts'
import { migrate } from '../../apps/server/src/database/migrate.ts'
import { layDatabase } from '../laws/template.ts'
import { describeConsole, sidewaysOf, violationsOf } from './stage.ts'

const home = await mkdtemp(join(tmpdir(), 'stead-garbage-'))
const COUNT = 450
beforeAll(async () => {
  await layDatabase(home)
  const database = await openDatabase({ kind: 'embedded', home }, { onSlow: () => {} })
  await migrate(database.kysely)
  // Nothing goes that is younger than an hour, which no test waits for.
  await sql`insert into artifacts (project_id, digest, size, created_at)
    select 'default', 'sha256:' || encode(sha256(n::text::bytea), 'hex'), 1000, now() - interval '2 hours'
    from generate_series(1, ${sql.lit(COUNT)}) n`.execute(database.kysely)
  await database.close()
})
afterAll(() => rm(home, { recursive: true, force: true }))

describeConsole(
  'what is left over',
  (stage) => {
    test('is told before it is collected, and is gone after', async () => {
      const { page, complaints, leave } = await stage().browser.person({ width: 390 })
      await page.goto(stage().at('/p/default/experiments?show=deleted'))
      await page.getByText(`0 files and ${COUNT} artifacts can go: 450 kB become free.`).waitFor()
      await page.goto(stage().at('/platform'))
      const left = page.getByRole('region', { name: 'Left over' })
      await left.getByText(`0 files and ${COUNT} artifacts can go: 450 kB become free.`).waitFor()
      expect([await sidewaysOf(page), await violationsOf(page)]).toEqual([0, []])
      await left.getByRole('button', { name: 'Collect' }).click()
      await left.getByText(`0 files and ${COUNT} artifacts are gone, 450 kB are free.`).waitFor()
      await left.getByText('Nothing is left over.').first().waitFor()
      expect(complaints).toEqual([])
      await leave()
    })
  },
  { home },
)
