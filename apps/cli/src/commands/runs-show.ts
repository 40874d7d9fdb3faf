import type { Run } from '@stead/contracts'
import { defineCommand } from '../command.ts'
import { shortMetric } from '../run-columns.ts'
import { readRun } from '../runs.ts'
import { duration, plain, table } from '../text.ts'

export const command = defineCommand({
  arguments: ['run'],
  options: {},
  about: 'RUN is its id, the beginning of it, or its name.',
  examples: ['stead runs show bold-finch-12', 'stead runs show 3f9c21ab --json'],
  async run({ arguments: { run: given } }, context) {
    const run = await readRun(await context.connect(), given)
    if (context.json) return context.document(run)
    context.print(...linesOf(run, Date.now()))
  },
})

function linesOf(run: Run, now: number): string[] {
  const took = duration((run.endedAt ?? now) - run.startedAt)
  const parts = [
    run.parent === null ? '' : `part of ${run.parent}`,
    run.children === 0 ? '' : `with ${run.children} parts`,
    run.lifecycle === 'deleted' ? 'deleted' : '',
  ].filter(Boolean)
  const isPlainTag = ([key]: [string, string]) => !key.startsWith('mlflow.log-model') && key !== 'mlflow.runName'
  return [
    `${plain(run.name)}  ${run.id}`,
    `  ${run.status}, ${took} from ${new Date(run.startedAt).toISOString()}${run.user === '' ? '' : ` by ${plain(run.user)}`}, in experiment ${run.experiment}`,
    ...(parts.length > 0 ? [`  ${parts.join(', ')}`] : []),
    ...section('METRIC', ['VALUE', 'STEP'], Object.entries(run.metrics), ({ value, step }) => [
      shortMetric(value),
      `${step}`,
    ]),
    ...section('PARAM', ['VALUE'], Object.entries(run.params), (value) => [value]),
    ...section('TAG', ['VALUE'], Object.entries(run.tags).filter(isPlainTag), (value) => [value]),
    ...section(
      'DATASET',
      ['DIGEST', 'CONTEXT'],
      run.datasets.map((dataset) => [dataset.name, dataset] as const),
      ({ digest, tags }) => [digest, tags['mlflow.data.context'] ?? ''],
    ),
    ...section(
      'MODEL',
      ['DIRECTION', 'STEP'],
      run.models.map((model) => [model.model, model] as const),
      ({ direction, step }) => [direction, `${step}`],
    ),
  ]
}

function section<T>(
  title: string,
  titles: readonly string[],
  entries: readonly (readonly [string, T])[],
  of: (value: T) => string[],
): string[] {
  if (entries.length === 0) return []
  const rows = entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, ...of(value)])
  return ['', ...table([title, ...titles], rows).map((line) => `  ${line}`)]
}
