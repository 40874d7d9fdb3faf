import { startFastapi } from '../fastapi.ts'
import type { Counted } from '../load.ts'
import { startNode } from '../processes.ts'
import type { Candidate } from '../processes.ts'
import type { Table, Target } from '../report.ts'
import { FOREST, INFER_PATH, pidsOf, portOf, samples, startWeather } from '../weather.ts'
import type { BenchCase } from './bench-case.ts'
import { COLUMNS, interleaved, medianOf, rowOf } from './rounds.ts'

type Name = 'floor' | 'naive' | 'stead' | 'fastapi'
const CONNECTIONS = [64, 8, 1] as const

/** One row of JSON to a random forest. */
export const oneRow: BenchCase = async (generator, { rounds, warmMs, countMs }) => {
  const entrants = new Map<Name, Candidate>()
  const leftOut: string[] = []
  try {
    entrants.set('floor', await startNode('candidates/floor.ts'))
    entrants.set('naive', await startNode('candidates/naive.ts', [FOREST]))
    entrants.set('stead', await startStead())
    const fastapi = await startFastapi(FOREST).catch((error: unknown) => {
      leftOut.push(`fastapi: ${String(error).split('\n')[0]}`)
      return undefined
    })
    if (fastapi) entrants.set('fastapi', fastapi)
    const [checked, unchecked] = [await samples(), await samples({ unchecked: true })]
    const order = (name: Name, { port, pids }: Candidate) => ({
      protocol: 'rest' as const,
      port,
      path: INFER_PATH,
      pids,
      requests: name === 'floor' ? unchecked : checked,
    })
    // Every server is warmed for long once: the compilers have then seen what there is to see.
    for (const [name, candidate] of entrants)
      await generator.run({ ...order(name, candidate), connections: 64, warmMs: 2_000, countMs: 200 })
    const found = new Map<number, Map<Name, Counted[]>>()
    for (const connections of CONNECTIONS) {
      const measured = await interleaved(
        rounds,
        [...entrants].map(
          ([name, candidate]) =>
            [name, () => generator.run({ ...order(name, candidate), connections, warmMs, countMs })] as const,
        ),
      )
      found.set(connections, measured)
    }
    return {
      title: 'One row of JSON to a random forest',
      about:
        '*floor* is node:http that parses the request and answers a constant; *naive* is node:http with onnxruntime-node in the same process and one run for each request; ' +
        '*fastapi* is FastAPI and onnxruntime on uvicorn with uvloop and httptools, one worker; *stead* is its server, its runner with one front end, and the engine host. ' +
        'Every answer’s status is checked, and the value of every fiftieth.',
      targets: targets(found),
      tables: CONNECTIONS.map((connections) => tableOf(connections, found.get(connections)!)),
      leftOut,
    }
  } finally {
    for (const candidate of entrants.values()) await candidate.stop()
  }
}

async function startStead(): Promise<Candidate> {
  const platform = await startWeather()
  return { port: portOf(platform.runners[0]!.rest), pids: pidsOf(platform), stop: () => platform.stop() }
}

function tableOf(connections: number, measured: ReadonlyMap<Name, Counted[]>): Table {
  const [, ...figures] = COLUMNS
  return {
    columns: [connections === 1 ? '1 connection' : `${connections} connections`, ...figures],
    rows: [...measured].map(([name, counted]) => rowOf(name, counted)),
  }
}

function targets(found: ReadonlyMap<number, ReadonlyMap<Name, Counted[]>>): Target[] {
  const of = (connections: number, name: Name, figure: 'cpuMicros' | 'p50' | 'p99') =>
    medianOf(found.get(connections)!.get(name)!, figure)
  const ratio = (connections: number, to: Name, bound: number): Target => ({
    says: `CPU of a request at ${connections} connection${connections === 1 ? '' : 's'}, to ${to}`,
    figure: of(connections, 'stead', 'cpuMicros') / of(connections, to, 'cpuMicros'),
    bound,
    better: 'less',
    unit: '×',
  })
  const fastapi: Target[] = found.get(64)!.has('fastapi')
    ? [
        {
          says: 'CPU of a request at 64 connections, FastAPI’s to ours',
          figure: of(64, 'fastapi', 'cpuMicros') / of(64, 'stead', 'cpuMicros'),
          bound: 6,
          better: 'more',
          unit: '×',
        },
      ]
    : []
  return [
    ratio(64, 'floor', 1.7),
    ratio(64, 'naive', 0.6),
    ...fastapi,
    {
      says: 'p99 at 64 connections, to naive',
      figure: of(64, 'stead', 'p99') / of(64, 'naive', 'p99'),
      bound: 1,
      better: 'less',
      unit: '×',
    },
    ratio(8, 'naive', 1.1),
    ratio(1, 'naive', 1.8),
    {
      says: 'p50 at 1 connection, above naive',
      figure: (of(1, 'stead', 'p50') - of(1, 'naive', 'p50')) * 1000,
      bound: 100,
      better: 'less',
      unit: 'µs',
    },
  ]
}
