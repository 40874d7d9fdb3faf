import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { leaveOut } from '../../../../../dev/services/left-out.ts'
import { mountTinyDisk } from '../../../../../dev/services/tiny-disk.ts'
import { digestOf } from '../../scratch-server.fixture.ts'
import { fileUploads } from './uploads.files.ts'

let home: string
beforeEach(async () => void (home = await mkdtemp(join(tmpdir(), 'stead-parts-'))))
afterEach(() => rm(home, { recursive: true, force: true }))
const key = { projectId: 'default', digest: digestOf('hello') }

test('what came before the bytes failed stays, and is what comes back', async () => {
  const store = fileUploads(home)
  await store.begin(key, 5)
  async function* failing() {
    yield Buffer.from('he')
    yield Buffer.from('ll')
    throw new Error('cut')
  }
  await expect(store.append(key, failing())).rejects.toThrow('cut')
  expect(await store.find(key)).toMatchObject({ size: 5, received: 4 })
  await store.append(key, Readable.from([Buffer.from('o')]))
  expect((await buffer(await store.open(key))).toString()).toBe('hello')
})

test('nothing can be appended to what was never begun, and looking for it makes nothing', async () => {
  const store = fileUploads(home)
  await expect(store.append(key, Readable.from([Buffer.from('o')]))).rejects.toThrow('no upload')
  await store.touch(key)
  expect(await store.remove(key)).toBe(false)
  expect(await store.find(key)).toBeUndefined()
  expect(await Array.fromAsync(store.list())).toEqual([])
})

test('files of others are no uploads, and no id of a project leads out of the folder', async () => {
  const store = fileUploads(home)
  await mkdir(join(home, 'uploads', 'default'), { recursive: true })
  await writeFile(join(home, 'uploads', 'notes.txt'), '')
  await writeFile(join(home, 'uploads', 'default', `${key.digest.slice(7)}.part`), '')
  expect(await Array.fromAsync(store.list())).toEqual([])
  expect(await store.find(key)).toBeUndefined()
  for (const projectId of ['..', '../../outside', '', 'a/b']) {
    await expect(store.begin({ ...key, projectId }, 5)).rejects.toThrow('no id of a project')
  }
})

test('a disk that fills up is told as such, and keeps what found room', async (context) => {
  const disk = await mountTinyDisk()
  if ('missing' in disk) {
    leaveOut('uploads on a full disk', disk.missing)
    return context.skip()
  }
  try {
    const store = fileUploads(disk.path)
    await store.begin(key, 2 ** 24)
    const sixteen = Readable.from(Array.from({ length: 16 }, () => Buffer.alloc(2 ** 20)))
    await expect(store.append(key, sixteen)).rejects.toMatchObject({ code: 'storage_full' })
    const found = await store.find(key)
    expect(found?.received).toBeGreaterThan(2 ** 22)
    expect(found?.received).toBeLessThan(2 ** 24)
  } finally {
    await disk.remove()
  }
})
