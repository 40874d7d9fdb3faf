import type { FamilySnapshot, MetricsSnapshot, SeriesSnapshot } from './metrics-snapshot.ts'

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** The text that Prometheus scrapes.
 *  Source: prometheus.io/docs/instrumenting/exposition_formats, "Text-based format", version 0.0.4. */
export function renderSnapshot(snapshot: MetricsSnapshot): string {
  return snapshot.map(renderFamily).join('')
}

function renderFamily(family: FamilySnapshot): string {
  const head = `# HELP ${family.name} ${escapeHelp(family.help)}\n# TYPE ${family.name} ${family.type}\n`
  return head + family.series.map((series) => renderSeries(family, series)).join('')
}

function renderSeries(family: FamilySnapshot, series: SeriesSnapshot): string {
  const pairs = family.labels.map((label, i) => `${label}="${escapeLabel(series.labels[i] ?? '')}"`)
  if (!series.counts) return sample(family.name, pairs, series.value)
  let cumulative = 0
  const buckets = series.counts.map((count, i) => {
    cumulative += count
    const bound = numberText(family.bounds?.[i] ?? Infinity)
    return sample(`${family.name}_bucket`, [...pairs, `le="${bound}"`], cumulative)
  })
  const sum = sample(`${family.name}_sum`, pairs, series.value)
  return buckets.join('') + sum + sample(`${family.name}_count`, pairs, cumulative)
}

function sample(name: string, pairs: readonly string[], value: number): string {
  const labels = pairs.length > 0 ? `{${pairs.join(',')}}` : ''
  return `${name}${labels} ${numberText(value)}\n`
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
