import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTracking } from '@stead/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScratchServer, startScratchServer } from '../../server/src/scratch-server.fixture.ts'
import { stead } from './fake-terminal.fixture.ts'
import type { Typed } from './fake-terminal.fixture.ts'

let server: ScratchServer
let folder = ''
const ids: string[] = []
beforeAll(async () => {
  server = await startScratchServer()
  folder = await mkdtemp(join(tmpdir(), 'stead-runs-'))
  const tracking = createTracking(server.client, { experiment: 'demand', everyMs: 5 })
  for (const [name, auc] of [
    ['early', 0.5],
    ['late', 0.75],
  ] as const) {
    const run = await tracking.startRun({ name, tags: { team: name } })
    run.params({ rate: 0.1, note: 'a "quoted", text' })
    for (let step = 0; step < 3; step++)
      run.log({ auc: auc + step / 100 }, { step, timestamp: 1_700_000_000_000 + step })
    await run.file(new TextEncoder().encode(`of ${name}`), 'notes/a.txt')
    await run.end()
    ids.push(run.id)
  }
})
afterAll(async () => {
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

const run = (args: readonly string[], typed: Typed = {}) =>
  stead([...args], { env: { STEAD_URL: server.url }, ...typed })
/** What a test reads of an answer is said where it reads it. */
type Answer = Readonly<Record<string, unknown>>
const json = async (...args: string[]) => JSON.parse((await run([...args, '--json'])).stdout) as Answer

test('experiments are made, listed, renamed, deleted, restored and purged, by name or number', async () => {
  const made = await run(['experiments', 'create', 'solar', '--tag', 'team=a=b', '--description', 'of the sun'])
  expect(made.stdout).toMatch(/^experiment solar is created, as \d+\n$/)
  expect((await run(['experiments', 'create', 'solar'])).code).toBe(3)
  const id = /as (\d+)/.exec(made.stdout)?.[1] ?? ''
  expect((await run(['experiments', 'rename', id, 'sun'])).stdout).toBe('solar is now sun\n')
  const { stdout } = await run(['experiments'])
  expect(stdout).toMatch(/^ID +EXPERIMENT +RUNS +RUNNING +LAST RUN +CREATED$/m)
  expect(stdout).toMatch(/^\d+ +demand +2 +0 /m)
  expect((await run(['experiments', 'delete', 'sun'])).stdout).toContain(`stead experiments restore ${id}`)
  expect((await run(['experiments', '--search', 'sun'])).stderr).toBe('there is no such experiment\n')
  expect((await run(['experiments', '--deleted'])).stdout).toContain('sun')
  expect((await run(['experiments', 'restore', 'sun'])).stdout).toBe('sun is restored with its runs (0)\n')
  expect(await run(['experiments', 'purge', 'sun'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`stead experiments purge ${id} --yes`) as string,
  })
  expect((await run(['experiments', 'purge', 'sun'], { answer: 'no' })).stderr).toContain('nothing was purged')
  expect((await run(['experiments', 'purge', 'sun'], { answer: 'yes' })).stdout).toBe('sun is purged\n')
  expect((await run(['experiments', 'rename', 'sun', 'x'])).stderr).toContain('there is no experiment "sun"')
})

test('runs are found by expressions, sorted, and shown by the columns wanted', async () => {
  const { stdout } = await run([
    'runs',
    'demand',
    '--columns',
    'name,metrics.auc,params.rate',
    '--order',
    'metrics.auc desc',
  ])
  expect(stdout).toBe('NAME   metrics.auc  params.rate\nlate   0.77         0.1\nearly  0.52         0.1\n')
  expect((await json('runs', 'demand', '--filter', 'metrics.auc > 0.6')).runs).toMatchObject([{ name: 'late' }])
  expect((await run(['runs', '--limit', '1', '--order', 'metrics.auc desc'])).stdout).toMatch(
    /^ID .* metrics\.auc .*\n\S+ +late .*\n$/,
  )
  expect(await run(['runs', 'demand', '--filter', 'metrics.auc > 9'])).toMatchObject({
    code: 0,
    stderr: 'there is no such run\n',
  })
  expect((await run(['runs', 'demand', '--filter', 'nonsense !!'])).code).toBe(3)
  expect((await run(['runs', 'demand', '--columns', 'colour'])).stderr).toContain('Columns are metrics.NAME')
})

test('runs become a table for other programs', async () => {
  const { stdout } = await run(['runs', 'demand', '--csv', '--order', 'metrics.auc desc'])
  const [head, first] = stdout.split('\n')
  expect(head).toMatch(/^id,experiment,name,status,.*,metrics\.auc,params\.note,params\.rate,tags\./)
  expect(first).toContain('"a ""quoted"", text"')
})

test('a run is shown by its id, its beginning or its name', async () => {
  for (const given of [ids[0]!, ids[0]!.slice(0, 8), 'early']) {
    const { code, stdout } = await run(['runs', 'show', given])
    expect(code).toBe(0)
    expect(stdout).toContain(`early  ${ids[0]}\n`)
    expect(stdout).toMatch(/^ {2}auc +0\.52 +2$/m)
    expect(stdout).toMatch(/^ {2}rate +0\.1$/m)
  }
  expect((await run(['runs', 'show', 'nobody'])).stderr).toContain('there is no run "nobody"')
})

test('the way of a metric is told in steps', async () => {
  const { stdout } = await run(['runs', 'metrics', 'early', '--metric', 'auc', '--csv'])
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    'run,metric,step,time,value',
    `${ids[0]},auc,0,2023-11-14T22:13:20.000Z,0.5`,
    `${ids[0]},auc,1,2023-11-14T22:13:20.001Z,0.51`,
  ])
  expect((await json('runs', 'metrics', 'early', 'late')).series).toHaveLength(2)
})

test('a shell logs, tags, forks, moves, deletes, restores and purges', async () => {
  const path = join(folder, 'extra.txt')
  await writeFile(path, 'more')
  const [first = ''] = ids
  const logged = [
    'runs',
    'log',
    first,
    '--metric',
    'auc=0.9',
    '--metric',
    'odd=NaN',
    '--step',
    '9',
    '--param',
    'depth=3',
    '--file',
    path,
  ]
  expect(await run([...logged, '--under', 'notes', '--end', 'FINISHED'])).toMatchObject({ code: 0, stdout: 'logged\n' })
  expect((await run(['runs', 'log', first, '--metric', 'auc=high'])).code).toBe(2)
  expect((await run(['runs', 'log', first])).stderr).toContain('there is nothing to log')
  await run(['runs', 'tag', first, '--set', 'team=wind', '--set', 'best=yes'])
  await run(['runs', 'tag', first, '--remove', 'best'])
  const shown = await json('runs', 'show', first)
  expect(shown).toMatchObject({
    tags: { team: 'wind' },
    params: { depth: '3' },
    metrics: { auc: { value: 0.9, step: 9 }, odd: { value: 'NaN' } },
  })
  expect(shown.tags).not.toHaveProperty('best')

  const forked = await json('runs', 'fork', first, '--step', '1', '--files', '--name', 'again')
  const fork = forked.id as string
  expect(await json('runs', 'show', fork)).toMatchObject({ name: 'again', metrics: { auc: { value: 0.51 } } })
  expect((await json('runs', 'files', fork, '--all')).files).toMatchObject([
    { path: 'notes/a.txt' },
    { path: 'notes/extra.txt' },
  ])
  await run(['experiments', 'create', 'archive'])
  expect((await run(['runs', 'move', fork, '--to', 'archive'])).stdout).toBe('the run is in archive now\n')
  expect((await json('runs', 'archive')).runs).toHaveLength(1)
  expect((await run(['runs', 'delete', fork])).stdout).toBe('the run is deleted\n')
  expect((await json('runs', 'archive', '--deleted')).runs).toHaveLength(1)
  expect((await run(['runs', 'restore', 'again'])).stdout).toBe('the run is restored\n')
  expect((await run(['runs', 'purge', fork])).code).toBe(2)
  expect((await run(['runs', 'purge', fork, '--yes'])).stdout).toBe('the run is purged\n')
  expect((await run(['runs', 'show', fork])).code).toBe(3)
  expect((await run(['garbage'])).stdout).toBe('nothing is left over\n')
  expect(await json('garbage', '--dry-run')).toEqual({ files: 0, artifacts: 0, bytes: 0 })
})

test('files of a run are listed and fetched', async () => {
  expect((await run(['runs', 'files', 'late'])).stdout).toMatch(/^notes\/$/m)
  expect((await run(['runs', 'files', 'late', 'notes'])).stdout).toMatch(/^notes\/a\.txt +7 B /m)
  const to = join(folder, 'fetched')
  expect((await run(['runs', 'download', 'late', '--to', to])).stdout).toBe(`one file in ${to} (7 B)\n`)
  expect(await readFile(join(to, 'notes/a.txt'), 'utf8')).toBe('of late')
  expect((await run(['runs', 'download', 'late', 'notes/a.txt', '--to', join(folder, 'one')])).code).toBe(0)
  expect((await run(['runs', 'download', 'late', 'elsewhere'])).stderr).toContain('the run has no file "elsewhere"')
})
