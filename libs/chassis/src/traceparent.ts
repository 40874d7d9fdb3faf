/** Where a span stands, as it travels between processes. */
export interface TraceContext {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}

// Source: w3.org/TR/trace-context, section 3.2. A later version may append fields, version 00 may not.
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Undefined for what is no valid header: then a new trace begins. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  const match = TRACEPARENT.exec(header?.trim() ?? '')
  if (!match) return undefined
  const [, version, traceId, spanId, flags, rest] = match
  if (version === '00' && rest !== undefined) return undefined
  return { traceId: traceId as string, spanId: spanId as string, traceFlags: Number.parseInt(flags as string, 16) }
}

export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}
