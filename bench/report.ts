import type { Spread } from './statistics.ts'

/** A figure that has a bound, worst first in the reader's mind: it is met or it is not. */
export interface Target {
  readonly says: string
  readonly figure: number
  readonly bound: number
  readonly better: 'less' | 'more'
  readonly unit: '×' | 'ms' | 'µs' | '%' | 'MB' | 's'
}

export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What one benchmark found. `about` says how it was measured, in a sentence or two. */
export interface Finding {
  readonly title: string
  readonly about: string
  readonly targets: readonly Target[]
  readonly tables: readonly Table[]
  /** Peers that could not be measured here, each with its reason. */
  readonly leftOut?: readonly string[]
}

export const isMet = ({ figure, bound, better }: Target) => (better === 'less' ? figure <= bound : figure >= bound)

export function shown(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

export const shownSpread = ({ median, least, most }: Spread, factor = 1) =>
  `${shown(median * factor)} [${shown(least * factor)}–${shown(most * factor)}]`

const withUnit = (value: number, unit: Target['unit']) =>
  unit === '×' || unit === '%' ? `${shown(value)} ${unit}` : `${shown(value)} ${unit}`

export function targetsTable(findings: readonly Finding[]): Table {
  return {
    columns: ['figure', 'measured', 'target', ''],
    rows: findings.flatMap(({ targets }) =>
      targets.map((target) => [
        target.says,
        withUnit(target.figure, target.unit),
        `${target.better === 'less' ? '≤' : '≥'} ${withUnit(target.bound, target.unit)}`,
        isMet(target) ? 'met' : '**missed**',
      ]),
    ),
  }
}

export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

export interface Conditions {
  readonly machine: string
  readonly versions: string
  readonly date: string
  readonly quick: boolean
}

/** The whole page. Ratios come first: on a shared machine they hold where absolute figures do not. */
export function page(conditions: Conditions, findings: readonly Finding[], failures: readonly string[]): string {
  const all = findings.flatMap(({ targets }) => targets)
  const leftOut = findings.flatMap((finding) => finding.leftOut ?? [])
  const parts = [
    '# Benchmarks',
    `Written by \`npm run bench\` from one run; not edited by hand. ${conditions.date}, ${conditions.machine}; ${conditions.versions}.` +
      (conditions.quick ? ' A quick run, of few rounds.' : ''),
    'The candidates run side by side, round after round in turn; a figure is the median of its rounds, with the least and the most beside it. ' +
      'CPU is user and system time of all processes of a candidate for one request. The load generator is a process of its own on the same machine, ' +
      'so requests per second and latencies are for comparison within one table only.',
    `## ${all.filter(isMet).length} of ${all.length} targets are met`,
    markdownTable(targetsTable(findings)),
  ]
  if (leftOut.length > 0) parts.push(`Left out: ${leftOut.join('; ')}.`)
  if (failures.length > 0) parts.push(`Could not be measured: ${failures.join('; ')}.`)
  for (const { title, about, tables } of findings) parts.push(`## ${title}`, about, ...tables.map(markdownTable))
  return `${parts.join('\n\n')}\n`
}
