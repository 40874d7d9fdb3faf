import { mergeSnapshots, type FamilySnapshot, type MetricsSnapshot, type SeriesSnapshot } from './metrics-snapshot.ts'
import { renderSnapshot } from './metrics-text.ts'

export interface Counter {
  /** Adds 1, or a number that is not negative. */
  add(by?: number): void
}

export interface Gauge {
  set(value: number): void
  add(by: number): void
}

export interface Distribution {
  observe(value: number): void
}

/** One metric with labels. `with` finds the child for a set of values: keep the child where increments are hot. */
export interface Family<Child, L extends string> {
  with(labels: Readonly<Record<L, string>>): Child
  /** Forgets a child, once what it counted is gone; a child that was kept goes on counting, unseen. */
  remove(labels: Readonly<Record<L, string>>): void
}

interface Described {
  readonly name: string
  readonly help: string
}

interface Labelled<L extends string> {
  readonly labels: readonly L[]
}

interface Bounded {
  /** Upper bounds, ascending; +Inf is understood. */
  readonly bounds: readonly number[]
}

interface Mergeable {
  /** What several threads' gauges of one name make together; the default is their sum. */
  readonly merge?: FamilySnapshot['merge']
}

/** Metrics of one thread. Asking again for a metric of the same kind gives the same one; of another kind, it throws. */
export interface MetricsRegistry {
  counter(spec: Described): Counter
  counter<const L extends string>(spec: Described & Labelled<L>): Family<Counter, L>
  gauge(spec: Described & Mergeable): Gauge
  gauge<const L extends string>(spec: Described & Mergeable & Labelled<L>): Family<Gauge, L>
  histogram(spec: Described & Bounded): Distribution
  histogram<const L extends string>(spec: Described & Bounded & Labelled<L>): Family<Distribution, L>
  /** Is called before every snapshot, to set what is cheaper to look up than to follow. */
  collect(collector: () => void): void
  /** Plain data, fit for posting to another thread. */
  snapshot(): MetricsSnapshot
  /** This registry's text together with the snapshots of others. */
  render(others?: readonly MetricsSnapshot[]): string
}

interface Spec extends Described, Partial<Labelled<string>>, Partial<Bounded>, Mergeable {}

interface Series {
  readonly snapshot: () => SeriesSnapshot
}

interface Registered {
  readonly signature: string
  readonly family: Family<unknown, string>
  readonly plain: unknown
  readonly snapshot: () => FamilySnapshot
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/

export function createMetrics(): MetricsRegistry {
  const registered = new Map<string, Registered>()
  const collectors: (() => void)[] = []

  function register<Child>(
    type: FamilySnapshot['type'],
    spec: Spec,
    create: (labels: readonly string[]) => Child & Series,
  ): unknown {
    const signature = JSON.stringify([type, spec.labels ?? [], spec.bounds ?? [], spec.merge ?? 'sum'])
    const known = registered.get(spec.name)
    if (known && known.signature !== signature) {
      throw new TypeError(`The metric ${spec.name} exists already, as another kind: ${known.signature}.`)
    }
    const found = known ?? createFamily(type, spec, signature, create)
    registered.set(spec.name, found)
    return spec.labels ? found.family : found.plain
  }

  const failures = () =>
    register('counter', { name: 'metrics_collector_failures', help: 'Collectors that threw.' }, counterOf) as Counter

  function snapshot(): MetricsSnapshot {
    for (const collector of collectors) {
      try {
        collector()
      } catch {
        // One broken collector must not blind the whole page; the page itself tells.
        failures().add()
      }
    }
    return [...registered.values()].map((family) => family.snapshot())
  }

  // The overloads promise per spec what `register` can only know at run time.
  return {
    counter: (spec: Spec) => register('counter', spec, counterOf),
    gauge: (spec: Spec) => register('gauge', spec, gaugeOf),
    histogram: (spec: Spec) => {
      const bounds = checkedBounds(spec)
      return register('histogram', { ...spec, bounds }, (labels) => distributionOf(labels, bounds))
    },
    collect: (collector: () => void) => void collectors.push(collector),
    snapshot,
    render: (others = []) => renderSnapshot(mergeSnapshots([snapshot(), ...others])),
  } as MetricsRegistry
}

function createFamily<Child>(
  type: FamilySnapshot['type'],
  spec: Spec,
  signature: string,
  create: (labels: readonly string[]) => Child & Series,
): Registered {
  const { name, help, labels = [], bounds, merge = 'sum' } = spec
  checkNames(spec, type)
  const children = new Map<string, Child & Series>()
  const valuesOf = (given: Readonly<Record<string, string>>) => labels.map((label) => given[label] ?? '')

  const childOf = (given: Readonly<Record<string, string>>) => {
    const values = valuesOf(given)
    const key = JSON.stringify(values)
    const child = children.get(key) ?? create(values)
    children.set(key, child)
    return child
  }

  return {
    signature,
    family: { with: childOf, remove: (given) => void children.delete(JSON.stringify(valuesOf(given))) },
    plain: labels.length === 0 ? childOf({}) : undefined,
    snapshot: () => {
      const series = [...children.values()].map((child) => child.snapshot())
      return { name, help, type, merge, labels, ...(bounds ? { bounds } : {}), series }
    },
  }
}

function counterOf(labels: readonly string[]): Counter & Series {
  let value = 0
  return {
    add(by = 1) {
      if (!(by >= 0)) throw new RangeError(`A counter only rises; it was to change by ${by}.`)
      value += by
    },
    snapshot: () => ({ labels, value }),
  }
}

function gaugeOf(labels: readonly string[]): Gauge & Series {
  let value = 0
  return {
    set(next) {
      value = next
    },
    add(by) {
      value += by
    },
    snapshot: () => ({ labels, value }),
  }
}

function distributionOf(labels: readonly string[], bounds: readonly number[]): Distribution & Series {
  const counts = new Float64Array(bounds.length + 1)
  let sum = 0
  return {
    observe(value) {
      let at = 0
      while (at < bounds.length && !(value <= (bounds[at] as number))) at += 1
      counts[at] = (counts[at] as number) + 1
      sum += value
    },
    snapshot: () => ({ labels, value: sum, counts: [...counts] }),
  }
}

function checkNames({ name, labels = [] }: Spec, type: FamilySnapshot['type']): void {
  if (!NAME.test(name)) throw new TypeError(`"${name}" cannot name a metric.`)
  for (const label of labels) {
    if (!LABEL.test(label) || (type === 'histogram' && label === 'le')) {
      throw new TypeError(`"${label}" cannot name a label of ${name}.`)
    }
  }
  if (new Set(labels).size !== labels.length) throw new TypeError(`${name} has two labels of one name.`)
}

function checkedBounds({ name, bounds = [] }: Spec): readonly number[] {
  const ascend = bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > (bounds[i - 1] as number)))
  if (!ascend) throw new TypeError(`The bounds of ${name} must be finite and ascend.`)
  return [...bounds]
}
