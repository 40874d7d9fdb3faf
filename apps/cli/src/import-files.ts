import type { ImportParts } from './import-runs.ts'
import { MlflowRefusal, pagesOf } from './mlflow-client.ts'
import type { MlflowServer } from './mlflow-client.ts'
import type { MlflowFile, MlflowLoggedModel } from './mlflow-documents.ts'

/** Through the source's own server, whatever it keeps its files in. */
export async function importFiles(run: string, parts: ImportParts): Promise<number> {
  const { source } = parts
  let count = 0
  const walk = async (folder: string): Promise<void> => {
    const list = (page: object) =>
      source.call('GET', 'artifacts/list', { run_id: run, ...(folder === '' ? {} : { path: folder }), ...page })
    for await (const file of pagesOf<MlflowFile>(list, 'files')) {
      if (file.is_dir) await walk(file.path)
      else {
        const opened = await source.open('get-artifact', { run_uuid: run, path: file.path })
        await putFile(parts, run, file.path, opened, file.file_size)
        count += 1
      }
    }
  }
  await walk('')
  return count + (await importLoggedModels(run, parts))
}

/** The models that a run of MLflow 3 made lie beside its files. Here they come into the run, under their name: that is
 *  where `runs:/…/model` looks first. */
async function importLoggedModels(run: string, parts: ImportParts): Promise<number> {
  const { source, journal } = parts
  let count = 0
  for (const model of await loggedModelsOf(run, source)) {
    const { model_id: id, name = 'model', artifact_uri: uri = '' } = model.info
    const path = /^mlflow-artifacts:\/+(?:[^/]+:\d+\/)?(.*)$/.exec(uri)?.[1]
    if (path === undefined) {
      parts.summary.left.push({ what: 'file', name: id, because: `a logged model kept outside of the server: ${uri}` })
      continue
    }
    for await (const { place, size } of walkProxied(source, path, '')) {
      const opened = await source.open(`api/2.0/mlflow-artifacts/artifacts/${encodePath(`${path}/${place}`)}`)
      await putFile(parts, run, `${name}/${place}`, opened, size)
      count += 1
    }
    await journal.done('logged-model', id, `runs:/${run}/${name}`)
  }
  return count
}

async function loggedModelsOf(run: string, source: MlflowServer): Promise<MlflowLoggedModel[]> {
  const { run: told } = (await source.call('GET', 'runs/get', { run_id: run })) as {
    run?: { info?: { experiment_id?: string }; outputs?: { model_outputs?: readonly { model_id: string }[] } }
  }
  const ids = (told?.outputs?.model_outputs ?? []).map(({ model_id: id }) => id)
  const models: MlflowLoggedModel[] = []
  for (const id of ids) {
    const { model } = (await source.call('GET', `logged-models/${encodeURIComponent(id)}`).catch((error: unknown) => {
      if (error instanceof MlflowRefusal) return {}
      throw error
    })) as { model?: MlflowLoggedModel }
    if (model) models.push(model)
  }
  return models
}

async function* walkProxied(
  source: MlflowServer,
  root: string,
  folder: string,
): AsyncGenerator<{ place: string; size: number | string | undefined }, void> {
  const at = folder === '' ? root : `${root}/${folder}`
  const response = await source.open('api/2.0/mlflow-artifacts/artifacts', { path: at })
  const { files = [] } = (await response.json()) as { files?: readonly MlflowFile[] }
  for (const { path, is_dir: isFolder, file_size: size } of files) {
    const place = folder === '' ? path : `${folder}/${path}`
    if (isFolder) yield* walkProxied(source, root, place)
    else yield { place, size }
  }
}

const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/')

/** From one server to the other, without holding it. */
async function putFile(
  { platform }: ImportParts,
  run: string,
  path: string,
  opened: Response,
  size: number | string | undefined,
): Promise<void> {
  const told = opened.headers.get('content-encoding') ? undefined : opened.headers.get('content-length')
  const length = Number(told ?? size ?? Number.NaN)
  const body = (opened.body ?? new Blob([]).stream()) as ReadableStream<Uint8Array>
  await platform.send(
    platform.contracts.putRunFile,
    { params: { run }, query: { path } },
    { body, ...(Number.isFinite(length) ? { size: length } : {}) },
  )
}
