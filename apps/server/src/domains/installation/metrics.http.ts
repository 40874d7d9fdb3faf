import { createMetrics, METRICS_CONTENT_TYPE, type MetricsRegistry } from '@stead/chassis'
import { SteadError } from '@stead/contracts'
import type { Transcript } from '@stead/contracts'
import type { FastifyInstance } from 'fastify'
import type { Deployments } from '../deployments/deployments.ts'
import { countEventStreams } from '../../http/event-stream.ts'
import type { Door } from '../../http/door.ts'
import type { Presence } from '../runners/presence.ts'

export interface MetricsParts {
  readonly presence: Pick<Presence, 'statuses'>
  readonly databaseSize: () => Promise<number>
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** The size of the database is a query, and pages may be asked for often. */
const SIZE_AGE_MS = 10_000

export interface ServerMetrics {
  readonly registry: MetricsRegistry
  /** The same deployments, with every change counted by its kind and outcome. */
  counting(deployments: Deployments): Deployments
  /** Counts requests, and serves the page at /metrics. */
  serve(app: FastifyInstance, parts: MetricsParts, door: Door): void
}

export function createServerMetrics(): ServerMetrics {
  const registry = createMetrics()
  const changes = registry.counter({
    name: 'stead_changes_total',
    help: 'Changes of deployments by what they asked for and how they ended.',
    labels: ['kind', 'outcome'],
  })

  const counted =
    <A extends unknown[]>(kind: string, change: (...asked: A) => Promise<Transcript>) =>
    async (...asked: A) => {
      try {
        const transcript = await change(...asked)
        changes.with({ kind, outcome: 'committed' }).add()
        return transcript
      } catch (error) {
        changes.with({ kind, outcome: error instanceof SteadError ? error.code : 'internal' }).add()
        throw error
      }
    }

  return {
    registry,
    counting: (deployments) => ({
      ...deployments,
      create: counted('deploy', deployments.create),
      swap: counted('swap', deployments.swap),
      rollback: counted('rollback', deployments.rollback),
      traffic: counted('traffic', deployments.traffic),
      park: counted('park', deployments.park),
      wake: counted('wake', deployments.wake),
    }),
    serve(app, parts, door) {
      countRequests(app, registry)
      serveMetrics(app, registry, parts, door)
    },
  }
}

function countRequests(app: FastifyInstance, registry: MetricsRegistry): void {
  const requests = registry.counter({
    name: 'stead_http_requests_total',
    help: 'Requests answered.',
    labels: ['method', 'endpoint', 'status'],
  })
  const seconds = registry.histogram({
    name: 'stead_http_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer; without event streams.',
    labels: ['endpoint'],
    bounds: SECONDS,
  })
  app.addHook('onResponse', async (request, reply) => {
    const endpoint = request.routeOptions.url ?? 'none'
    requests.with({ method: request.method, endpoint, status: String(reply.raw.statusCode) }).add()
    const streams = String(reply.raw.getHeader('content-type') ?? '').startsWith('text/event-stream')
    if (!streams) seconds.with({ endpoint }).observe(reply.elapsedTime / 1000)
  })
}

function serveMetrics(
  app: FastifyInstance,
  registry: MetricsRegistry,
  { presence, databaseSize }: MetricsParts,
  door: Door,
): void {
  const runners = registry.gauge({ name: 'stead_runners_connected', help: 'Runners whose lease is live.' })
  const size = registry.gauge({ name: 'stead_database_bytes', help: 'What the database takes on disk.' })
  const memory = registry.gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory of this process.' })
  const started = registry.gauge({
    name: 'process_start_time_seconds',
    help: 'When this process started, in epoch seconds.',
  })
  const streams = registry.gauge({
    name: 'stead_event_streams',
    help: 'Event streams that are open, to runners and browsers.',
  })
  const processor = registry.gauge({ name: 'process_cpu_seconds', help: 'Processor time of this process.' })
  let measuredAt = -Infinity
  registry.collect(() => {
    const { user, system } = process.cpuUsage()
    runners.set(presence.statuses().filter(({ connected }) => connected).length)
    streams.set(countEventStreams(app.server))
    memory.set(process.memoryUsage.rss())
    started.set(Math.round(Date.now() / 1000 - process.uptime()))
    processor.set((user + system) / 1e6)
  })
  app.get('/metrics', async (request, reply) => {
    await door.admit('installation.metrics', request, reply)
    if (performance.now() - measuredAt > SIZE_AGE_MS) {
      measuredAt = performance.now()
      // A database that does not answer is itself worth a scrape: the rest of the page goes out.
      await databaseSize().then(
        (bytes) => size.set(bytes),
        () => undefined,
      )
    }
    return reply.type(METRICS_CONTENT_TYPE).send(registry.render())
  })
}
