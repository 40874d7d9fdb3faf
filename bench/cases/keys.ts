import { ConsumerName, createConsumer, createConsumerKey, ProjectName } from '@stead/contracts'
import type { Platform } from '../../dev/laws/platform.ts'
import type { Counted, Order } from '../load.ts'
import type { Target } from '../report.ts'
import { median } from '../statistics.ts'
import { INFER_PATH, pidsOf, portOf, samples, startWeather } from '../weather.ts'
import type { BenchCase } from './bench-case.ts'
import { COLUMNS, interleaved, rowOf } from './rounds.ts'

const GRPC_PATH = '/inference.GRPCInferenceService/ModelInfer'
type Plan = Omit<Order, 'warmMs' | 'countMs'>

type Name = 'open' | 'with keys'
const PROTOCOLS = ['REST', 'gRPC'] as const
/** Of each kind: how well a process happens to be compiled differs by more than a key costs. */
const PLATFORMS = 3

/** What it costs that a runner asks for keys: the same requests to open platforms and to closed ones. */
export const keys: BenchCase = async (generator, { rounds, warmMs, countMs }) => {
  const found = new Map(
    PROTOCOLS.map(
      (protocol) =>
        [
          protocol,
          new Map<Name, Counted[]>([
            ['open', []],
            ['with keys', []],
          ]),
        ] as const,
    ),
  )
  for (let pair = 0; pair < PLATFORMS; pair++) {
    const platforms: Platform[] = []
    try {
      const open = await startWeather()
      platforms.push(open)
      const closed = await startWeather({ closed: true })
      platforms.push(closed)
      // To both with the key, which the open one does not look at: what it costs the caller to send is not ours.
      const headers = { authorization: `Bearer ${await makeKey(closed)}` }
      const requests = (await samples()).map((sample) => ({ ...sample, headers }))
      const plans = [
        ['open', plansFor(open, requests)],
        ['with keys', plansFor(closed, requests)],
      ] as const
      for (const protocol of PROTOCOLS) {
        for (const [, plan] of plans) await generator.run({ ...plan[protocol], warmMs: 2_500, countMs: 200 })
        const measured = await interleaved(
          rounds,
          plans.map(([name, plan]) => [name, () => generator.run({ ...plan[protocol], warmMs, countMs })] as const),
        )
        for (const [name, counted] of measured)
          found
            .get(protocol)!
            .get(name)!
            .push(...counted)
      }
    } finally {
      for (const platform of platforms) await platform.stop()
    }
  }
  const [, ...figures] = COLUMNS
  return {
    title: 'Keys of consumers',
    about:
      'The same requests to an open platform and to a closed one, whose runner checks a key, a rate and a quota for each and counts its use. ' +
      `64 requests are under way; a ratio is the median of those of the rounds, in which the two follow one another, over ${PLATFORMS} pairs of platforms.`,
    targets: [...found].map(([protocol, measured]) => targetOf(protocol, measured)),
    tables: [...found].map(([protocol, measured]) => ({
      columns: [protocol, ...figures],
      rows: [...measured].map(([name, counted]) => rowOf(name, counted)),
    })),
  }
}

function plansFor(platform: Platform, requests: Plan['requests']): Record<(typeof PROTOCOLS)[number], Plan> {
  const { rest, grpc } = platform.runners[0]!
  const common = { pids: pidsOf(platform), requests }
  return {
    REST: { ...common, protocol: 'rest', port: portOf(rest), path: INFER_PATH, connections: 64 },
    gRPC: { ...common, protocol: 'grpc', port: portOf(grpc), path: GRPC_PATH, connections: 4, streams: 16 },
  }
}

function targetOf(protocol: string, measured: ReadonlyMap<Name, Counted[]>): Target {
  const open = measured.get('open')!
  const ratios = measured.get('with keys')!.map(({ perSecond }, round) => perSecond / open[round]!.perSecond)
  return {
    says: `requests a second with a key, to open, over ${protocol}`,
    figure: median(ratios),
    bound: 0.95,
    better: 'more',
    unit: '×',
  }
}

async function makeKey({ client }: Platform): Promise<string> {
  const project = ProjectName.parse('default')
  const name = ConsumerName.parse('bench')
  // Limits that are looked at and never reached.
  const limits = { rate: 1_000_000, perMonth: 1_000_000_000 }
  await client.call(createConsumer, { params: { project }, body: { name, limits } })
  const params = { project, consumer: name }
  return (await client.call(createConsumerKey, { params, body: { name: 'bench' } })).secret
}
