import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectFiles, digestOf } from './bundle.ts'

let root = ''
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'stead-bundle-'))))
afterAll(async () => rm(root, { recursive: true, force: true }))

async function folder(name: string, files: Record<string, string>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, name, path, '..'), { recursive: true })
    await writeFile(join(root, name, path), text)
  }
  return join(root, name)
}

describe('a bundle', () => {
  test('of one file has that file under its own name', async () => {
    const path = join(await folder('one', { 'model.onnx': 'abc' }), 'model.onnx')
    expect(await collectFiles(path)).toEqual([{ path: 'model.onnx', source: path, size: 3 }])
  })

  test('of a folder has its files sorted, without the hidden ones', async () => {
    const path = await folder('many', {
      'b.txt': '1',
      'a/z.txt': '22',
      '.hidden': '',
      '.git/config': '',
      'a/.env': 'secret',
      'a.txt': '',
    })
    expect((await collectFiles(path)).map((file) => file.path)).toEqual(['a.txt', 'a/z.txt', 'b.txt'])
  })

  test('refuses symbolic links, to files and to folders', async () => {
    const path = await folder('linked', { 'a.txt': '' })
    await symlink('/etc', join(path, 'elsewhere'))
    await expect(collectFiles(path)).rejects.toThrow('elsewhere is a symbolic link')
  })

  test('follows a link that the caller named himself', async () => {
    const path = await folder('named', { 'a.txt': 'abc' })
    await symlink(join(path, 'a.txt'), join(root, 'latest.txt'))
    expect((await collectFiles(join(root, 'latest.txt')))[0]).toMatchObject({ path: 'latest.txt', size: 3 })
  })

  test('refuses a folder with nothing to push, and a path that is not there', async () => {
    await expect(collectFiles(await folder('empty', { '.only-hidden': '' }))).rejects.toThrow('holds no file')
    await expect(collectFiles(join(root, 'absent'))).rejects.toThrow('there is no such file')
  })

  test('is known by the SHA-256 of each file, whatever its size', async () => {
    const path = await folder('hashed', { 'a.bin': '' })
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.constantFrom(1, 700), async (bytes, times) => {
        const content = Buffer.concat(Array.from({ length: times }, () => bytes))
        await writeFile(join(path, 'a.bin'), content)
        let told = 0
        const { digest, size } = await digestOf(join(path, 'a.bin'), (count) => void (told += count))
        expect(digest).toBe(`sha256:${createHash('sha256').update(content).digest('hex')}`)
        expect([size, told]).toEqual([content.length, content.length])
      }),
      { numRuns: 20 },
    )
  })
})
