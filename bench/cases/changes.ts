import { rollbackDeployment, DeploymentName, ProjectName } from '@stead/contracts'
import { heavy } from '../../dev/fixtures/onnx/models.ts'
import type { Platform } from '../../dev/laws/platform.ts'
import type { Counted } from '../load.ts'
import { shown, shownSpread } from '../report.ts'
import { median, spread } from '../statistics.ts'
import { INFER_PATH, pidsOf, portOf, samples, startWeather } from '../weather.ts'
import type { BenchCase } from './bench-case.ts'
import { COLUMNS, interleaved, medianOf, rowOf } from './rounds.ts'

const orderFor = async (platform: Platform) => ({
  protocol: 'rest' as const,
  port: portOf(platform.runners[0]!.rest),
  path: INFER_PATH,
  pids: pidsOf(platform),
  // Two versions answer in turn, each with its own values: dev/laws proves that they are the right ones.
  requests: await samples({ unchecked: true }),
})

/** What callers feel of swaps, and how long a rollback takes. */
export const swaps: BenchCase = async (generator, { rounds, warmMs, countMs, quick }) => {
  const platform = await startWeather()
  try {
    const order = { ...(await orderFor(platform)), connections: 16 }
    await generator.run({ ...order, warmMs: 2_000, countMs: 200 })
    let version = 1
    let swapped = 0
    const swapFor = async (ms: number) => {
      for (const until = performance.now() + ms; performance.now() < until; swapped++) {
        version = 3 - version
        await platform.swap('weather', version)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
    await platform.swap('weather', (version = 2))
    const measured = await interleaved(rounds, [
      ['without', () => generator.run({ ...order, warmMs, countMs: 2 * countMs })],
      ['with', () => generator.during({ ...order, warmMs }, () => swapFor(2 * countMs))],
    ])
    const [without, during] = [measured.get('without')!, measured.get('with')!]
    const rollbacks = await timeRollbacks(platform, quick ? 20 : 50)
    return {
      title: 'Swaps and rollbacks',
      about: `${swapped} swaps between two kept-warm versions under 16 connections, ten a second at most; then ${rollbacks.length} rollbacks, from the request to its answer, without other load.`,
      targets: [
        {
          says: 'p99 during swaps, to p99 without',
          figure: medianOf(during, 'p99') / medianOf(without, 'p99'),
          bound: 1.2,
          better: 'less',
          unit: '×',
        },
        { says: 'a rollback, median', figure: median(rollbacks), bound: 50, better: 'less', unit: 'ms' },
        { says: 'a rollback, the slowest', figure: Math.max(...rollbacks), bound: 50, better: 'less', unit: 'ms' },
      ],
      tables: [
        { columns: COLUMNS, rows: [rowOf('without swaps', without), rowOf('during swaps', during)] },
        { columns: ['', 'ms'], rows: [['rollback', shownSpread(spread(rollbacks))]] },
      ],
    }
  } finally {
    await platform.stop()
  }
}

async function timeRollbacks(platform: Platform, count: number): Promise<number[]> {
  const params = { project: ProjectName.parse('default'), deployment: DeploymentName.parse('weather') }
  const times: number[] = []
  for (let at = -3; at < count; at++) {
    // Each goes back on a swap of its own.
    await platform.swap('weather', at % 2 === 0 ? 1 : 2)
    const start = performance.now()
    await platform.client.call(rollbackDeployment, { params, body: {} })
    if (at >= 0) times.push(performance.now() - start)
  }
  return times
}

const HEAVY_MB = 300

/** What the callers of one deployment feel while another one's large model is stored, fetched and loaded. */
export const loading: BenchCase = async (generator, { rounds, warmMs, quick }) => {
  const platform = await startWeather()
  try {
    const order = { ...(await orderFor(platform)), connections: 8, perSecond: 200, warmMs }
    await generator.run({ ...order, warmMs: 1_500, countMs: 200 })
    const times = quick ? 2 : Math.min(3, rounds)
    let took: number[] = []
    const load = async (at: number) => {
      const start = performance.now()
      await platform.deploy(`large-${at}`, `large-${at}`, 1)
      took.push(performance.now() - start)
    }
    const without: Counted[] = []
    const during: Counted[] = []
    for (let at = 0; at < times; at++) {
      await platform.push(`large-${at}`, heavy({ megabytes: HEAVY_MB, k: at + 1 }))
      const loaded = await generator.during(order, () => load(at))
      during.push(loaded)
      without.push(await generator.run({ ...order, countMs: took.at(-1)! }))
    }
    return {
      title: `A model of ${HEAVY_MB} MB loads beside`,
      about: `200 requests a second at fixed times to the forest, while another deployment’s model of ${HEAVY_MB} MB is fetched, verified, loaded and warmed (${shown(median(took) / 1000)} s), and for as long without.`,
      targets: [
        {
          says: 'worst latency of others while a large model loads, above that without',
          figure: medianOf(during, 'max') - medianOf(without, 'max'),
          bound: 25,
          better: 'less',
          unit: 'ms',
        },
      ],
      tables: [
        {
          columns: ['', 'p50 ms', 'p99 ms', 'worst ms'],
          rows: [latencies('without', without), latencies('while it loads', during)],
        },
      ],
    }
  } finally {
    await platform.stop()
  }
}

function latencies(name: string, counted: readonly Counted[]): string[] {
  const figures = (['p50', 'p99', 'max'] as const).map((figure) =>
    shownSpread(spread(counted.map((one) => one[figure]))),
  )
  return [name, ...figures]
}
