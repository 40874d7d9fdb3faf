import { randomInt, randomUUID } from 'node:crypto'
import type { GenerationRecord, RouteTable } from '@stead/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { counted } from './counts.ts'
import { inferUrl, rest, rows, startLoad } from './load.ts'
import type { RestAnswer } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform } from './platform.ts'
import { askChange, codeOf, historyOf } from './serving.ts'

const CLIENTS = 32
const OF_TRITON = 'asked through the model repository of a runner'
/** What the contracts say a change may meet when others change the same deployment. */
const DOCUMENTED = ['superseded', 'generation_conflict', 'nothing_to_roll_back', 'no_runner']

type Act =
  | { by: 'server'; act: 'swap'; body: { version: number } }
  | { by: 'server'; act: 'traffic'; body: Pick<RouteTable, 'routes' | 'shadows'> }
  | { by: 'server'; act: 'park'; body: { until: 'request' | 'load' } }
  | { by: 'server'; act: 'rollback' | 'wake'; body: object }
  | { by: 'runner'; act: 'load'; version: number | undefined }
  | { by: 'runner'; act: 'unload' }

interface Done {
  readonly asked: Act
  readonly reason: string
  readonly answer: RestAnswer
}

const version = fc.integer({ min: 1, max: 3 })
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 30, arbitrary: version.map((v): Act => ({ by: 'server', act: 'swap', body: { version: v } })) },
  { weight: 10, arbitrary: fc.constant<Act>({ by: 'server', act: 'rollback', body: {} }) },
  {
    weight: 10,
    arbitrary: fc
      .tuple(version, version, fc.integer({ min: 1, max: 99 }), fc.boolean())
      .map(([a, b, weight, shadowed]): Act => {
        const routes =
          a === b
            ? [{ version: a, weight }]
            : [
                { version: a, weight },
                { version: b, weight: 100 - weight },
              ]
        const shadows = shadowed ? [{ version: (a % 3) + 1, fraction: 0.5 }] : []
        return { by: 'server', act: 'traffic', body: { routes, shadows } as Pick<RouteTable, 'routes' | 'shadows'> }
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<'request' | 'load'>('request', 'load')
      .map((until): Act => ({ by: 'server', act: 'park', body: { until } })),
  },
  { weight: 4, arbitrary: fc.constant<Act>({ by: 'server', act: 'wake', body: {} }) },
  {
    weight: 6,
    arbitrary: fc.option(version, { nil: undefined }).map((v): Act => ({ by: 'runner', act: 'load', version: v })),
  },
  { weight: 1, arbitrary: fc.constant<Act>({ by: 'runner', act: 'unload' }) },
)

describe('many clients that change one deployment at once', () => {
  let platform: Platform
  beforeAll(async () => {
    platform = await startPlatform({ runners: 2 })
    for (const k of [1, 2, 3]) await platform.push('adder', addConstant(k))
    await platform.deploy('busy', 'adder', 1)
  })
  afterAll(() => platform.stop())

  async function run(asked: Act, reason: string, client: number): Promise<Done> {
    if (asked.by === 'server')
      return { asked, reason, answer: await askChange(platform, 'busy', asked.act, { ...asked.body, reason }) }
    const { rest: base } = platform.runners[client % platform.runners.length]!
    const parameters = asked.act === 'load' && asked.version !== undefined ? { version: String(asked.version) } : {}
    const answer = await rest(`${base}/v2/repository/models/busy/${asked.act}`, JSON.stringify({ parameters }))
    return { asked, reason, answer }
  }

  test(
    'are all answered, and the history is what was acknowledged, in order, and what is served is its end',
    async () => {
      const each = counted({ test: 12, conformance: 60, soak: 1000 })
      const seed = randomInt(2 ** 31)
      const acts = fc.sample(anyAct, { numRuns: CLIENTS * each, seed })
      const load = startLoad(platform.runners, 'busy', { rest: 4, grpc: 2, openPerSecond: 0 })
      const done = (
        await Promise.all(
          Array.from({ length: CLIENTS }, async (_, client) => {
            const mine: Done[] = []
            for (let turn = 0; turn < each; turn++) {
              const at = client * each + turn
              mine.push(await run(acts[at]!, `act ${at} of seed ${seed}`, client))
            }
            return mine
          }),
        )
      ).flat()
      const shots = await load.stop()

      expect(done.filter(({ answer }) => !isDocumented(answer)).map(told)).toEqual([])
      expect(shots.filter(({ error, version: by, sent, got }) => error === undefined && got !== sent + by)).toEqual([])
      // While it is parked callers are told so; nothing else may go wrong.
      expect(
        shots.flatMap(({ error }) => error ?? []).filter((error) => !/status 503|14 UNAVAILABLE/.test(error)),
      ).toEqual([])
      expect(shots.some(({ error }) => error === undefined)).toBe(true)

      const history = await historyOf(platform, 'busy')
      expectAcknowledged(history, done)
      expectReplay(history, done)
      await expectServed(history.at(-1)!)
    },
    counted({ test: 120_000, conformance: 1_200_000, soak: 10_800_000 }),
  )

  /** The table in the status, and the stamps of every runner's answers. */
  async function expectServed(last: GenerationRecord): Promise<void> {
    expect((await platform.deployment('busy')).table).toEqual(expect.objectContaining(tableOf(last)))
    if (last.parked === 'load') {
      for (const { rest: base } of platform.runners) {
        const answer = await rest(inferUrl(base, 'busy'), rows([[1, 1]]))
        expect([answer.status, answer.headers['stead-failure']]).toEqual([503, 'parked'])
      }
      await platform.swap('busy', 2)
      return expectServed((await historyOf(platform, 'busy')).at(-1)!)
    }
    const routed = last.routes.filter(({ weight }) => weight > 0).map((route) => route.version as number)
    for (const { rest: base } of platform.runners) {
      const { headers, json } = await rest(inferUrl(base, 'busy'), rows([[1, 1]]))
      expect(headers['stead-generation']).toBe(String(last.generation))
      expect(routed).toContain(Number(headers['stead-version']))
      expect(json.outputs![0]!.data[0]).toBe(1 + Number(headers['stead-version']))
    }
  }

  test('are refused when they expect another generation', async () => {
    const { generation } = (await platform.deployment('busy')).table
    for (const [act, body] of [
      ['swap', { version: 1 }],
      ['traffic', { routes: [{ version: 2, weight: 1 }] }],
      ['rollback', {}],
      ['park', {}],
      ['wake', {}],
    ] as const) {
      for (const expectedGeneration of [generation - 1, generation + 1]) {
        const answer = await askChange(platform, 'busy', act, { ...body, expectedGeneration })
        expect([answer.status, codeOf(answer)]).toEqual([409, 'generation_conflict'])
      }
    }
    expect((await platform.deployment('busy')).table.generation).toBe(generation)
    const right = await askChange(platform, 'busy', 'swap', { version: 1, expectedGeneration: generation })
    expect([right.status, right.json.generation]).toEqual([200, generation + 1])
  })

  test('change once however often they repeat an Idempotency-Key, and may not reuse it for something else', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const together = await Promise.all(
      Array.from({ length: 4 }, () => askChange(platform, 'busy', 'swap', { version: 3 }, headers)),
    )
    const first = together[0]!
    expect(first.status).toBe(200)
    const { generation } = first.json
    // Another change in between does not make the repetition one.
    await platform.swap('busy', 2)
    const late = await askChange(platform, 'busy', 'swap', { version: 3 }, headers)
    expect([...together, late].map(({ status, json }) => ({ status, json }))).toEqual(
      Array.from({ length: 5 }, () => ({ status: 200, json: first.json })),
    )
    expect((await platform.deployment('busy')).table).toMatchObject({
      generation: (generation as number) + 1,
      routes: [{ version: 2 }],
    })
    const other = await askChange(platform, 'busy', 'swap', { version: 1 }, headers)
    expect([other.status, codeOf(other)]).toEqual([422, 'idempotency_key_reused'])
    expect((await platform.deployment('busy')).table.routes).toMatchObject([{ version: 2 }])
  })
})

function isDocumented(answer: RestAnswer): boolean {
  if (answer.status === 200) return true
  const code = codeOf(answer)
  if ((answer.status === 409 || answer.status === 503) && code !== undefined) return DOCUMENTED.includes(code)
  return answer.status === 503 && answer.headers['stead-failure'] === 'not_ready'
}

const told = ({ asked, answer }: Done) => `${JSON.stringify(asked)}: ${answer.status} ${answer.text}`

/** Numbers without a gap; every acknowledged change once, under the number it was told; nothing that was refused. */
function expectAcknowledged(history: readonly GenerationRecord[], done: readonly Done[]): void {
  expect(history.map(({ generation }) => generation as number)).toEqual(history.map((_, at) => at + 1))
  const told = done
    .filter(({ asked, answer }) => asked.by === 'server' && answer.status === 200)
    .map(({ reason, answer }) => ({ generation: answer.json.generation as number, reason }))
    .toSorted((a, b) => a.generation - b.generation)
  const kept = history
    .slice(1)
    .filter(({ reason }) => reason !== OF_TRITON)
    .map(({ generation, reason }) => ({ generation: generation as number, reason }))
  expect(kept).toEqual(told)
  // Triton's calls are told no generation; as many of each kind are there as were acknowledged.
  const tritons = done
    .filter(({ asked, answer }) => asked.by === 'runner' && answer.status === 200)
    .map(({ asked }) =>
      asked.act === 'unload' ? 'park' : asked.act === 'load' && asked.version ? `swap ${asked.version}` : 'wake',
    )
  const keptTritons = history
    .filter(({ reason }) => reason === OF_TRITON)
    .map(({ kind, routes }) => (kind === 'swap' ? `swap ${routes[0]!.version}` : kind))
  expect(keptTritons.toSorted()).toEqual(tritons.toSorted())
}

/** Each generation's table is what its change makes of the tables before it. */
function expectReplay(history: readonly GenerationRecord[], done: readonly Done[]): void {
  const byReason = new Map(done.map(({ reason, asked }) => [reason, asked]))
  for (const [at, record] of history.entries()) {
    if (at === 0) continue
    const before = tableOf(history[at - 1]!)
    const asked = byReason.get(record.reason)
    expect(tableOf(record), `generation ${record.generation}`).toEqual(expected())

    function expected(): ReturnType<typeof tableOf> {
      if (asked?.by !== 'server') {
        if (record.kind === 'swap') return { ...before, routes: record.routes, shadows: [], parked: null }
        return { ...before, parked: record.kind === 'park' ? 'load' : null }
      }
      switch (asked.act) {
        case 'swap':
          return {
            ...before,
            routes: [{ version: asked.body.version, weight: 100 }],
            shadows: [],
            parked: null,
          } as never
        case 'traffic':
          return { ...before, ...asked.body, parked: null }
        case 'park':
          return { ...before, parked: asked.body.until }
        case 'wake':
          return { ...before, parked: null }
        case 'rollback': {
          const restored = history[earlierOf(history, at - 1) - 1]!
          expect(record.restores, `generation ${record.generation}`).toBe(restored.generation)
          return { ...tableOf(restored), parked: null }
        }
      }
    }
  }
}

/** The generation before the one that is really meant: a rollback means what it restored, and parking and waking
 *  mean what they left as it was. */
function earlierOf(history: readonly GenerationRecord[], at: number): number {
  const { kind, restores, generation } = history[at]!
  if (restores !== null) return earlierOf(history, restores - 1)
  return kind === 'park' || kind === 'wake' ? earlierOf(history, at - 1) : generation - 1
}

const tableOf = ({ model, contract, routes, shadows, config, parked }: RouteTable) => ({
  model,
  contract,
  routes,
  shadows,
  config,
  parked,
})
