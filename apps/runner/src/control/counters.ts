import { createMetrics } from '@stead/chassis'
import type { EngineStatus } from '@stead/contracts'
import { modelStatistics } from '../inference/rest/documents.ts'
import { merge } from '../inference/statistics.ts'
import type { VersionCounters } from '../inference/statistics.ts'
import type { CounterSample } from '../routing/served.ts'

/** The totals of all front ends together, and the documents made of them. */
export interface Counters {
  take(frontEnd: number, samples: readonly CounterSample[]): void
  statistics(): ReturnType<typeof modelStatistics>
  metrics(facts: { engines: readonly EngineStatus[]; attached: boolean; used: number; bound: number }): string
}

export function createCounters(): Counters {
  const byFrontEnd = new Map<number, Map<string, CounterSample>>()

  function merged(): CounterSample[] {
    const sums = new Map<string, CounterSample>()
    for (const samples of byFrontEnd.values()) {
      for (const [key, sample] of samples) {
        const known = sums.get(key)
        sums.set(key, known ? { ...known, counters: merge(known.counters, sample.counters) } : sample)
      }
    }
    return [...sums.values()].map((sample) => ({ ...sample, counters: whole(sample.counters) }))
  }

  return {
    take(frontEnd, samples) {
      const known = byFrontEnd.get(frontEnd) ?? new Map<string, CounterSample>()
      byFrontEnd.set(frontEnd, known)
      for (const sample of samples) known.set(`${sample.deployment}/${sample.version}`, sample)
    },
    statistics: () =>
      modelStatistics(
        merged().map(({ deployment, version, counters }) => ({ name: deployment, version: String(version), counters })),
      ),
    metrics: (facts) => render(merged(), facts),
  }
}

/** Runs are counted in parts by the requests that shared them; together they are whole. */
function whole(counters: VersionCounters): VersionCounters {
  const batches = Object.fromEntries(
    Object.entries(counters.batches).map(([size, spans]) => [
      size,
      {
        computeInput: rounded(spans.computeInput),
        computeInfer: rounded(spans.computeInfer),
        computeOutput: rounded(spans.computeOutput),
      },
    ]),
  )
  return { ...counters, executionCount: Math.round(counters.executionCount), batches }
}

const rounded = ({ count, ns }: { count: number; ns: number }) => ({ count: Math.round(count), ns })

/** Named as Triton names them where it has the same, so that its dashboards work. */
function render(
  samples: readonly CounterSample[],
  { engines, attached, used, bound }: Parameters<Counters['metrics']>[0],
): string {
  const metrics = createMetrics()
  const labels = ['model', 'version'] as const
  const totals = [
    ['nv_inference_request_success', 'Requests answered.', (c: VersionCounters) => c.success.count],
    ['nv_inference_request_failure', 'Requests that failed.', (c: VersionCounters) => c.fail.count],
    ['nv_inference_count', 'Rows answered.', (c: VersionCounters) => c.inferenceCount],
    ['nv_inference_exec_count', 'Runs of the model.', (c: VersionCounters) => c.executionCount],
    [
      'nv_inference_request_duration_us',
      'Time of answered requests, in microseconds.',
      (c: VersionCounters) => c.success.ns / 1000,
    ],
    [
      'nv_inference_queue_duration_us',
      'Time requests waited for their run, in microseconds.',
      (c: VersionCounters) => c.queue.ns / 1000,
    ],
    [
      'nv_inference_compute_infer_duration_us',
      'Time of the runs of answered requests, in microseconds.',
      (c: VersionCounters) => c.computeInfer.ns / 1000,
    ],
  ] as const
  for (const [name, help, read] of totals) {
    const family = metrics.counter({ name, help, labels })
    for (const { deployment, version, counters } of samples)
      family.with({ model: deployment, version: String(version) }).add(read(counters))
  }
  const memory = metrics.gauge({
    name: 'stead_engine_memory_bytes',
    help: 'Bytes an engine host has to itself.',
    labels: ['deployment', 'version', 'state'] as const,
  })
  const restarts = metrics.counter({
    name: 'stead_engine_restarts_total',
    help: 'Engines that ended by themselves and were loaded again.',
    labels: ['deployment', 'version'] as const,
  })
  for (const engine of engines) {
    memory
      .with({ deployment: engine.deployment, version: String(engine.version), state: engine.state })
      .set(engine.memory ?? 0)
    restarts.with({ deployment: engine.deployment, version: String(engine.version) }).add(engine.restarts)
  }
  metrics
    .gauge({ name: 'stead_engine_memory_used_bytes', help: 'Bytes all engine hosts have to themselves.' })
    .set(used)
  metrics
    .gauge({ name: 'stead_engine_memory_bound_bytes', help: 'Bytes engine hosts may have (STEAD_ENGINE_MEMORY).' })
    .set(bound)
  metrics
    .gauge({ name: 'stead_runner_attached', help: '1 while the runner holds its lease from the server.' })
    .set(attached ? 1 : 0)
  metrics
    .gauge({ name: 'process_resident_memory_bytes', help: 'Resident bytes of the runner process.' })
    .set(process.memoryUsage.rss())
  metrics
    .gauge({ name: 'process_cpu_seconds_total', help: 'Processor seconds of the runner process, user and system.' })
    .set(process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6)
  return metrics.render()
}
