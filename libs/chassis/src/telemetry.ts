import type { Attributes, Exception, Span as OtelSpan } from '@opentelemetry/api'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Log } from './log.ts'
import { redactText } from './redact.ts'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'

export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

export interface Span {
  /** To send along, so that the next process continues the trace; without telemetry, the parent's as it came. */
  readonly traceparent: string | undefined
  set(attributes: SpanAttributes): void
  /** Marks the span as failed, with the error. It still has to end. */
  fail(error: unknown): void
  end(): void
}

export interface SpanOptions {
  /** The W3C traceparent this span continues; one that is malformed begins a new trace. */
  readonly parent?: string | undefined
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
}

export interface Telemetry {
  readonly enabled: boolean
  span(name: string, options?: SpanOptions, attributes?: SpanAttributes): Span
  /** Sends what has not been sent, within bounds of time, and stops. Never throws. */
  stop(): Promise<void>
}

export interface TelemetryOptions {
  readonly serviceName: string
  readonly serviceVersion?: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Pick<Log, 'info' | 'warn'>
}

const EXPORT_TIMEOUT_MS = 5000

/** Traces over OTLP/HTTP if, and only if, the environment names a collector; otherwise no SDK is even loaded. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const endpoint = tracesEndpoint(options.env)
  if (!endpoint) return NO_TELEMETRY
  if (!URL.canParse(endpoint)) {
    options.log.warn({ endpoint }, 'no traces are sent: the OTLP endpoint is not a URL')
    return NO_TELEMETRY
  }
  return exportTo(endpoint, options)
}

/** Source: opentelemetry.io/docs/specs/otel/protocol/exporter: the general endpoint gets the path, the special none. */
function tracesEndpoint(env: TelemetryOptions['env']): string | undefined {
  const switchedOff = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none'
  if (switchedOff) return undefined
  if (env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT
  return base ? `${base.replace(/\/+$/, '')}/v1/traces` : undefined
}

async function exportTo(endpoint: string, { serviceName, serviceVersion, env, log }: TelemetryOptions) {
  const [api, sdk, { resourceFromAttributes }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ])
  const exporter = new OTLPTraceExporter({ url: endpoint, timeoutMillis: EXPORT_TIMEOUT_MS })
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes(resourceAttributes(env, serviceName, serviceVersion)),
    spanProcessors: [
      new sdk.BatchSpanProcessor(telling(exporter, endpoint, log), { exportTimeoutMillis: EXPORT_TIMEOUT_MS }),
    ],
  })
  const tracer = provider.getTracer(serviceName, serviceVersion)
  log.info({ endpoint }, 'traces are sent')

  function span(name: string, { parent, kind = 'internal' }: SpanOptions = {}, attributes: SpanAttributes = {}): Span {
    const from = parseTraceparent(parent)
    const context = from ? api.trace.setSpanContext(api.ROOT_CONTEXT, { ...from, isRemote: true }) : api.ROOT_CONTEXT
    const spanKind = api.SpanKind[kind.toUpperCase() as Uppercase<typeof kind>]
    return facade(tracer.startSpan(name, { kind: spanKind, attributes: withoutSecrets(attributes) }, context))
  }

  return {
    enabled: true,
    span,
    async stop() {
      try {
        await provider.shutdown()
      } catch (error) {
        log.warn({ err: error }, 'the last traces could not be sent')
      }
    },
  } satisfies Telemetry
}

// The value of SpanStatusCode.ERROR, which is only a type until the SDK is loaded.
const STATUS_ERROR = 2

function facade(span: OtelSpan): Span {
  return {
    traceparent: formatTraceparent(span.spanContext()),
    set: (attributes) => void span.setAttributes(withoutSecrets(attributes)),
    fail(error) {
      const message = redactText(error instanceof Error ? error.message : String(error))
      span.recordException(error instanceof Error ? described(error, message) : message)
      span.setStatus({ code: STATUS_ERROR, message })
    },
    end: () => span.end(),
  }
}

/** Traces go to another machine, where more people read them than our logs. */
function withoutSecrets(attributes: SpanAttributes): Attributes {
  const entries = Object.entries(attributes as Attributes)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? redactText(value) : value]),
  )
}

function described({ name, stack }: Error, message: string): Exception {
  return { name, message, ...(stack === undefined ? {} : { stack: redactText(stack) }) }
}

/** Says when the collector stops taking traces and when it takes them again, not for every batch in between. */
function telling(exporter: SpanExporter, endpoint: string, log: Pick<Log, 'info' | 'warn'>): SpanExporter {
  let failing = false
  return {
    export(spans: ReadableSpan[], done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== 0
        if (failed && !failing)
          log.warn({ err: result.error, endpoint }, 'traces are lost: the collector does not take them')
        if (!failed && failing) log.info({ endpoint }, 'the collector takes traces again')
        failing = failed
        // Reported already; the SDK's own handler would only repeat it to a log nobody set.
        done({ code: 0 })
      })
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  }
}

function resourceAttributes(env: TelemetryOptions['env'], name: string, version: string | undefined): Attributes {
  const given: Record<string, string> = {}
  for (const pair of env.OTEL_RESOURCE_ATTRIBUTES?.split(',') ?? []) {
    const [key = '', value] = pair.split('=', 2)
    if (key.trim() && value !== undefined) given[key.trim()] = percentDecoded(value.trim())
  }
  const service = { 'service.name': name, ...(version ? { 'service.version': version } : {}) }
  return { ...service, ...given, ...(env.OTEL_SERVICE_NAME ? { 'service.name': env.OTEL_SERVICE_NAME } : {}) }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const nothing = () => {}

/** What there is without a collector. It still hands the parent's traceparent on. */
export const NO_TELEMETRY: Telemetry = {
  enabled: false,
  span: (_name, options) => ({ traceparent: options?.parent, set: nothing, fail: nothing, end: nothing }),
  stop: () => Promise.resolve(),
}
