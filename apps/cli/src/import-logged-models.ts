import { bodyOf, encodePath, walkProxied } from './import-files.ts'
import { leave } from './import-parts.ts'
import type { ImportParts } from './import-parts.ts'
import { MlflowRefusal, pagesOf } from './mlflow-client.ts'
import { numberOf, recordOf } from './mlflow-documents.ts'
import type { MlflowLoggedModel } from './mlflow-documents.ts'

/** The models that runs of MLflow 3 made, with their files. Servers before it have none. */
export async function importLoggedModels(there: string, experiment: number, parts: ImportParts): Promise<void> {
  const { source, journal, summary, signal, onStep } = parts
  const models = pagesOf<MlflowLoggedModel>(
    (page) => source.call('POST', 'logged-models/search', { experiment_ids: [there], max_results: 50, ...page }),
    'models',
  )
  try {
    for await (const model of models) {
      signal.throwIfAborted()
      const { model_id: id } = model.info
      if (journal.has('logged-model', id)) summary.known['logged model'] += 1
      else await importOne(model, experiment, parts).catch((error: unknown) => leave(parts, 'logged model', id, error))
      onStep()
    }
  } catch (error) {
    if (!(error instanceof MlflowRefusal && error.code === 'ENDPOINT_NOT_FOUND')) throw error
  }
}

/** Where a version that was made of it finds it here. */
export const loggedModelUri = (id: string) => `models:/${id}`

/** Every step of it can be done twice; only when all are done is it noted. */
async function importOne(model: MlflowLoggedModel, experiment: number, parts: ImportParts): Promise<void> {
  const { platform, journal, summary } = parts
  const { info, data } = model
  const created = Number(info.creation_timestamp_ms ?? 0)
  const metrics = (data?.metrics ?? []).map((metric) => ({
    key: metric.key,
    value: numberOf(metric.value),
    step: Number(metric.step ?? 0),
    timestamp: Number(metric.timestamp),
    run: metric.run_id ?? '',
    dataset: metric.dataset_name ? { name: metric.dataset_name, digest: metric.dataset_digest ?? '' } : null,
  }))
  await platform.call(platform.contracts.importLoggedModel, {
    params: { model: info.model_id },
    body: {
      experiment,
      run: info.source_run_id || null,
      name: info.name || 'model',
      type: info.model_type ?? '',
      status: statusOf(info.status),
      statusMessage: info.status_message ?? '',
      createdAt: created,
      updatedAt: Number(info.last_updated_timestamp_ms ?? created),
      params: recordOf(data?.params),
      tags: recordOf(info.tags),
      metrics: metrics.filter(({ run }) => run !== ''),
    },
  })
  summary.taken.file += parts.withFiles ? await importFilesOf(model, parts) : 0
  await journal.done('logged-model', info.model_id, loggedModelUri(info.model_id))
  summary.taken['logged model'] += 1
}

function statusOf(told: string | undefined): 'PENDING' | 'READY' | 'UPLOAD_FAILED' {
  const status = told?.replace('LOGGED_MODEL_', '')
  return status === 'PENDING' || status === 'UPLOAD_FAILED' ? status : 'READY'
}

/** Through the source's own server. */
async function importFilesOf({ info }: MlflowLoggedModel, parts: ImportParts): Promise<number> {
  const { source, platform } = parts
  const { model_id: id, artifact_uri: uri = '' } = info
  const root = /^mlflow-artifacts:\/+(?:[^/]+:\d+\/)?(.*)$/.exec(uri)?.[1]
  if (root === undefined) {
    parts.summary.left.push({ what: 'file', name: id, because: `a logged model kept outside of the server: ${uri}` })
    return 0
  }
  let count = 0
  for await (const { place, size } of walkProxied(source, root, '')) {
    const opened = await source.open(`api/2.0/mlflow-artifacts/artifacts/${encodePath(`${root}/${place}`)}`)
    await platform.send(
      platform.contracts.putLoggedModelFile,
      { params: { loggedModel: id }, query: { path: place } },
      bodyOf(opened, size),
    )
    count += 1
  }
  return count
}
