export { fakeClock, systemClock, type Clock, type FakeClock } from './clock.ts'
export { createConnections, HTTP_LIMITS, type ConnectionOptions, type Connections } from './connections.ts'
export {
  boolean,
  duration,
  EnvironmentError,
  integer,
  list,
  oneOf,
  port,
  readEnvironment,
  size,
  text,
  url,
  type Environment,
  type EnvironmentProblem,
  type EnvironmentWarning,
  type ReadOptions,
  type Variable,
  type VariableOptions,
} from './environment.ts'
export {
  createGuard,
  type Guard,
  type GuardedRequest,
  type GuardOptions,
  type Refusal,
  type RefusalCode,
} from './guard.ts'
export { createHistogram, decodeHistogram, type EncodedHistogram, type Histogram } from './histogram.ts'
export { HomeInUseError, lockHome, type HomeLock } from './home-lock.ts'
export { createLog, LOG_LEVELS, type Log, type LogLevel, type LogOptions, type Say } from './log.ts'
export { mergeSnapshots, type FamilySnapshot, type MetricsSnapshot, type SeriesSnapshot } from './metrics-snapshot.ts'
export { METRICS_CONTENT_TYPE, renderSnapshot } from './metrics-text.ts'
export {
  createMetrics,
  type Counter,
  type Distribution,
  type Family,
  type Gauge,
  type MetricsRegistry,
} from './metrics.ts'
export { formatDuration, formatSize, parseDuration, parseSize } from './quantities.ts'
export { redact, redactText } from './redact.ts'
export { createShutdown, type Shutdown, type ShutdownOptions, type SignalSource } from './shutdown.ts'
export {
  createSupervisor,
  type ChildSpec,
  type ChildState,
  type SupervisedChild,
  type SuperviseOptions,
  type Supervisor,
} from './supervise.ts'
export { reportReady, whenOrphaned } from './supervised-process.ts'
export {
  NO_TELEMETRY,
  startTelemetry,
  type Span,
  type SpanAttributes,
  type SpanOptions,
  type Telemetry,
  type TelemetryOptions,
} from './telemetry.ts'
export { formatTraceparent, parseTraceparent, type TraceContext } from './traceparent.ts'
export { credentialIn } from './url-credentials.ts'
