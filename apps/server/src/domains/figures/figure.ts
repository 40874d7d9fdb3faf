import { createHistogram, decodeHistogram } from '@stead/chassis'
import { Figure } from '@stead/contracts'
import type { FigurePoint, VersionNumber } from '@stead/contracts'

/** Two spans of time, or two runners, as one. */
export function mergeFigures(a: Figure, b: Figure): Figure {
  const latency = createHistogram()
  latency.merge(a.latency)
  latency.merge(b.latency)
  const { sum, max, buckets } = latency.encode()
  return {
    requests: a.requests + b.requests,
    errors: mergeCounts(a.errors, b.errors),
    rows: a.rows + b.rows,
    executions: a.executions + b.executions,
    shadowed: a.shadowed + b.shadowed,
    latency: { sum, max, buckets: [...buckets] },
    queue: Math.max(a.queue, b.queue),
  }
}

/** What a runner sent, or undefined if its histogram is none. */
export function soundFigure(figure: Figure): Figure | undefined {
  try {
    decodeHistogram(figure.latency)
    return figure
  } catch {
    return undefined
  }
}

/** What the database holds, parsed anew. */
export const readFigure = (document: unknown): Figure | undefined => {
  const parsed = Figure.safeParse(document)
  return parsed.success ? soundFigure(parsed.data) : undefined
}

export function isIdle({ requests, errors, rows, shadowed, queue }: Figure): boolean {
  return requests === 0 && rows === 0 && shadowed === 0 && queue === 0 && Object.keys(errors).length === 0
}

/** Latencies in microseconds. */
export function pointOf(at: number, version: VersionNumber, figure: Figure): FigurePoint {
  const { requests, errors, rows, executions, queue } = figure
  const latency = decodeHistogram(figure.latency)
  const quantile = (share: number) => latency.quantile(share) ?? null
  return {
    at,
    version,
    requests,
    errors,
    rows,
    executions,
    queue,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    meanBatch: executions > 0 ? rows / executions : null,
  }
}

export function mergeCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const merged = { ...a }
  for (const [kind, count] of Object.entries(b)) merged[kind] = (merged[kind] ?? 0) + count
  return merged
}
