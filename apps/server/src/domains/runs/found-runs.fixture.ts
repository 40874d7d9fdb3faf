import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import type { Clause, Filter, Operand, Order } from '../filters/filter.ts'

/** Runs as the tables keep them, and a plain reading of filters and orders over them, to compare with. */
export interface KeptRun {
  readonly run_id: string
  readonly experiment: number
  readonly name: string
  readonly user_name: string
  readonly status: string
  readonly started_at: number
  readonly ended_at: number | null
  readonly lifecycle: 'active' | 'deleted'
  readonly metrics: Readonly<Record<string, number>>
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly datasets: ReadonlyArray<{ readonly name: string; readonly digest: string; readonly context: string | null }>
}

export const KEYS = fc.constantFrom('a', 'b c', 'mlflow.user')
export const TEXTS = fc.constantFrom('x', 'X', 'xy', 'x%', 'x_', '', 'é', "it's", 'a\\b', '%', '_', '\\%', 'FAILED')
export const NUMBERS = fc.constantFrom(-1, 0, 0.5, 1, 2, 1e300, -1e300, 1e19, -1e19, 2.5)
const VALUES = fc.oneof(NUMBERS, fc.constantFrom(NaN, Infinity, -Infinity))

export const anyRun: fc.Arbitrary<KeptRun> = fc.record({
  run_id: fc.uuid().map((id) => id.replaceAll('-', '')),
  experiment: fc.constantFrom(1, 2),
  name: TEXTS,
  user_name: TEXTS,
  status: fc.constantFrom('RUNNING', 'FAILED', 'FINISHED'),
  started_at: fc.constantFrom(0, 1, 2, 3),
  ended_at: fc.constantFrom(null, 1, 2),
  lifecycle: fc.constantFrom('active', 'active', 'deleted'),
  metrics: fc.dictionary(KEYS, VALUES),
  params: fc.dictionary(KEYS, TEXTS),
  tags: fc.dictionary(KEYS, TEXTS),
  datasets: fc.uniqueArray(fc.record({ name: TEXTS, digest: fc.constantFrom('d', 'e'), context: fc.option(TEXTS) }), {
    maxLength: 2,
    selector: ({ name, digest }) => `${digest} ${name}`,
  }),
})

/** Puts runs into experiments 1 and 2 of the default project, which it makes. */
export async function keepRuns(kysely: Kysely<Tables>, runs: readonly KeptRun[]): Promise<void> {
  for (const table of ['latest_metrics', 'params', 'run_tags', 'run_datasets', 'datasets', 'runs', 'experiments'])
    await sql`delete from ${sql.table(table)}`.execute(kysely)
  const made = await kysely
    .insertInto('experiments')
    .values(
      [1, 2].map((number) => ({
        project_id: 'default',
        number,
        name: `e${number}`,
        artifact_location: `mlflow-artifacts:/${number}`,
      })),
    )
    .returning(['id', 'number'])
    .execute()
  const ids = new Map(made.map(({ id, number }) => [number, id]))
  for (const run of runs) await keepRun(kysely, run, ids.get(run.experiment) ?? 0)
}

async function keepRun(kysely: Kysely<Tables>, run: KeptRun, experiment_id: number): Promise<void> {
  const { experiment, metrics, params, tags, datasets, status, ...row } = run
  const { id } = await kysely
    .insertInto('runs')
    .values({
      ...row,
      status: status as 'RUNNING', // one of those that the table takes
      project_id: 'default',
      experiment_id,
      artifact_uri: `mlflow-artifacts:/${experiment}/${run.run_id}/artifacts`,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const owner = { run: id, experiment_id }
  for (const [key, value] of Object.entries(metrics))
    await sql`insert into latest_metrics (run, key, experiment_id, step, timestamp, value)
      values (${id}, ${key}, ${experiment_id}, 3, 17, ${String(value)}::double precision)`.execute(kysely)
  for (const [key, value] of Object.entries(params))
    await kysely
      .insertInto('params')
      .values({ ...owner, key, value })
      .execute()
  for (const [key, value] of Object.entries(tags))
    await kysely
      .insertInto('run_tags')
      .values({ ...owner, key, value })
      .execute()
  for (const { name, digest, context } of datasets) {
    const dataset = await kysely
      .insertInto('datasets')
      .values({ project_id: 'default', experiment_id, name, digest, source_type: 'local', source: '{}' })
      .onConflict((conflict) => conflict.columns(['experiment_id', 'name', 'digest']).doUpdateSet({ source: '{}' }))
      .returning('id')
      .executeTakeFirstOrThrow()
    const used = context === null ? [] : [{ key: 'mlflow.data.context', value: context }]
    await kysely.insertInto('run_datasets').values({ run: id, dataset_id: dataset.id, tags: used }).execute()
  }
}

type Value = string | number | null

/** Whether a run passes, as MLflow would have it with OR, NOT and IN. */
export function passes(run: KeptRun, filter: Filter | undefined): boolean {
  switch (filter?.is) {
    case undefined:
      return true
    case 'and':
      return filter.parts.every((part) => passes(run, part))
    case 'or':
      return filter.parts.some((part) => passes(run, part))
    case 'not':
      return !passes(run, filter.part)
    case 'clause':
      return valuesOf(run, filter.field).some((value) => holds(value, filter))
  }
}

const ATTRIBUTES: Readonly<Record<string, (run: KeptRun) => Value>> = {
  run_id: (run) => run.run_id,
  run_name: (run) => run.name,
  status: (run) => run.status,
  user_id: (run) => run.user_name,
  artifact_uri: (run) => `mlflow-artifacts:/${run.experiment}/${run.run_id}/artifacts`,
  start_time: (run) => run.started_at,
  end_time: (run) => run.ended_at,
}

function valuesOf(run: KeptRun, { of, key }: Clause['field']): Value[] {
  if (of === 'metric') return [run.metrics[key] ?? null]
  if (of === 'param') return [run.params[key] ?? null]
  if (of === 'tag') return [run.tags[key] ?? null]
  if (of === 'dataset') return run.datasets.map((dataset) => dataset[key as 'name']) // name, digest or context
  return [ATTRIBUTES[key]?.(run) ?? null]
}

function holds(value: Value, { comparator, operands }: Clause): boolean {
  if (comparator === 'is null') return value === null
  if (comparator === 'is not null') return value !== null
  if (value === null) return false
  const found = Number.isNaN(value) ? 0 : value
  const given = operands[0] ?? ''
  const table: Readonly<Record<string, () => boolean>> = {
    '=': () => found === given,
    '!=': () => found !== given,
    '<': () => found < given,
    '<=': () => found <= given,
    '>': () => found > given,
    '>=': () => found >= given,
    in: () => operands.includes(found),
    'not in': () => !operands.includes(found),
    like: () => expression(given, 'su').test(String(found)),
    ilike: () => expression(given, 'sui').test(String(found)),
  }
  return table[comparator]?.() ?? false
}

function expression(pattern: Operand, flags: string): RegExp {
  const parts = String(pattern).matchAll(/\\([%_\\])|([%_])|(.)/gsu)
  const wild: Readonly<Record<string, string>> = { '%': '.*', _: '.' }
  const source = [...parts].map(([, literal, sign, other]) =>
    sign === undefined ? escaped(literal ?? other ?? '') : wild[sign],
  )
  return new RegExp(`^${source.join('')}$`, flags)
}

const escaped = (text: string) => text.replaceAll(/[$()*+./?[\\\]^{|}-]/gu, String.raw`\$&`)

/** Runs in an order: what is missing comes last and NaN before it, then the newest, then the least run id. */
export function inOrder(runs: readonly KeptRun[], order: readonly Order[]): KeptRun[] {
  return runs.toSorted((a, b) => {
    for (const { field, descending } of order) {
      const [one = null, other = null] = [valuesOf(a, field)[0], valuesOf(b, field)[0]]
      const apart =
        rank(one) - rank(other) || (rank(one) === 0 ? between(one ?? 0, other ?? 0) * (descending ? -1 : 1) : 0)
      if (apart !== 0) return apart
    }
    return b.started_at - a.started_at || between(a.run_id, b.run_id)
  })
}

const rank = (value: Value) => (value === null ? 2 : Number.isNaN(value) ? 1 : 0)
const between = (one: string | number, other: string | number) => (one < other ? -1 : one > other ? 1 : 0)
