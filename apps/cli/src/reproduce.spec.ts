import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVersion, ModelName, ProjectName, setAlias } from '@stead/contracts'
import { createTracking } from '@stead/sdk/tracking'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pushVersion, type ScratchServer, SUMS, startScratchServer } from '../../server/src/scratch-server.fixture.ts'
import { stead } from './fake-terminal.fixture.ts'

const project = ProjectName.parse('default')
let server: ScratchServer
let folder = ''
let id = ''
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-C', folder, ...args], { encoding: 'utf8' })
const write = (path: string, text: string) => writeFile(join(folder, path), text)

beforeAll(async () => {
  server = await startScratchServer()
  folder = await mkdtemp(join(tmpdir(), 'stead-reproduce-'))
  git('init', '-q')
  await write('train.js', '1\n')
  await write('package-lock.json', '{"packages":{"node_modules/a":{"version":"1.0.0"}}}')
  await write('.gitignore', 'data.csv\n')
  git('add', '.')
  git('commit', '-q', '-m', 'first')
  await write('data.csv', 'a,b\n')
  await write('train.js', '2\n')
  const tracking = createTracking(server.client, { folder, everyMs: 5 })
  const run = await tracking.startRun({ name: 'made-it' })
  await run.dataset({ name: 'train', path: join(folder, 'data.csv'), source: '{"uri":"data.csv"}' })
  await run.end()
  id = run.id
  const model = ModelName.parse('weather')
  const { files } = await pushVersion(server.client, 'weather', 'export const predict = () => ({})')
  await server.client.call(createVersion, {
    params: { project, model },
    body: {
      files: files.map(({ path, digest }) => ({ path, digest })),
      runtime: 'javascript',
      signature: SUMS,
      provenance: { sourceRun: id },
    },
  })
  await server.client.call(setAlias, {
    params: { project, model, alias: 'champion' as never },
    body: { version: 2 as never },
  })
})
afterAll(async () => {
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

const run = (version: string, ...more: string[]) =>
  stead(['reproduce', version, '--in', folder, ...more], { env: { STEAD_URL: server.url } })

test('a working copy that is just what made a version is told so', async () => {
  for (const version of ['weather:2', 'weather@champion']) {
    const { code, stdout, stderr } = await run(version)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const what of ['commit', 'difference', 'node', 'packages', 'data train'])
      expect(stdout).toMatch(new RegExp(`^✓ +${what} `, 'm'))
  }
})

test('each thing that differs is named, with how to get it back, and the code is 1', async () => {
  await write('train.js', '3\n')
  await write('data.csv', 'a,c\n')
  git('commit', '-q', '-a', '-m', 'second')
  await write('package-lock.json', '{}')
  const { code, stdout, stderr } = await run('weather:2')
  expect(code).toBe(1)
  for (const what of ['commit', 'packages', 'data train']) expect(stdout).toMatch(new RegExp(`^✗ +${what} `, 'm'))
  expect(stdout).toMatch(/^✓ +node /m)
  expect(stderr).toContain('git checkout ')
  expect(stderr).toContain(`stead runs download ${id} git/uncommitted.diff`)
  const told = await run('weather:2', '--json')
  expect(JSON.parse(told.stdout.split('\n')[0] ?? '')).toMatchObject({ matches: false, run: id })
})

test('a run alone is compared the same way, and what is not known is no difference', async () => {
  expect((await run(id, '--run')).code).toBe(1)
  const bare = await mkdtemp(join(tmpdir(), 'stead-bare-'))
  const { stdout } = await stead(['reproduce', id, '--run', '--in', bare], { env: { STEAD_URL: server.url } })
  expect(stdout).toMatch(/^· +commit /m)
  await rm(bare, { recursive: true })
})

test('a version that says of no run cannot be compared', async () => {
  expect((await run('weather:1')).stderr).toContain('does not say which run made it')
  expect((await run('weather')).code).toBe(2)
})
