import type { RunStatus } from '@stead/contracts'
import type { Platform } from './connect.ts'
import { findExperiment } from './experiments.ts'
import { Failure } from './failures.ts'
import { importFiles } from './import-files.ts'
import { importLoggedModels } from './import-logged-models.ts'
import { leave } from './import-parts.ts'
import type { ImportParts } from './import-parts.ts'
import { importTraces } from './import-traces.ts'
import { pagesOf } from './mlflow-client.ts'
import { numberOf, recordOf } from './mlflow-documents.ts'
import type { MlflowExperiment, MlflowMetric, MlflowRun } from './mlflow-documents.ts'

/** All experiments with their runs. What cannot be taken is noted, and the rest goes on. */
export async function importExperiments(parts: ImportParts): Promise<void> {
  const { source, journal } = parts
  const experiments = pagesOf<MlflowExperiment>(
    (page) => source.call('POST', 'experiments/search', { view_type: 'ALL', max_results: 1000, ...page }),
    'experiments',
  )
  for await (const experiment of experiments) {
    try {
      const id = await experimentFor(experiment, parts)
      await importRunsOf(experiment, id, parts)
      await importLoggedModels(experiment.experiment_id, id, parts)
      await importTraces(experiment.experiment_id, id, parts)
      if (journal.has('experiment-whole', experiment.experiment_id)) continue
      if (experiment.lifecycle_stage === 'deleted' && id !== 0) await deleteExperimentOf(parts, id)
      await journal.done('experiment-whole', experiment.experiment_id)
    } catch (error) {
      leave(parts, 'experiment', experiment.name, error)
    }
  }
}

/** One of the same name is gone on with: the numbers of experiments are each server's own. */
async function experimentFor(experiment: MlflowExperiment, parts: ImportParts): Promise<number> {
  const { platform, journal, summary, source } = parts
  const { experiment_id: there } = experiment
  const noted = journal.noted('experiment', there)
  if (noted !== undefined) summary.known.experiment += 1
  if (noted !== undefined && journal.has('experiment-whole', there)) return Number(noted)
  const origin = `${source.url}#${there}`
  const id = noted === undefined ? await makeExperiment(experiment, origin, platform) : Number(noted)
  await reopen(platform, id, origin)
  if (noted === undefined) {
    await journal.done('experiment', there, String(id))
    summary.taken.experiment += 1
  }
  return id
}

const ORIGIN = 'stead.importedFrom'

async function makeExperiment({ name, tags }: MlflowExperiment, origin: string, platform: Platform): Promise<number> {
  if (name === 'Default') return 0
  try {
    const body = { name, tags: { ...recordOf(tags), [ORIGIN]: origin } }
    return (await platform.call(platform.contracts.createExperiment, { body })).id
  } catch (error) {
    if ((error as { code?: string }).code !== 'name_taken') throw error
    return (await findExperiment(platform, name)).id
  }
}

/** Nothing can be put into one that an earlier import, which was broken off, has deleted again. What was deleted by others
 *  is theirs. */
async function reopen(platform: Platform, id: number, origin: string): Promise<void> {
  const { getExperiment, restoreExperiment } = platform.contracts
  const params = { experiment: id }
  const { lifecycle, tags } = await platform.call(getExperiment, { params })
  if (lifecycle === 'active') return
  if (tags[ORIGIN] === origin) await platform.call(restoreExperiment, { params })
  else throw new Failure('one of that name was deleted here: restore or purge it first')
}

const deleteExperimentOf = ({ platform }: ImportParts, experiment: number) =>
  platform.call(platform.contracts.deleteExperiment, { params: { experiment }, query: {} })

async function importRunsOf(experiment: MlflowExperiment, id: number, parts: ImportParts): Promise<void> {
  const { source, journal, summary, jobs, signal, onStep } = parts
  const runs = pagesOf<MlflowRun>(
    (page) =>
      source.call('POST', 'runs/search', {
        experiment_ids: [experiment.experiment_id],
        run_view_type: 'ALL',
        max_results: 500,
        ...page,
      }),
    'runs',
  )
  const take = async () => {
    for (let next = await runs.next(); !next.done; next = await runs.next()) {
      signal.throwIfAborted()
      const run = next.value
      if (journal.has('run', run.info.run_id)) summary.known.run += 1
      else await importOne(run, id, parts).catch((error: unknown) => leave(parts, 'run', run.info.run_id, error))
      onStep()
    }
  }
  await Promise.all(Array.from({ length: jobs }, take))
}

/** Every step of it can be done twice; only when all are done is it noted. */
async function importOne(run: MlflowRun, experiment: number, parts: ImportParts): Promise<void> {
  const { platform, journal, summary } = parts
  const { info, data, inputs, outputs } = run
  const params = { run: info.run_id }
  const status = (info.status ?? 'FINISHED') as RunStatus
  await platform.call(platform.contracts.importRun, {
    params,
    body: {
      experiment,
      name: info.run_name || recordOf(data?.tags)['mlflow.runName'] || info.run_id,
      user: info.user_id ?? '',
      status,
      startedAt: Number(info.start_time ?? 0),
      endedAt: info.end_time === undefined || Number(info.end_time) === 0 ? null : Number(info.end_time),
      tags: recordOf(data?.tags),
      params: recordOf(data?.params),
    },
  })
  let metrics = 0
  for (const { key } of data?.metrics ?? []) metrics += await importHistory(info.run_id, key, parts)
  const datasets = (inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => ({
    name: dataset.name,
    digest: dataset.digest,
    sourceType: dataset.source_type ?? '',
    source: dataset.source ?? '',
    schema: dataset.schema ?? null,
    profile: dataset.profile ?? null,
    tags: recordOf(tags),
  }))
  for (let from = 0; from < datasets.length; from += 100)
    await platform.call(platform.contracts.logDatasets, {
      params,
      body: { datasets: datasets.slice(from, from + 100) },
    })
  const used = inputs?.model_inputs ?? []
  if (used.length > 0) await parts.target.call('POST', 'runs/log-inputs', { run_id: info.run_id, models: used })
  const made = outputs?.model_outputs ?? []
  if (made.length > 0) await parts.target.call('POST', 'runs/outputs', { run_id: info.run_id, models: made })
  const files = parts.withFiles ? await importFiles(info.run_id, parts) : 0
  if (info.lifecycle_stage === 'deleted')
    await platform.call(platform.contracts.deleteRuns, { body: { runs: [info.run_id] as never } })
  await journal.done('run', info.run_id)
  summary.taken.run += 1
  summary.taken.metric += metrics
  summary.taken.file += files
}

const MOST_AT_ONCE = 5_000

async function importHistory(run: string, key: string, { source, platform }: ImportParts): Promise<number> {
  const points = pagesOf<MlflowMetric>(
    (page) => source.call('GET', 'metrics/get-history', { run_id: run, metric_key: key, max_results: 25_000, ...page }),
    'metrics',
  )
  let gathered: { key: string; value: ReturnType<typeof numberOf>; timestamp: number; step: number }[] = []
  let count = 0
  const send = async () => {
    if (gathered.length === 0) return
    await platform.call(platform.contracts.logToRun, { params: { run }, body: { metrics: gathered } })
    count += gathered.length
    gathered = []
  }
  for await (const { value, timestamp, step = 0 } of points) {
    gathered.push({ key, value: numberOf(value), timestamp: Number(timestamp), step: Number(step) })
    if (gathered.length >= MOST_AT_ONCE) await send()
  }
  await send()
  return count
}
