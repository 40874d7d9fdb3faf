import type { RunRow } from '@stead/contracts'
import { isSystem } from '../runs/metric-groups.ts'

export type Section = 'run' | 'made' | 'metrics' | 'params' | 'tags'

/** One line of the comparison: a name and what each run has for it. */
export interface ComparedRow {
  readonly section: Section
  readonly key: string
  /** In the order of the runs; undefined where a run has none. */
  readonly values: readonly (string | undefined)[]
  readonly isDifferent: boolean
  /** Of a metric, in the same order. */
  readonly numbers?: readonly (number | undefined)[]
}

const natural = new Intl.Collator('en', { numeric: true })

export function comparedRow(section: Section, key: string, values: readonly (string | undefined)[]): ComparedRow {
  return { section, key, values, isDifferent: values.some((value) => value !== values[0]) }
}

/** Clients keep there what the first section tells in words. */
const TOLD_ELSEWHERE = /^(mlflow\.(user|runName|source\.|note\.content|parentRunId|log-model)|stead\.git\.difference$)/

/** All metrics, params and tags that any of the runs has, by section and name. */
export function loggedRows(runs: readonly RunRow[]): ComparedRow[] {
  const keysOf = (read: (run: RunRow) => object) =>
    [...new Set(runs.flatMap((run) => Object.keys(read(run))))].toSorted(natural.compare)
  const metricKeys = keysOf((run) => run.metrics).toSorted((a, b) => Number(isSystem(a)) - Number(isSystem(b)))
  const metrics = metricKeys.map((key): ComparedRow => {
    const numbers = runs.map(({ metrics: own }) => {
      const value = own[key]?.value
      return value === undefined ? undefined : Number(value)
    })
    return {
      ...comparedRow(
        'metrics',
        key,
        runs.map((run) => textOf(run.metrics[key]?.value)),
      ),
      numbers,
    }
  })
  const params = keysOf((run) => run.params).map((key) =>
    comparedRow(
      'params',
      key,
      runs.map((run) => run.params[key]),
    ),
  )
  const tags = keysOf((run) => run.tags)
    .filter((key) => !TOLD_ELSEWHERE.test(key))
    .map((key) =>
      comparedRow(
        'tags',
        key,
        runs.map((run) => run.tags[key]),
      ),
    )
  return [...metrics, ...params, ...tags]
}

const textOf = (value: number | string | undefined) => (value === undefined ? undefined : String(value))

const LOWER = /(^|[/_.\- ])(loss|error|err|rmse|mse|mae|mape|perplexity|deviance|regret|brier|wer|cer)([/_.\- \d]|$)/i
const HIGHER =
  /(^|[/_.\- ])(acc|accuracy|auc|roc_auc|f1|f1_score|precision|recall|r2|r2_score|score|bleu|rouge|map|ndcg|iou|dice)([/_.\- \d]|$)/i

/** Which way a metric is good, where its name tells; one that tells both, or neither, is left alone. */
export function betterWay(key: string): 'lower' | 'higher' | undefined {
  const [lower, higher] = [LOWER.test(key), HIGHER.test(key)]
  return lower === higher ? undefined : lower ? 'lower' : 'higher'
}

/** The runs with the best value of a metric; none where its name does not tell, or all have the same. */
export function bestOf({ key, numbers, isDifferent }: ComparedRow): ReadonlySet<number> {
  const way = betterWay(key)
  const finite = (numbers ?? []).filter((value): value is number => value !== undefined && Number.isFinite(value))
  if (way === undefined || !isDifferent || finite.length < 2) return NONE
  const best = way === 'lower' ? Math.min(...finite) : Math.max(...finite)
  return new Set(numbers!.flatMap((value, at) => (value === best ? [at] : [])))
}
const NONE: ReadonlySet<number> = new Set()

/** How far a value is from that of the baseline; undefined where there is nothing to tell. */
export function deltaOf({ numbers }: ComparedRow, at: number, base: number): number | undefined {
  const [own, other] = [numbers?.[at], numbers?.[base]]
  if (at === base || own === undefined || other === undefined) return undefined
  const delta = own - other
  return Number.isFinite(delta) ? delta : undefined
}

/** Those that are looked for, and of them those that differ if only these are wanted. */
export function shownRows(rows: readonly ComparedRow[], find: string, onlyDifferent: boolean): readonly ComparedRow[] {
  const text = find.trim().toLowerCase()
  return rows.filter(
    ({ key, isDifferent }) => (!onlyDifferent || isDifferent) && (text === '' || key.toLowerCase().includes(text)),
  )
}
