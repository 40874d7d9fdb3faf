import { appendFileSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExperimentSummary, MetricValue, Run } from '@stead/contracts'
import type { Context } from './command.ts'
import type { Platform } from './connect.ts'
import { findExperiment, listAll } from './experiments.ts'
import { exportModels } from './export-models.ts'
import { Failure } from './failures.ts'
import { createMlflowServer, pagesOf } from './mlflow-client.ts'
import type { MlflowServer } from './mlflow-client.ts'
import { numberOf } from './mlflow-documents.ts'
import type { MlflowMetric } from './mlflow-documents.ts'
import { createParquetTable } from './parquet-table.ts'
import { showBytes } from './progress.ts'
import { filesUnder, placeIn, receiveRunFile } from './run-files.ts'
import { findRuns } from './runs.ts'

export interface ExportWanted {
  readonly folder: string
  /** One experiment, by number or name; all of them, and the registry, where it is not said. */
  readonly experiment: string | undefined
  readonly withFiles: boolean
  readonly onStep: (counts: ExportCounts) => void
}

export interface ExportCounts {
  experiments: number
  runs: number
  metrics: number
  files: number
  models: number
  versions: number
}

/** Writes a folder of Parquet and JSON, which appears only once it is whole. */
export async function exportProject(wanted: ExportWanted, context: Context): Promise<ExportCounts> {
  const { folder } = wanted
  await refuseFull(folder)
  const part = `${folder.replace(/[\\/]+$/, '')}.part`
  await rm(part, { recursive: true, force: true })
  try {
    await mkdir(part, { recursive: true })
    const counts = await writeAll(part, wanted, context)
    await rm(folder, { recursive: true, force: true })
    await rename(part, folder)
    return counts
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    if (error instanceof Error && 'syscall' in error && 'path' in error)
      throw new Failure(`cannot write ${folder}: ${error.message}`, undefined, error)
    throw error
  }
}

async function refuseFull(folder: string): Promise<void> {
  const there = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw new Failure(`cannot write into ${folder}: ${cause.message}`, undefined, cause)
  })
  if (there.length > 0) throw new Failure(`${folder} is not empty`, 'Name another folder, or remove it.')
}

async function writeAll(part: string, wanted: ExportWanted, context: Context): Promise<ExportCounts> {
  const platform = await context.connect()
  const counts = { experiments: 0, runs: 0, metrics: 0, files: 0, models: 0, versions: 0 }
  const experiments =
    wanted.experiment === undefined
      ? await listAll(platform, { lifecycle: 'all' })
      : [await findExperiment(platform, wanted.experiment)]
  counts.experiments = experiments.length
  await writeJson(join(part, 'experiments.json'), experiments)
  await writeRuns(part, experiments, { platform, counts, wanted, context })
  if (wanted.experiment === undefined)
    await exportModels(part, {
      platform,
      counts,
      withFiles: wanted.withFiles,
      context,
      onStep: () => wanted.onStep(counts),
    })
  await writeJson(join(part, 'export.json'), {
    kind: 'stead-export',
    form: 1,
    project: context.project,
    exportedAt: new Date().toISOString(),
    counts,
  })
  return counts
}

const writeJson = (path: string, value: unknown) => writeFile(path, `${JSON.stringify(value, null, 2)}\n`)

interface Exporting {
  readonly platform: Platform
  readonly counts: ExportCounts
  readonly wanted: ExportWanted
  readonly context: Context
}

/** Times are milliseconds since 1970. */
function openTables(part: string) {
  return {
    runs: createParquetTable(join(part, 'runs.parquet'), {
      run_id: 'STRING',
      experiment_id: 'INT64',
      experiment_name: 'STRING',
      name: 'STRING',
      status: 'STRING',
      user: 'STRING',
      started_at: 'INT64',
      ended_at: 'INT64',
      lifecycle: 'STRING',
      parent_run_id: 'STRING',
      artifact_uri: 'STRING',
    }),
    metrics: createParquetTable(join(part, 'metrics.parquet'), {
      run_id: 'STRING',
      key: 'STRING',
      step: 'INT64',
      timestamp: 'INT64',
      value: 'DOUBLE',
    }),
    params: createParquetTable(join(part, 'params.parquet'), { run_id: 'STRING', key: 'STRING', value: 'STRING' }),
    tags: createParquetTable(join(part, 'tags.parquet'), { run_id: 'STRING', key: 'STRING', value: 'STRING' }),
    datasets: createParquetTable(join(part, 'datasets.parquet'), {
      run_id: 'STRING',
      name: 'STRING',
      digest: 'STRING',
      source_type: 'STRING',
      source: 'STRING',
      schema: 'STRING',
      profile: 'STRING',
      context: 'STRING',
    }),
  }
}
type Tables = ReturnType<typeof openTables>

async function writeRuns(part: string, experiments: readonly ExperimentSummary[], exporting: Exporting): Promise<void> {
  const { platform, counts, wanted, context } = exporting
  const tables = openTables(part)
  const wire = ownWire(context)
  for (const experiment of experiments) {
    const search = { experiments: [experiment.id], lifecycle: 'all' as const, columns: [] }
    for await (const { id } of findRuns(platform, search, Infinity)) {
      const run = await platform.call(platform.contracts.getRun, { params: { run: id } })
      addRun(tables, run, experiment.name)
      // Whole documents beside the tables: for whoever has no Parquet at hand.
      appendFileSync(join(part, 'runs.jsonl'), `${JSON.stringify(run)}\n`)
      await addMetrics(tables, run, platform, wire)
      if (wanted.withFiles) counts.files += await writeFiles(join(part, 'files'), run.id, exporting)
      counts.runs += 1
      counts.metrics = tables.metrics.rows
      wanted.onStep(counts)
    }
  }
  for (const table of Object.values(tables)) table.end()
}

/** The platform by MLflow's protocol, which gives long histories in pages and whole. */
function ownWire({ url, project, terminal }: Context): MlflowServer {
  const token = terminal.env.STEAD_TOKEN?.trim()
  return createMlflowServer({
    url: `${url}/p/${encodeURIComponent(project)}`,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    signal: terminal.signal,
  })
}

function addRun(tables: Tables, run: Run, experiment: string): void {
  const { id } = run
  tables.runs.add({
    run_id: id,
    experiment_id: run.experiment,
    experiment_name: experiment,
    name: run.name,
    status: run.status,
    user: run.user,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    lifecycle: run.lifecycle,
    parent_run_id: run.parent,
    artifact_uri: run.artifactUri,
  })
  for (const [key, value] of Object.entries(run.params)) tables.params.add({ run_id: id, key, value })
  for (const [key, value] of Object.entries(run.tags)) tables.tags.add({ run_id: id, key, value })
  for (const { name, digest, sourceType, source, schema, profile, tags } of run.datasets)
    tables.datasets.add({
      run_id: id,
      name,
      digest,
      source_type: sourceType,
      source,
      schema,
      profile,
      context: tags['mlflow.data.context'] ?? null,
    })
}

const METRICS_AT_ONCE = 20
const POINTS_AT_ONCE = 25_000

async function addMetrics({ metrics }: Tables, run: Run, platform: Platform, wire: MlflowServer): Promise<void> {
  const { id } = run
  const keys = Object.keys(run.metrics)
  const add = (key: string, step: number, timestamp: number, value: MetricValue) =>
    metrics.add({ run_id: id, key, step, timestamp, value: Number(value) })
  for (let from = 0; from < keys.length; from += METRICS_AT_ONCE) {
    const wanted = keys.slice(from, from + METRICS_AT_ONCE)
    const body = { runs: [id], metrics: wanted, points: POINTS_AT_ONCE }
    const { series } = await platform.call(platform.contracts.metricHistory, { body })
    for (const { metric, points, total } of series) {
      if (points.length === total) for (const [step, timestamp, value] of points) add(metric, step, timestamp, value)
      else await addLongHistory(wire, id, metric, add)
    }
  }
}

/** What is thinned is read again, page by page. */
async function addLongHistory(
  wire: MlflowServer,
  run: string,
  metric: string,
  add: (key: string, step: number, timestamp: number, value: MetricValue) => void,
): Promise<void> {
  const pages = pagesOf<MlflowMetric>(
    (page) =>
      wire.call('GET', 'metrics/get-history', {
        run_id: run,
        metric_key: metric,
        max_results: POINTS_AT_ONCE,
        ...page,
      }),
    'metrics',
  )
  for await (const { step = 0, timestamp, value } of pages)
    add(metric, Number(step), Number(timestamp), typeof value === 'number' ? value : numberOf(value))
}

async function writeFiles(folder: string, run: string, { platform, context }: Exporting): Promise<number> {
  const { url, terminal } = context
  const files = await filesUnder(platform, run, '')
  const progress = showBytes({ ...terminal, stderr: { ...terminal.stderr, isTTY: false } }, '')
  for (const file of files)
    await receiveRunFile(platform, run, file, placeIn(join(folder, run), file.path), { progress, url, terminal })
  return files.length
}
