import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SteadError } from '@stead/contracts'
import { afterEach, describe, expect, test } from 'vitest'
import { startFakePlatform } from './fake-platform.fixture.ts'
import type { FakePlatform } from './fake-platform.fixture.ts'
import { stead } from './fake-terminal.fixture.ts'
import type { Typed } from './fake-terminal.fixture.ts'
import { sampleChange, sampleDeployment, sampleRequest, sampleStages, sampleTranscript } from './samples.fixture.ts'

let platform: FakePlatform
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
async function given(handlers: Parameters<typeof startFakePlatform>[0]): Promise<void> {
  platform = await startFakePlatform(handlers)
  closers.push(platform.close)
}
const run = async (args: string[], typed: Typed = {}) => stead(args, { env: { STEAD_URL: platform.url }, ...typed })
const lastBody = () => platform.calls.at(-1)?.request.body

describe('swap', () => {
  const told = (onStage: (stage: never) => void) => sampleStages.forEach((stage) => onStage(stage as never))

  test('prints each stage with how long it took', async () => {
    await given({ swapDeployment: (_request, { onStage }) => (told(onStage), sampleTranscript()) })
    const { code, stdout, stderr } = await run([
      'swap',
      'forecast',
      '--version',
      'v2',
      '--reason',
      'better',
      '--expected-generation',
      '1',
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      '  ✓ loading           812 ms  version 2 on alpha',
      '  ✓ commit            2.3 ms',
      '  ✓ acknowledge       1.5 ms',
      'forecast: version 1 → 2 (generation 2)',
      '',
    ])
    expect(lastBody()).toMatchObject({ version: 2, reason: 'better', expectedGeneration: 1, repurpose: false })
    expect(platform.calls[0]?.headers['idempotency-key']).toBe('id-1')
  })

  test('with --json prints the six members and nothing else', async () => {
    await given({
      swapDeployment: (_request, { onStage }) => (told(onStage), sampleTranscript({ detached: ['beta'] })),
    })
    const { stdout, stderr } = await run([
      'swap',
      'forecast',
      '--version',
      'champion',
      '--repurpose',
      '--model',
      'other',
      '--json',
    ])
    expect(JSON.parse(stdout)).toEqual({
      deployment: 'forecast',
      from: 1,
      to: 2,
      generation: 2,
      stages: sampleStages,
      detached: ['beta'],
    })
    expect([stdout.split('\n').length, stderr]).toEqual([2, ''])
    expect(lastBody()).toMatchObject({ version: 'champion', model: 'other', repurpose: true })
  })

  test('that is refused leaves with 3, the reason, the failed stage and each difference', async () => {
    const stages = [{ name: 'contract', ms: 1, ok: false, version: 2, reason: 'two differences' }]
    await given({
      swapDeployment: () => {
        throw new SteadError('contract_broken', 'version 2 does not keep the contract', {
          where: 'swap',
          details: { differences: ['input "x": gone', 'output "y": FP64'], stages },
        })
      },
    })
    const { code, stdout, stderr } = await run(['swap', 'forecast', '--version', '2'])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr.split('\n')).toEqual([
      'stead: version 2 does not keep the contract',
      '  where: swap',
      '  - input "x": gone',
      '  - output "y": FP64',
      '  failed stage: contract of version 2: two differences',
      '  fix: Choose a compatible version, or repurpose the deployment to publish a new contract.',
      '',
    ])
    const json = await run(['swap', 'forecast', '--version', '2', '--json'])
    expect(json).toMatchObject({ code: 3, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { code: 'contract_broken', where: 'swap', details: { stages } },
    })
  })

  test('whose connection breaks is asked once more under the same key', async () => {
    let asked = 0
    await given({ swapDeployment: (_request, { cut }) => (++asked === 1 ? cut() : sampleTranscript()) })
    const { code, stdout, stderr } = await run(['swap', 'forecast', '--version', '2'])
    expect(code).toBe(0)
    expect(stderr).toContain('asking again')
    expect(stdout.match(/✓/g)).toHaveLength(3)
    expect(platform.calls.map(({ headers }) => headers['idempotency-key'])).toEqual(['id-1', 'id-1'])
  })

  test('whose connection breaks twice leaves with 4', async () => {
    await given({ swapDeployment: (_request, { cut }) => cut() })
    expect((await run(['swap', 'forecast', '--version', '2', '--idempotency-key', 'mine'])).code).toBe(4)
    expect(platform.calls.map(({ headers }) => headers['idempotency-key'])).toEqual(['mine', 'mine'])
  })

  test('that went wrong inside the server leaves with 1, not with a refusal', async () => {
    await given({
      swapDeployment: () => {
        throw new SteadError('internal')
      },
    })
    expect((await run(['swap', 'forecast', '--version', '2'])).code).toBe(1)
  })

  test('ends at Ctrl-C', async () => {
    const controller = new AbortController()
    const { Interrupted } = await import('./terminal.ts')
    await given({
      swapDeployment: async () => {
        controller.abort(new Interrupted('SIGINT'))
        return new Promise(() => {})
      },
    })
    expect(await run(['swap', 'forecast', '--version', '2'], { signal: controller.signal })).toMatchObject({
      code: 130,
      stdout: '',
    })
  })
})

test('every other change sends what was asked', async () => {
  const transcript = sampleTranscript()
  await given({
    rollbackDeployment: () => transcript,
    setTraffic: () => transcript,
    parkDeployment: () => transcript,
    wakeDeployment: () => transcript,
  })
  const ask = async (...args: string[]) => {
    const { code, stdout } = await run(args)
    expect(code, args.join(' ')).toBe(0)
    return [stdout.trim().split('\n').at(-1), lastBody()]
  }
  expect(await ask('rollback', 'forecast', '--to', '3')).toEqual([
    'forecast: version 1 → 2 (generation 2)',
    { generation: 3, reason: '' },
  ])
  expect(await ask('traffic', 'forecast', '2=90', 'v3=10', '--shadow', '4=0.5', '--shadow', '5')).toEqual([
    'forecast: 2 (90 %), 3 (10 %), shadow 4 (50 %), shadow 5 (generation 2)',
    {
      routes: [
        { version: 2, weight: 90 },
        { version: 3, weight: 10 },
      ],
      shadows: [
        { version: 4, fraction: 0.5 },
        { version: 5, fraction: 1 },
      ],
      reason: '',
    },
  ])
  expect(await ask('park', 'forecast', '--until', 'load')).toEqual([
    'forecast is parked; answers 503 until stead wake (generation 2)',
    { until: 'load', reason: '' },
  ])
  expect(await ask('wake', 'forecast', '--reason', 'morning')).toEqual([
    'forecast is awake and serves version 2 (generation 2)',
    { reason: 'morning' },
  ])
  for (const { headers } of platform.calls) expect(headers['idempotency-key']).toMatch(/^id-/)
})

test('deploy sends only what was asked and prints where it serves', async () => {
  await given({
    createDeployment: () => sampleTranscript({ kind: 'deploy', from: null }),
    getDeployment: () => sampleDeployment('http://127.0.0.1:7080/'),
  })
  const { stdout } = await run([
    'deploy',
    'forecast',
    '--model',
    'weather',
    '--max-rows',
    '8',
    '--max-delay',
    '2.5',
    '--timeout',
    '100',
    '--isolation',
    'dedicated',
  ])
  expect(stdout.split('\n').slice(3)).toEqual([
    'forecast serves weather version 2 (generation 2)',
    '  REST  http://127.0.0.1:7080/v2/models/forecast/infer',
    '  gRPC  127.0.0.1:7081',
    '',
  ])
  expect(platform.calls[0]?.request.body).toEqual({
    name: 'forecast',
    model: 'weather',
    reason: '',
    config: { batching: { maxRows: 8, maxDelayMs: 2.5 }, timeoutMs: 100, isolation: 'dedicated' },
  })
  const json = JSON.parse((await run(['deploy', 'forecast', '--model', 'weather', '--json'])).stdout) as object
  expect(Object.keys(json)).toEqual(['deployment', 'from', 'to', 'generation', 'stages', 'detached', 'urls'])
})

describe('predict', () => {
  interface Seen {
    url: string | undefined
    key: unknown
    body: string
  }
  async function givenRunner(status: number, headers: Record<string, string>, answer: string): Promise<Seen[]> {
    const seen: Seen[] = []
    const runner = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      seen.push({ url: request.url, key: request.headers['stead-key'], body })
      response.writeHead(status, headers).end(answer)
    })
    await new Promise<void>((resolve) => runner.listen(0, '127.0.0.1', resolve))
    closers.push(async () => {
      runner.closeAllConnections()
      await new Promise((resolve) => runner.close(resolve))
    })
    await given({ getDeployment: () => sampleDeployment(`127.0.0.1:${(runner.address() as AddressInfo).port}`) })
    return seen
  }

  test('goes to the runner as it was written and prints the answer as it came', async () => {
    const answer = '{"outputs":[{"name":"y","datatype":"INT64","shape":[1],"data":[9007199254740993]}]}'
    const seen = await givenRunner(200, { 'stead-version': '2' }, answer)
    const data = JSON.stringify(sampleRequest).replace('[1,2]}', '[9007199254740993,2]}')
    expect(await run(['predict', 'forecast', '--data', data, '--version', '2', '--key', 'me'])).toEqual({
      code: 0,
      stdout: `${answer}\n`,
      stderr: '',
    })
    expect(seen).toEqual([{ url: '/v2/models/forecast/versions/2/infer', key: 'me', body: data }])
  })

  test('with instances speaks the other protocol', async () => {
    const seen = await givenRunner(200, {}, '{"predictions":[3]}')
    expect((await run(['predict', 'forecast', '--data', '-'], { input: '{"instances":[[1,2]]}' })).stdout).toBe(
      '{"predictions":[3]}\n',
    )
    expect(seen[0]?.url).toBe('/v1/models/forecast:predict')
  })

  test('that is refused leaves with 3 and says what to do', async () => {
    await givenRunner(503, { 'stead-failure': 'parked' }, '{"error":"the deployment is parked"}')
    const { code, stderr } = await run(['predict', 'forecast', '--data', '{"inputs":[]}'])
    expect(code).toBe(3)
    expect(stderr).toBe('stead: the deployment is parked\n  fix: Load it again with: stead wake forecast\n')
    expect(JSON.parse((await run(['predict', 'forecast', '--data', '{"inputs":[]}', '--json'])).stdout)).toMatchObject({
      error: { code: 'parked' },
    })
  })

  test('of a runner that is gone names its address', async () => {
    await given({ getDeployment: () => sampleDeployment('http://127.0.0.1:9') })
    const { code, stderr } = await run(['predict', 'forecast', '--data', '{"inputs":[]}'])
    expect(code).toBe(4)
    expect(stderr).toContain('http://127.0.0.1:9')
  })

  test('where no runner is connected says how to start one', async () => {
    await given({ getDeployment: () => sampleDeployment('', { urls: [] }) })
    expect(await run(['predict', 'forecast', '--data', '{"inputs":[]}'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('stead runner') as string,
    })
  })
})

describe('abort', () => {
  const aborted = {
    endedAt: sampleChange().startedAt,
    failure: { code: 'aborted', message: 'local aborted the change' },
  }
  const underWay = () => sampleDeployment('http://127.0.0.1:7080', { change: sampleChange() })

  test('gives up the change under way and says what serves on', async () => {
    await given({ getDeployment: underWay, abortChange: () => sampleChange(aborted) })
    const { code, stdout, stderr } = await run(['abort', 'forecast', '--reason', 'wrong file'])
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'forecast: the swap is aborted (generation 2 serves on)\n',
      stderr: '',
    })
    expect(platform.calls.at(-1)?.request).toMatchObject({
      params: { deployment: 'forecast', change: 'change-3' },
      body: { reason: 'wrong file' },
    })
    const json = await run(['abort', 'forecast', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ id: 'change-3', failure: { code: 'aborted' } })
  })

  test('of nothing, or of what is committed already, leaves with 3', async () => {
    await given({
      getDeployment: () => sampleDeployment('http://127.0.0.1:7080'),
      abortChange: () => {
        throw new SteadError('change_committed')
      },
    })
    expect(await run(['abort', 'forecast'])).toMatchObject({ code: 3, stderr: expect.stringContaining('under way') })
    await given({
      getDeployment: underWay,
      abortChange: () => {
        throw new SteadError('change_committed')
      },
    })
    expect(await run(['abort', 'forecast'])).toMatchObject({ code: 3, stderr: expect.stringContaining('Roll back') })
  })

  test('that comes as the change fails by itself leaves with 1 and tells why it failed', async () => {
    const failure = { code: 'checks_failed', message: 'its answers differ' }
    await given({ getDeployment: underWay, abortChange: () => sampleChange({ ...aborted, failure }) })
    expect(await run(['abort', 'forecast'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('answers differ'),
    })
  })
})
