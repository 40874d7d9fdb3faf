import { RunId } from '@stead/contracts'

/** What is compared and how, as the address has it. */
export interface ComparisonSearch {
  readonly runs?: string
  /** The run that differences are told against. */
  readonly base?: string
  /** `all` where equal rows are shown as well. */
  readonly rows?: string
  readonly find?: string
  readonly chart?: string
  readonly metrics?: string
  readonly axes?: string
  readonly x?: string
  readonly y?: string
  readonly z?: string
  readonly colour?: string
  readonly group?: string
  readonly scale?: string
  /** The run that stands out. */
  readonly lit?: string
  readonly file?: string
}

/** Names with commas between; a comma in a name is written `%2C`. */
export const listText = (names: readonly string[]): string =>
  names.map((name) => name.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',')

export const listOf = (text: string | undefined): string[] =>
  text === undefined || text === ''
    ? []
    : text.split(',').map((name) => name.replaceAll('%2C', ',').replaceAll('%25', '%'))

export const MOST_RUNS = 200

/** The runs that are compared, each once, and how many are left out because there are too many. */
export function runsIn(text: string | undefined): { readonly ids: readonly RunId[]; readonly left: number } {
  const all = [...new Set(listOf(text))].flatMap((name) => RunId.safeParse(name).data ?? [])
  return { ids: all.slice(0, MOST_RUNS), left: Math.max(all.length - MOST_RUNS, 0) }
}

export const CHARTS = ['lines', 'bar', 'scatter', 'parallel', 'contour', 'box'] as const
export type ChartKind = (typeof CHARTS)[number]
export const chartIn = (text: string | undefined): ChartKind => CHARTS.find((kind) => kind === text) ?? 'lines'
