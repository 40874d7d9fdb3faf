import { FilePath, FolderPath } from '@stead/contracts'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { digestOf } from '../../scratch-server.fixture.ts'
import { sqlFileStore } from './files.sql.ts'
import type { Entry } from './files.store.ts'

const at = (path: string) => FilePath.parse(path)
const folder = (path: string) => FolderPath.parse(path)
const DEFAULT = 'default'
const file = (path: string, text = path) => ({ path: at(path), digest: digestOf(text), size: text.length })
const shown = (entries: readonly Entry[]) =>
  entries.map((entry) => (entry.is === 'folder' ? `${entry.path}/` : entry.path))

describeOnDatabases('trees of files', (databases) => {
  const open = async () => {
    const { kysely } = await databases.open()
    return { kysely, rows: sqlFileStore(kysely) }
  }

  test('a file that is put is found, owned by the project, and recorded; the same once more is nothing new', async () => {
    const { kysely, rows } = await open()
    await rows.put(DEFAULT, file('a/b.txt', 'one'))
    expect(await rows.find(DEFAULT, at('a/b.txt'))).toMatchObject({ digest: digestOf('one'), size: 3 })
    expect(await rows.find('other', at('a/b.txt'))).toBeUndefined()
    await rows.put(DEFAULT, file('a/b.txt', 'one'))
    await rows.put(DEFAULT, file('a/b.txt', 'two!'))
    const owned = await kysely.selectFrom('artifacts').select('digest').execute()
    expect(owned.map(({ digest }) => digest).toSorted()).toEqual([digestOf('one'), digestOf('two!')].toSorted())
    const entries = await kysely.selectFrom('audit').select(['act', 'subject']).orderBy('sequence').execute()
    expect(entries).toEqual([
      { act: 'file.stored', subject: 'a/b.txt' },
      { act: 'file.stored', subject: 'a/b.txt' },
    ])
  })

  test('a path is a file or a folder', async () => {
    const { rows } = await open()
    await rows.put(DEFAULT, file('a/b/c'))
    expect(await rows.put(DEFAULT, file('a/b'))).toEqual({ obstacle: 'a/b' })
    expect(await rows.put(DEFAULT, file('a'))).toEqual({ obstacle: 'a' })
    expect(await rows.put(DEFAULT, file('a/b/c/d/e'))).toEqual({ obstacle: 'a/b/c' })
    expect(await rows.obstacle(DEFAULT, at('a/b'))).toBe('a/b')
    expect(await rows.obstacle(DEFAULT, at('a/b/c'))).toBeUndefined()
    expect(await rows.put(DEFAULT, file('a/bb'))).toMatchObject({ path: 'a/bb' })
  })

  test('a folder of ten thousand files is one entry; all of them are removed, copied and moved', async () => {
    const { kysely, rows } = await open()
    await sql`insert into artifacts (project_id, digest, size) values (${DEFAULT}, ${digestOf('x')}, 1)`.execute(kysely)
    await sql`insert into files (project_id, path, digest, size)
      select ${DEFAULT}, 'run/' || case when n % 2 = 0 then 'plots/' else 'data/' end || n, ${digestOf('x')}, 1
      from generate_series(1, 20000) as n`.execute(kysely)
    await rows.put(DEFAULT, file('run/plots.txt'))
    const entries = await rows.entries(DEFAULT, folder('run'), { limit: 100 })
    expect(shown(entries)).toEqual(['run/data/', 'run/plots.txt', 'run/plots/'])
    expect(await rows.remove(DEFAULT, at('run/plots'))).toBe(10_000)
    expect(await rows.copy(DEFAULT, folder('run/data'), folder('fork/data'))).toBe(10_000)
    expect(await rows.under(DEFAULT, folder('fork'), { limit: 20_000 })).toHaveLength(10_000)
    expect(await rows.move(DEFAULT, folder('fork'), folder('other'))).toBe(10_000)
    expect(await rows.entries(DEFAULT, folder(''), { limit: 10 })).toMatchObject([
      { is: 'folder', path: 'other' },
      { is: 'folder', path: 'run' },
    ])
  })

  const segment = fc.constantFrom('a', 'b', 'a.b', 'a-', 'aé', '😀', 'b c', 'a%20', "o'k", '_', '0')
  const path = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ does: fc.constant('put' as const), path, text: fc.constantFrom('x', 'yy') }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('remove' as const), path }) },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant('copy' as const), path, to: fc.constantFrom('to', 'to/😀') }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant('move' as const), path, to: fc.constantFrom('to', 'to/😀') }),
    },
  )
  const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other))

  test('whatever is put, removed, copied and moved, the tree is that of a simple map, however it is paged', async () => {
    const { kysely, rows } = await open()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), async (steps, limit) => {
        await kysely.deleteFrom('files').execute()
        const model = new Map<string, string>()
        const isIn = (top: string, one: string) => one.startsWith(`${top}/`)
        for (const did of steps) {
          if (did.does === 'put') {
            const blocked = [...model.keys()].some((key) => isIn(did.path, key) || isIn(key, did.path))
            const put = await rows.put(DEFAULT, file(did.path, did.text))
            expect('obstacle' in put).toBe(blocked)
            if (!blocked) model.set(did.path, did.text)
          } else if (did.does === 'remove') {
            const gone = [...model.keys()].filter((key) => key === did.path || isIn(did.path, key))
            expect(await rows.remove(DEFAULT, at(did.path))).toBe(gone.length)
            gone.forEach((key) => model.delete(key))
          } else {
            const moved = [...model].filter(([key]) => isIn(did.path, key))
            const count = await rows[did.does](DEFAULT, folder(did.path), folder(did.to))
            expect(count).toBe(moved.length)
            for (const [key, text] of moved) {
              if (did.does === 'move') model.delete(key)
              model.set(`${did.to}${key.slice(did.path.length)}`, text)
            }
          }
        }
        for (const top of ['', 'a', 'to', 'a/b', 'to/😀']) {
          const base = top === '' ? '' : `${top}/`
          const expected = new Set(
            [...model.keys()]
              .filter((key) => key.startsWith(base))
              .map((key) => {
                const [head, ...rest] = key.slice(base.length).split('/')
                return `${base}${head}${rest.length > 0 ? '/' : ''}`
              }),
          )
          const found: string[] = []
          for (;;) {
            const page = shown(await rows.entries(DEFAULT, folder(top), { after: found.at(-1), limit }))
            found.push(...page)
            if (page.length < limit) break
          }
          expect(found).toEqual([...expected].toSorted(byBytes))
          const below: string[] = []
          for (;;) {
            const page = await rows.under(DEFAULT, folder(top), { after: below.at(-1), limit })
            below.push(...page.map((one) => one.path))
            if (page.length < limit) break
          }
          expect(below).toEqual([...model.keys()].filter((key) => key.startsWith(base)).toSorted(byBytes))
        }
        for (const [key, text] of model) expect((await rows.find(DEFAULT, at(key)))?.digest).toBe(digestOf(text))
      }),
      { numRuns: 40 },
    )
  })
})
