import { mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { leaveOut } from '../../../../../dev/services/left-out.ts'
import { mountTinyDisk } from '../../../../../dev/services/tiny-disk.ts'
import { openFileArtifacts } from './artifacts.files.ts'
import { describeArtifactStore, digestOf, type StoreUnderTest } from './artifacts.store.fixture.ts'

const newHome = () => mkdtemp(join(tmpdir(), 'stead-artifacts-'))
const incoming = (home: string) => readdir(join(home, 'artifacts', 'incoming'))
const hello = Buffer.from('hello, artifact')
const limit = 2 ** 20

async function make(): Promise<StoreUnderTest> {
  const home = await newHome()
  return {
    store: await openFileArtifacts({ home }),
    leftovers: () => incoming(home),
    remove: () => rm(home, { recursive: true, force: true }),
  }
}

async function makeFull(): Promise<StoreUnderTest> {
  const disk = await mountTinyDisk()
  if ('missing' in disk) throw new Error(disk.missing)
  const store = await openFileArtifacts({ home: disk.path })
  return { store, leftovers: () => incoming(disk.path), remove: () => disk.remove() }
}

const disk = await mountTinyDisk()
if ('missing' in disk) leaveOut('artifacts in files on a full disk', disk.missing)
else await disk.remove()

describeArtifactStore('files', 'missing' in disk ? { make } : { make, makeFull })

describe('files', () => {
  test('a write that finds no room half-way is reported as a full disk and cleared away', async () => {
    const home = await newHome()
    let writes = 0
    const create = async (path: string) => {
      const file = await open(path, 'wx')
      const write = file.write.bind(file)
      const failing = (...given: Parameters<typeof write>) => {
        if (++writes > 2) return Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
        return write(...given)
      }
      return Object.assign(file, { write: failing })
    }
    const store = await openFileArtifacts({ home, create })
    const chunks = ['a', 'b', 'c', 'd'].map((letter) => Buffer.from(letter))
    const put = store.put(digestOf(Buffer.concat(chunks)), Readable.from(chunks), { limit })
    await expect(put).rejects.toMatchObject({ code: 'storage_full' })
    expect(writes).toBe(3)
    expect(await incoming(home)).toEqual([])
    await rm(home, { recursive: true, force: true })
  })

  test('a stored file can be read but not written, and lies where its digest says', async () => {
    const home = await newHome()
    const store = await openFileArtifacts({ home })
    const digest = digestOf(hello)
    await store.put(digest, Readable.from([hello]), { limit })
    const hex = digest.slice(7)
    const path = join(home, 'artifacts', 'sha256', hex.slice(0, 2), hex)
    expect(await store.grant(digest)).toEqual({ kind: 'path', path })
    expect((await stat(path)).mode & 0o777).toBe(0o444)
    await rm(home, { recursive: true, force: true })
  })

  test('what uploads left behind when the server died is cleared away at the next start, and nothing else', async () => {
    const home = await newHome()
    const before = await openFileArtifacts({ home })
    await before.put(digestOf(hello), Readable.from([hello]), { limit })
    await writeFile(join(home, 'artifacts', 'incoming', 'half'), 'hel')
    const store = await openFileArtifacts({ home })
    expect(await incoming(home)).toEqual([])
    expect(await store.stat(digestOf(hello))).toEqual({ size: 15 })
    await rm(home, { recursive: true, force: true })
  })

  test('files of others among the artifacts are not listed as such', async () => {
    const home = await newHome()
    const store = await openFileArtifacts({ home })
    await mkdir(join(home, 'artifacts', 'sha256', 'ab'), { recursive: true })
    await writeFile(join(home, 'artifacts', 'sha256', 'ab', 'notes.txt'), '')
    await writeFile(join(home, 'artifacts', 'sha256', '.DS_Store'), '')
    await writeFile(join(home, 'artifacts', 'sha256', 'ab', 'cd'.repeat(32)), '')
    expect(await Array.fromAsync(store.list())).toEqual([])
    await rm(home, { recursive: true, force: true })
  })
})
