import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { FilePath, ProjectName } from '@stead/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOf } from '../../scratch-server.fixture.ts'
import { fileMultiparts } from './multiparts.files.ts'
import { createMultiparts } from './multiparts.ts'

let home: string
beforeEach(async () => void (home = await mkdtemp(join(tmpdir(), 'stead-multiparts-'))))
afterEach(() => rm(home, { recursive: true, force: true }))

const project = ProjectName.parse('default')
const path = FilePath.parse('1/run/artifacts/f')
const open = () => {
  const store = fileMultiparts(home)
  const puts: string[] = []
  const files = {
    async put(_project: ProjectName, at: FilePath, bytes: AsyncIterable<Uint8Array>) {
      const whole = await buffer(bytes)
      puts.push(whole.toString())
      return { path: at, digest: digestOf(whole), size: whole.length, updatedAt: '' }
    },
  }
  return {
    store,
    puts,
    multiparts: createMultiparts({ store, files, projects: { idOf: async (name) => name }, limit: 10 }),
  }
}
async function* of(text: string) {
  yield Buffer.from(text)
}

test('a part that is brought again takes the place of the first, and parts outlive the process', async () => {
  const before = open()
  const { id, secret } = await before.multiparts.begin(project, path)
  await before.multiparts.putPart({ id, number: 2, secret }, of('wrong'), 5)
  const two = await before.multiparts.putPart({ id, number: 2, secret }, of('two'), 3)
  const { multiparts, puts } = open()
  const one = await multiparts.putPart({ id, number: 1, secret }, of('one'), 3)
  const parts = [
    { number: 2, digest: two },
    { number: 1, digest: one },
  ]
  await multiparts.complete(project, path, id, parts)
  expect(puts).toEqual(['onetwo'])
  expect(await readdir(join(home, 'multiparts'))).toEqual([])
})

test('a part that breaks off, is too large, or comes from a stranger is none', async () => {
  const { multiparts, store } = open()
  const { id, secret } = await multiparts.begin(project, path)
  async function* broken() {
    yield Buffer.from('half')
    throw new Error('cut')
  }
  await expect(multiparts.putPart({ id, number: 1, secret }, broken(), undefined)).rejects.toThrow('cut')
  const tooMuch = multiparts.putPart({ id, number: 1, secret }, of('more than ten'), undefined)
  await expect(tooMuch).rejects.toMatchObject({ code: 'payload_too_large' })
  for (const part of [
    { id, number: 1, secret: 'guessed' },
    { id, number: 0, secret },
    { id, number: 10_001, secret },
    { id: '../../etc', number: 1, secret },
    { id: 'f'.repeat(32), number: 1, secret },
  ])
    await expect(multiparts.putPart(part, of('x'), 1)).rejects.toMatchObject({ code: 'upload_not_found' })
  expect((await store.parts(id)).size).toBe(0)
  await expect(multiparts.complete(project, path, id, [])).rejects.toMatchObject({ code: 'invalid_request' })
  const elsewhere = multiparts.complete(ProjectName.parse('other'), path, id, [])
  await expect(elsewhere).rejects.toMatchObject({ code: 'upload_not_found' })
})

test('what nobody has touched for long is removed, half begun or not', async () => {
  const { multiparts } = open()
  const old = await multiparts.begin(project, path)
  const young = await multiparts.begin(project, path)
  const ago = new Date(Date.now() - 86_400_000)
  await utimes(join(home, 'multiparts', old.id), ago, ago)
  await rm(join(home, 'multiparts', old.id, 'multipart.json'))
  await writeFile(join(home, 'multiparts', old.id, 'incoming'), '{')
  await utimes(join(home, 'multiparts', old.id), ago, ago)
  await multiparts.forgetBefore(new Date(Date.now() - 3_600_000))
  expect(await readdir(join(home, 'multiparts'))).toEqual([young.id])
})
