import { afterEach, expect, test } from 'vitest'
import { startFakePlatform } from './fake-platform.fixture.ts'
import type { FakePlatform } from './fake-platform.fixture.ts'
import { stead } from './fake-terminal.fixture.ts'
import type { Typed } from './fake-terminal.fixture.ts'
import { sampleEvent, sampleModel } from './samples.fixture.ts'

let platform: FakePlatform
afterEach(async () => platform.close())

async function given(handlers: Parameters<typeof startFakePlatform>[0]): Promise<void> {
  platform = await startFakePlatform(handlers)
}
const run = async (args: string[], typed: Typed = {}) => stead(args, { env: { STEAD_URL: platform.url }, ...typed })

test('models are searched, and say so when nothing is found', async () => {
  await given({
    listModels: ({ query }) => ({ models: query.search === 'eat' ? [sampleModel()] : [], next: null, total: 0 }),
  })
  const { stdout } = await run(['models', '--search', 'eat', '--serving'])
  expect(stdout).toMatch(/^MODEL .* SERVES +DESCRIPTION\nweather +2 .* forecast$/m)
  expect(platform.calls.at(-1)?.request.query).toMatchObject({ search: 'eat', serving: 'true' })
  expect(await run(['models', '--search', 'x'])).toMatchObject({ code: 0, stderr: 'there is no such model\n' })
  expect((await run(['models'])).stderr).toContain('there is no model yet')
  expect((await run(['models', 'weather', '--search', 'x'])).code).toBe(2)
})

test('events are told of one thing, one kind or one actor, and only those are followed', async () => {
  const controller = new AbortController()
  const event = (sequence: number, subject: string, kind = 'version.created', actor = 'local') => ({
    ...sampleEvent(sequence),
    subject,
    kind,
    actor,
  })
  const others = [
    event(4, 'weather2/1'),
    event(5, 'weather', 'versions.odd'),
    event(6, 'weather/2', 'version.created', 'ci'),
  ]
  await given({
    listEvents: ({ query }) => ({ events: [query.subject ? event(1, 'weather/1') : event(3, 'other')], next: null }),
    streamEvents: ({ query }) => {
      if ((query.after ?? 0) >= 8) controller.abort(new Error('seen enough'))
      return [event(3, 'weather/1'), ...others, event(7, 'weather/2'), event(8, 'weather@champion', 'version')]
    },
  })
  const filter = ['--subject', 'weather', '--kind', 'version', '--actor', 'local']
  const { stdout } = await run(['events', '--follow', '--json', ...filter], { signal: controller.signal })
  const sequences = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { sequence: number }).sequence)
  expect(sequences).toEqual([1, 7, 8])
  expect(platform.calls.slice(0, 3).map(({ request }) => request.query)).toEqual([
    { limit: 1 },
    { limit: 20, subject: 'weather', kind: 'version', actor: 'local' },
    { after: 3, project: 'default' },
  ])
})

test('a search tells what was found, the best first', async () => {
  await given({
    searchProject: ({ query }) => ({
      hits:
        query.q === 'weather v8'
          ? [
              { kind: 'version', model: 'weather', version: 8, digest: `sha256:${'ab'.repeat(32)}` },
              { kind: 'model', model: 'weather v8', latestVersion: null },
              { kind: 'alias', model: 'weather', alias: 'v8-hot', version: 8 },
              { kind: 'deployment', deployment: 'weather' },
            ].slice(0, query.limit)
          : [],
    }),
  })
  expect((await run(['search', 'weather', 'v8'])).stdout.split('\n')).toEqual([
    'KIND        NAME            VERSION  DIGEST',
    'version     weather         8        abababababab',
    'model       weather v8      -',
    'alias       weather@v8-hot  8',
    'deployment  weather',
    '',
  ])
  const { hits } = JSON.parse((await run(['search', 'weather v8', '--limit', '1', '--json'])).stdout) as {
    hits: object[]
  }
  expect(hits).toMatchObject([{ kind: 'version', version: 8 }])
  expect(await run(['search', 'else'])).toMatchObject({ code: 0, stderr: 'nothing was found\n' })
  expect((await run(['search'])).code).toBe(2)
})
