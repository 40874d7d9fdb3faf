import { createHistogram } from '@stead/chassis'
import type { DeploymentFigures, DeploymentName, Figure } from '@stead/contracts'
import { mergeCounts } from './figure.ts'
import type { FigureStore, KeptFigure, Span, SpanSums } from './figures.store.ts'
import type { Recent } from './recent.ts'

/** Deployments at a glance: what happened lately comes from memory, and what happened in a longer span from the store. */
export interface Glance {
  /** Requests per second over the last ten. */
  rateOf(deploymentIds: readonly string[]): number
  read(
    asked: readonly { readonly id: string; readonly name: DeploymentName }[],
    span: { readonly seconds: number; readonly parts: number },
  ): Promise<{ from: number; to: number; deployments: DeploymentFigures[] }>
}

export interface GlanceParts {
  readonly recent: Pick<Recent, 'read'>
  readonly store: Pick<FigureStore, 'sums'>
  /** What the store has not been given yet. */
  readonly unwritten: () => Iterable<KeptFigure>
  /** Epoch seconds. */
  readonly now: () => number
}

const RATE_SECONDS = 10
const QUANTILE_SECONDS = 60
/** How far back single seconds reach, and steps of ten. */
const SECONDS_REACH = 900
const TENS_REACH = 86_400
const COARSE = 300

interface Sums {
  readonly parts: number[]
  errors: Readonly<Record<string, number>>
}

export function createGlance({ recent, store, unwritten, now }: GlanceParts): Glance {
  /** Complete seconds only: the one that is filling would make every rate too low. */
  const rateOf = (id: string) => {
    const end = now()
    const seconds = recent.read(id, end - RATE_SECONDS, end)
    return (
      Math.max(
        seconds.reduce((sum, { figure }) => sum + callersRequests(figure), 0),
        0,
      ) / RATE_SECONDS
    )
  }

  function quantilesOf(id: string) {
    const end = now() + 1
    const latency = createHistogram()
    for (const { figure } of recent.read(id, end - QUANTILE_SECONDS, end))
      if (!isShadow(figure)) latency.merge(figure.latency)
    const quantile = (share: number) => latency.quantile(share) ?? null
    return { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }
  }

  function recentSums(id: string, from: number, to: number, parts: number): Sums {
    const sums = noSums(parts)
    for (const { at, figure } of recent.read(id, from, to)) {
      share(sums.parts, { start: at - from, length: 1, width: (to - from) / parts }, callersRequests(figure))
      if (!isShadow(figure)) sums.errors = mergeCounts(sums.errors, figure.errors)
    }
    return sums
  }

  async function keptSums(ids: readonly string[], span: Span): Promise<Map<string, Sums>> {
    const kept = await store.sums(ids, span)
    const all = new Map(ids.map((id) => [id, sumsOf(kept.get(id), span.parts)]))
    const width = (span.to - span.from) / span.parts
    for (const { deploymentId, step, at, figure } of unwritten()) {
      const sums = all.get(deploymentId)
      if (!sums || step !== span.step || at < span.from || at >= span.to) continue
      share(sums.parts, { start: at - span.from, length: step, width }, callersRequests(figure))
      if (!isShadow(figure)) sums.errors = mergeCounts(sums.errors, figure.errors)
    }
    return all
  }

  return {
    rateOf: (ids) => ids.reduce((sum, id) => sum + rateOf(id), 0),
    async read(asked, { seconds, parts }) {
      const step = stepFor(seconds, parts)
      // The step that is filling is the last.
      const to = Math.ceil((now() + 1) / step) * step
      const from = to - Math.ceil(seconds / step) * step
      const kept =
        step === 1
          ? new Map(asked.map(({ id }) => [id, recentSums(id, from, to, parts)]))
          : await keptSums(
              asked.map(({ id }) => id),
              { step, from, to, parts },
            )
      const width = (to - from) / parts
      const deployments = asked.map(({ id, name }) => {
        const sums = kept.get(id) ?? noSums(parts)
        return {
          deployment: name,
          rate: rateOf(id),
          ...quantilesOf(id),
          requests: Math.max(Math.round(sums.parts.reduce((sum, requests) => sum + requests, 0)), 0),
          errors: sums.errors,
          trend: sums.parts.map((requests) => Math.max(requests, 0) / width),
        }
      })
      return { from, to, deployments }
    },
  }
}

/** What callers asked: copies to shadows answer nobody. One that is answered in the second after it was made is taken
 *  off there, so single seconds may fall below zero. */
const callersRequests = ({ requests, shadowed }: Figure) => requests - shadowed
const isShadow = ({ requests, shadowed }: Figure) => shadowed * 2 > requests

/** The coarsest step that a part still holds a whole one of: fewer rows say the same. */
function stepFor(seconds: number, parts: number): 1 | Span['step'] {
  if (seconds <= SECONDS_REACH) return 1
  return seconds > TENS_REACH || seconds / parts >= COARSE ? COARSE : 10
}

const noSums = (parts: number): Sums => ({ parts: Array<number>(parts).fill(0), errors: {} })

function sumsOf(kept: SpanSums | undefined, parts: number): Sums {
  const sums = noSums(parts)
  for (const [part, requests] of kept?.parts ?? []) {
    // Rounding may put a hair of the last step behind the last part.
    const within = Math.min(part, parts - 1)
    sums.parts[within] = (sums.parts[within] ?? 0) + requests
  }
  return { ...sums, errors: kept?.errors ?? {} }
}

/** Shares a step out among the parts that it lies in, by time. */
function share(
  parts: number[],
  { start, length, width }: { readonly start: number; readonly length: number; readonly width: number },
  requests: number,
): void {
  const last = Math.min(parts.length, Math.ceil((start + length) / width))
  for (let part = Math.floor(start / width); part < last; part++) {
    const overlap = Math.min(start + length, (part + 1) * width) - Math.max(start, part * width)
    parts[part] = (parts[part] ?? 0) + (requests * overlap) / length
  }
}
