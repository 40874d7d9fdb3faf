import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addGolden, DeploymentName, GoldenName, ProjectName, removeGolden, SteadError } from '@stead/contracts'
import type { Assertion, Signature, Version } from '@stead/contracts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { addConstant, heavy } from '../fixtures/onnx/models.ts'
import { onnxModel, tensor } from '../fixtures/onnx/writer.ts'
import { javascriptSums, SUMS } from './javascript-models.ts'
import { startLoad } from './load.ts'
import type { Load } from './load.ts'
import { startPlatform, until } from './platform.ts'
import type { Platform } from './platform.ts'

type Config = NonNullable<NonNullable<Parameters<Platform['swap']>[2]>['config']>

/** What is asked of a swap that must fail. */
interface Refusal {
  readonly check: string
  readonly reason: RegExp
  readonly config?: Config
}

const params = { project: ProjectName.parse('default'), deployment: DeploymentName.parse('sums') }

describe('a swap to a version that cannot serve, under load', () => {
  let platform: Platform
  let load: Load
  let good: Version[]
  beforeAll(async () => {
    platform = await startPlatform({ env: { STEAD_ENGINE_MEMORY: '160mib' } })
    good = [await platform.push('adder', addConstant(1)), await platform.push('adder', addConstant(2))]
    await platform.deploy('sums', 'adder', 1)
    load = startLoad(platform.runners, 'sums', { rest: 0, grpc: 1, openPerSecond: 40 })
  })
  afterEach(swapsWell)
  afterAll(async () => {
    await load?.stop()
    await platform?.stop()
  })

  const javascript = (model: Parameters<typeof javascriptSums>[0], signature: Signature = SUMS) =>
    platform.push('adder', javascriptSums(model), { runtime: 'javascript', signature })

  /** The swap is refused for the reason given, the status says so, and no caller noticed. */
  async function refuses({ version }: Version, { check, reason, config = {} }: Refusal, meanwhile = async () => {}) {
    const first = load.shots.length
    const before = await platform.deployment('sums')
    const [refused] = await Promise.all([
      platform.swap('sums', version, { config }).then(
        (transcript) => expect.fail(`the swap succeeded: ${JSON.stringify(transcript)}`),
        (error: unknown) => error as SteadError,
      ),
      meanwhile(),
    ])
    expect(refused).toBeInstanceOf(SteadError)
    expect(refused.message).toMatch(reason)
    expect(refused).toMatchObject({
      code: 'checks_failed',
      where: check,
      message: expect.stringContaining(`"${check}"`),
    })

    const after = await platform.deployment('sums')
    expect(after.table).toEqual(before.table)
    expect(after.lastFailure).toMatchObject({ kind: 'swap', version, reason: refused.message })
    expect(after.lastFailure!.stages.filter(({ ok }) => !ok)).toContainEqual(
      expect.objectContaining({ name: check, version, runner: 'runner-0', reason: expect.stringMatching(reason) }),
    )
    // What is answered from here on was asked after the failure.
    await someMore()
    const answering = before.table.routes[0]!.version
    expect(load.shots.slice(first).filter((shot) => !answeredBy(shot, answering, before.table.generation))).toEqual([])
  }

  const answeredBy = (shot: Load['shots'][number], version: number, generation: number) =>
    shot.error === undefined &&
    shot.version === version &&
    shot.generation === generation &&
    shot.got === shot.sent + version

  async function someMore(): Promise<void> {
    const enough = load.shots.length + 10
    await until('more requests are answered', async () => {
      if (load.shots.length < enough) throw new Error('not yet')
    })
  }

  /** After each failure, another version takes over as if nothing had been. */
  async function swapsWell(): Promise<void> {
    const { table } = await platform.deployment('sums')
    const other = good.find(({ version }) => version !== table.routes[0]!.version)!
    const { generation, to } = await platform.swap('sums', other.version)
    expect({ generation, to }).toEqual({ generation: table.generation + 1, to: other.version })
    expect((await platform.deployment('sums')).lastFailure).toBeNull()
    const swapped = performance.now()
    await someMore()
    const later = load.shots.filter(({ sentAt }) => sentAt > swapped)
    expect(later.filter((shot) => !answeredBy(shot, other.version, generation))).toEqual([])
  }

  /** Where the artifact store keeps the only file of a version. */
  function stored({ files }: Version): string {
    const hex = files[0]!.digest.slice('sha256:'.length)
    return join(platform.home, 'artifacts/sha256', hex.slice(0, 2), hex)
  }

  test('names bytes that changed in the artifact store after the push, and takes them once they are mended', async () => {
    const version = await platform.push('adder', addConstant(3))
    const file = stored(version)
    const whole = await readFile(file)
    const changed = Buffer.from(whole)
    changed[changed.length - 5]! ^= 1
    await chmod(file, 0o600)
    await writeFile(file, changed)
    await refuses(version, { check: 'verifying', reason: /"model.onnx" has other bytes than it was registered with/ })
    await writeFile(file, whole)
    good.push(version)
    expect(await platform.swap('sums', version.version)).toMatchObject({ to: version.version })
    await someMore()
  })

  test('names what onnxruntime refuses in a graph that could be read', async () => {
    const version = await platform.push(
      'adder',
      onnxModel({
        inputs: [tensor('x', 'FP32', ['batch', 2])],
        outputs: [tensor('y', 'FP32', ['batch', 2])],
        nodes: [{ op: 'AddByMagic', inputs: ['x'], outputs: ['y'] }],
      }),
    )
    await refuses(version, { check: 'loading', reason: /AddByMagic/ })
  })

  test('names the tensor whose declared type the model contradicts', async () => {
    const says = { ...SUMS, inputs: [{ ...SUMS.inputs[0]!, datatype: 'FP64' as const }] }
    await refuses(await javascript({ k: 4, says }), {
      check: 'loading',
      reason: /'x' is FP64, but among the declared inputs it is FP32/,
    })
  })

  test('tells what a model raises while it loads', async () => {
    const version = await javascript({ k: 5, atLoad: `throw new Error('the vocabulary is missing')` })
    await refuses(version, { check: 'loading', reason: /the vocabulary is missing/ })
  })

  test('tells what a model raises while it is warmed', async () => {
    const version = await javascript({ k: 6, atRun: `throw new RangeError('nought is not welcome')` })
    await refuses(version, { check: 'warming', reason: /nought is not welcome/ })
  })

  test.for([
    ['loading', { atLoad: 'await pause(1e8)' }],
    ['loading', { atLoad: 'for (;;);' }],
    ['warming', { atRun: 'await pause(1e8)' }],
    ['warming', { atRun: 'for (;;);' }],
  ] as const)('ends one that hangs in %s by %o', async ([check, code]) => {
    const version = await javascript({ k: 7, ...code })
    await refuses(version, { check, reason: /took longer than \d+ ms/, config: { loadTimeoutMs: 400 } })
  })

  test('says so when the engine host is killed while it loads', async () => {
    const version = await javascript({ k: 8, atLoad: 'await pause(1e8)' })
    await refuses(
      version,
      { check: 'loading', reason: /the engine host is gone: it was killed by SIGKILL/ },
      async () => {
        const pid = await until('the status shows the host that loads', async () => {
          const { engines } = await platform.deployment('sums')
          const engine = engines.find((one) => one.version === version.version)
          if (engine?.state !== 'loading' || engine.hostPid === null) throw new Error(JSON.stringify(engine))
          return engine.hostPid
        })
        process.kill(pid, 'SIGKILL')
      },
    )
  })

  test('ends a model that allocates without end, on the heap and beside it', async () => {
    const hungry = await javascript({
      k: 9,
      atLoad: `const kept = []; for (;;) { kept.push(Buffer.alloc(8e6, 1)); await pause(20) }`,
    })
    await refuses(hungry, { check: 'loading', reason: /it took more memory than it may and was killed/ })
    const hoarding = await javascript({
      k: 10,
      atLoad: `const kept = []; for (;;) kept.push(Array(1e5).fill(kept.length))`,
    })
    await refuses(hoarding, { check: 'loading', reason: /memory/ })
  })

  test('refuses a version that is larger than all engines together may be, before it is loaded', async () => {
    const version = await platform.push('adder', heavy({ megabytes: 140, k: 11 }))
    await refuses(version, { check: 'admitting', reason: /needs about 17\d MiB.*of the 160 MiB for engines/ })
  })

  const ones = [{ name: 'y', datatype: 'FP32', shape: [1, 2], data: [1, 1] }]
  test.for<[Assertion, number, RegExp]>([
    [{ kind: 'valid' }, Number.NaN, /output "y" has a value that is not finite: NaN/],
    [{ kind: 'range', output: 'y', min: 0, max: 10 }, 99, /output "y" is 99, outside of 0 to 10/],
    [{ kind: 'close', outputs: ones, tolerance: 3 }, 4.5, /output "y" is 4.5 at 0, expected 1 within 3/],
    [{ kind: 'exact', outputs: ones }, 0.5, /output "y" is 0.5 at 0, expected 1$/],
  ])('names the golden request that failed: %o', async ([assertion, answer, reason]) => {
    const { name: golden } = await platform.client.call(addGolden, {
      params,
      body: { name: GoldenName.parse(`keeps-${assertion.kind}`), request: zeros, assertion },
    })
    const version = await javascript({ k: 0, atRun: `x = { ...x, data: x.data.map(() => ${answer}) }` })
    await refuses(version, { check: `golden ${golden}`, reason })
    await platform.client.call(removeGolden, { params: { ...params, golden } })
  })
})

const zeros = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [0, 0] }] }
