import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Digest, FilePath, ProjectName, type VersionFile } from '@stead/contracts'
import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Tables } from '../../database/tables.ts'
import { describeOnDatabases } from '../../database/scratch.fixture.ts'
import { sqlFileStore } from '../files/files.sql.ts'
import { createFiles, type Files } from '../files/files.ts'
import { sqlProjectStore } from '../projects/projects.sql.ts'
import { createProjects } from '../projects/projects.ts'
import { openFileArtifacts } from './artifacts.files.ts'
import { sqlArtifactOwners } from './artifacts.sql.ts'
import { digestOf } from './artifacts.store.fixture.ts'
import type { ArtifactStore } from './artifacts.store.ts'
import { type Artifacts, createArtifacts } from './artifacts.ts'
import { sqlGarbageStore } from './garbage.sql.ts'
import { createGarbage, type Garbage } from './garbage.ts'
import { createKeeping, type Keeping } from './keeping.ts'

const DEFAULT = ProjectName.parse('default')
const OTHER = ProjectName.parse('other')
const GONE = 'f'.repeat(32)
const HERE = 'a'.repeat(32)
const at = (path: string) => FilePath.parse(path)
const of = (text: string) => Readable.from([Buffer.from(text)])
const digest = (text: string) => digestOf(Buffer.from(text))

describeOnDatabases('collecting garbage', (databases) => {
  let home: string
  let store: ArtifactStore
  let kysely: Kysely<Tables>
  let keeping: Keeping
  let files: Files
  let artifacts: Artifacts
  let garbage: Garbage
  let now: Date

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'stead-garbage-'))
    store = await openFileArtifacts({ home })
    ;({ kysely } = await databases.open())
    keeping = createKeeping()
    const projects = createProjects(sqlProjectStore(kysely), () => {})
    await kysely.insertInto('projects').values({ id: 'other', name: 'other' }).execute()
    files = createFiles({ rows: sqlFileStore(kysely), store, keeping, projects, limit: 1e9 })
    artifacts = createArtifacts(store, sqlArtifactOwners(kysely), projects, 1e9, keeping)
    now = new Date()
    garbage = createGarbage({ rows: sqlGarbageStore(kysely), store, keeping, clock: { now: () => now } })
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  const put = (path: string, text: string, project = DEFAULT) => files.put(project, at(path), of(text), undefined)
  const later = () => (now = new Date(Date.now() + 2 * 3_600_000))
  const stored = async () => (await Array.fromAsync(store.list())).map((one) => one.digest).toSorted()
  const digests = (...texts: string[]) => texts.map(digest).toSorted()

  test('what nothing names goes after an hour, bytes and all; what is named stays, and so does what others have', async () => {
    await put('a', 'first')
    await put('a', 'second')
    await put('b', 'shared')
    await put('b', 'third')
    await put('x', 'shared', OTHER)
    expect(await garbage.collect('default')).toEqual({ files: 0, artifacts: 0, bytes: 0, next: null })
    later()
    expect(await garbage.collect('default')).toEqual({ files: 0, artifacts: 2, bytes: 5, next: null })
    expect(await stored()).toEqual(digests('second', 'shared', 'third'))
    expect(await garbage.collect('default')).toEqual({ files: 0, artifacts: 0, bytes: 0, next: null })
    const entries = await kysely.selectFrom('audit').select('act').where('act', '=', 'artifact.collected').execute()
    expect(entries).toHaveLength(1)
    await put('a', 'first')
    expect((await buffer((await files.open(DEFAULT, at('a'))).stream)).toString()).toBe('first')
  })

  test('what would go is told before, to the byte: with files of runs that are gone, but not what others still name', async () => {
    const nothing = { files: 0, artifacts: 0, bytes: 0 }
    await put(`0/${GONE}/artifacts/own.bin`, 'own of the run')
    await put(`0/${GONE}/artifacts/twice.bin`, 'own of the run')
    await put(`0/${GONE}/artifacts/kept.bin`, 'kept elsewhere')
    await put('kept.bin', 'kept elsewhere')
    await put(`0/${GONE}/artifacts/shared.bin`, 'shared')
    await put('x', 'shared', OTHER)
    await put('a', 'first')
    await put('a', 'second')
    expect(await garbage.find('default')).toEqual(nothing)
    later()
    const found = await garbage.find('default')
    expect(found).toEqual({ files: 4, artifacts: 3, bytes: 'own of the run'.length + 'first'.length })
    expect(await garbage.collect('default')).toEqual({ ...found, next: null })
    expect(await garbage.find('default')).toEqual(nothing)
  })

  test('a collection that pauses is gone on with where it was', async () => {
    await put(`0/${GONE}/artifacts/own.bin`, 'own of the run')
    later()
    const first = await garbage.collect('default', { forMs: 0 })
    expect(first).toEqual({ files: 1, artifacts: 0, bytes: 0, next: 'artifacts:' })
    const second = await garbage.collect('default', { forMs: 0, after: first.next! })
    expect(second).toEqual({ files: 0, artifacts: 1, bytes: 14, next: null })
  })

  test('a file of a version is named by it', async () => {
    const bytes = Buffer.from('weights')
    await artifacts.put(DEFAULT, digest('weights'), Readable.from([bytes]), 7)
    await artifacts.put(DEFAULT, digest('unused'), of('unused'), 6)
    const version: VersionFile[] = [{ path: 'index.mjs' as VersionFile['path'], digest: digest('weights'), size: 7 }]
    await sql`insert into models (id, project_id, name) values ('m', 'default', 'm')`.execute(kysely)
    await sql`insert into versions (id, model_id, project_id, number, digest, runtime, signature, files, size, provenance)
      values ('v', 'm', 'default', 1, ${digest('weights')}, 'javascript', '{}', ${version}, 7, '{}')`.execute(kysely)
    later()
    expect(await garbage.collect('default')).toMatchObject({ artifacts: 1, bytes: 6 })
    expect(await stored()).toEqual(digests('weights'))
  })

  test('files of runs and logged models that are gone go with them', async () => {
    await sql`insert into experiments (project_id, number, name, artifact_location) values ('default', 1, 'e', '')`.execute(
      kysely,
    )
    await sql`insert into runs (project_id, experiment_id, run_id, artifact_uri) select 'default', id, ${HERE}, '' from experiments`.execute(
      kysely,
    )
    const kept = [`1/${HERE}/artifacts/x`, `1/${HERE}/artifacts/models/m-${GONE}/artifacts/x`, 'own/place', `${GONE}/x`]
    const gone = [`1/${GONE}/artifacts/x`, `1/${GONE}/artifacts/y/z`, `deep/er/models/m-${GONE}/artifacts/x`]
    for (const path of [...kept, ...gone]) await put(path, path)
    expect(await garbage.collect('default')).toMatchObject({ files: 0 })
    later()
    expect(await garbage.collect('default')).toMatchObject({ files: 3, artifacts: 3 })
    const left = await kysely.selectFrom('files').select('path').execute()
    expect(left.map(({ path }) => path).toSorted()).toEqual(kept.toSorted())
    expect(await stored()).toEqual(digests(...kept))
  })

  test('bytes that a crash left without a row are swept away, but not those on their way to one', async () => {
    await store.put(digest('orphan'), of('orphan'), { limit: 100 })
    await put('a', 'named')
    await keeping.during(async (keep) => {
      await keep(digest('arriving'))
      await store.put(digest('arriving'), of('arriving'), { limit: 100 })
      expect(await garbage.sweep()).toEqual({ artifacts: 1, bytes: 6 })
    })
    expect(await stored()).toEqual(digests('arriving', 'named'))
    expect(await keeping.everything(() => garbage.sweep())).toEqual({ artifacts: 0, bytes: 0 })
    expect(await garbage.sweep()).toEqual({ artifacts: 1, bytes: 8 })
  })

  test('a backup or restore under way loses no bytes', async () => {
    await put('a', 'before')
    await put('a', 'after')
    later()
    await keeping.everything(async () => {
      expect(await garbage.collect('default')).toEqual({ files: 0, artifacts: 1, bytes: 0, next: null })
      expect(await stored()).toEqual(digests('after', 'before'))
    })
    expect(await garbage.sweep()).toEqual({ artifacts: 1, bytes: 6 })
  })

  test('whatever is put, removed and collected side by side, every file that there is has its bytes', async () => {
    const text = fc.constantFrom('one', 'two', 'three')
    const step = fc.oneof(
      fc.record({ does: fc.constant('put' as const), path: fc.constantFrom('a', 'b'), text }),
      fc.record({ does: fc.constant('own' as const), text }),
      fc.record({ does: fc.constant('remove' as const), path: fc.constantFrom('a', 'b') }),
      fc.record({ does: fc.constantFrom('collect' as const, 'sweep' as const) }),
    )
    // Every artifact counts as old at once: only what holds it at that moment keeps it.
    now = new Date(Date.now() + 2 * 3_600_000)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 5 }), { minLength: 2, maxLength: 4 }), async (lines) => {
        const run = async (steps: (typeof lines)[number]) => {
          for (const did of steps) {
            if (did.does === 'put') await put(did.path, did.text)
            else if (did.does === 'own') await artifacts.put(DEFAULT, digest(did.text), of(did.text), undefined)
            else if (did.does === 'remove') await files.remove(DEFAULT, at(did.path))
            else if (did.does === 'collect') await garbage.collect('default')
            else await garbage.sweep()
          }
        }
        await Promise.all(lines.map(run))
        for (const { path, digest: named } of await kysely.selectFrom('files').selectAll().execute()) {
          expect(await store.stat(named as Digest), path).toBeDefined()
        }
        for (const { digest: owned } of await kysely.selectFrom('artifacts').selectAll().execute()) {
          expect(await store.stat(owned as Digest)).toBeDefined()
        }
      }),
      { numRuns: 40 },
    )
  })
})
