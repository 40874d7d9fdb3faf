import type { Span, Telemetry } from '@stead/chassis'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** A span for every request, continuing the caller's trace; nothing is hooked where no collector is configured. */
export function traceRequests(app: FastifyInstance, telemetry: Telemetry): void {
  if (!telemetry.enabled) return
  const spans = new WeakMap<FastifyRequest, Span>()
  app.addHook('onRequest', async (request) => {
    const { traceparent } = request.headers
    const route = request.routeOptions.url ?? 'unknown'
    const span = telemetry.span(
      `${request.method} ${route}`,
      { kind: 'server', parent: typeof traceparent === 'string' ? traceparent : undefined },
      {
        'http.request.method': request.method,
        'http.route': route,
        'stead.request_id': request.id,
      },
    )
    spans.set(request, span)
  })
  app.addHook('onError', async (request, _reply, error) => spans.get(request)?.fail(error))
  app.addHook('onResponse', async (request, reply) => {
    const span = spans.get(request)
    span?.set({ 'http.response.status_code': reply.statusCode })
    span?.end()
  })
}
