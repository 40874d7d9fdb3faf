import { startNode } from '../processes.ts'
import { pidsOf, portOf, samples, startWeather } from '../weather.ts'
import type { BenchCase } from './bench-case.ts'
import { COLUMNS, interleaved, medianOf, rowOf } from './rounds.ts'

const PATH = '/inference.GRPCInferenceService/ModelInfer'

/** One row over gRPC, beside a server that only reads the same message and answers a constant. */
export const grpc: BenchCase = async (generator, { rounds, warmMs, countMs }) => {
  const echo = await startNode('candidates/grpc-echo.ts')
  try {
    const platform = await startWeather()
    try {
      const common = { protocol: 'grpc' as const, path: PATH, connections: 4, streams: 16 }
      const toEcho = { ...common, port: echo.port, pids: echo.pids, requests: await samples({ unchecked: true }) }
      const port = portOf(platform.runners[0]!.grpc)
      const toStead = { ...common, port, pids: pidsOf(platform), requests: await samples() }
      for (const order of [toEcho, toStead]) await generator.run({ ...order, warmMs: 2_500, countMs: 200 })
      const measured = await interleaved(rounds, [
        ['echo', () => generator.run({ ...toEcho, warmMs, countMs })],
        ['stead', () => generator.run({ ...toStead, warmMs, countMs })],
      ])
      const [ours, floor] = [measured.get('stead')!, measured.get('echo')!]
      return {
        title: 'One row over gRPC',
        about:
          '*echo* is grpc-js with the same messages and a constant answer. 64 requests under way over 4 connections. ' +
          'The client is grpc-js too and slower than either server, so that only the processor time tells them apart.',
        targets: [
          {
            says: 'CPU of a gRPC request, to a bare grpc-js echo',
            figure: medianOf(ours, 'cpuMicros') / medianOf(floor, 'cpuMicros'),
            bound: 1.3,
            better: 'less',
            unit: '×',
          },
        ],
        tables: [{ columns: COLUMNS, rows: [rowOf('echo', floor), rowOf('stead', ours)] }],
      }
    } finally {
      await platform.stop()
    }
  } finally {
    await echo.stop()
  }
}
