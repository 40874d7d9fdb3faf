import type { ImportParts } from './import-parts.ts'
import { pagesOf } from './mlflow-client.ts'
import type { MlflowServer } from './mlflow-client.ts'
import type { MlflowFile } from './mlflow-documents.ts'

/** Through the source's own server, whatever it keeps its files in. */
export async function importFiles(run: string, parts: ImportParts): Promise<number> {
  const { source, platform } = parts
  let count = 0
  const walk = async (folder: string): Promise<void> => {
    const list = (page: object) =>
      source.call('GET', 'artifacts/list', { run_id: run, ...(folder === '' ? {} : { path: folder }), ...page })
    for await (const file of pagesOf<MlflowFile>(list, 'files')) {
      if (file.is_dir) await walk(file.path)
      else {
        const opened = await source.open('get-artifact', { run_uuid: run, path: file.path })
        await platform.send(
          platform.contracts.putRunFile,
          { params: { run }, query: { path: file.path } },
          bodyOf(opened, file.file_size),
        )
        count += 1
      }
    }
  }
  await walk('')
  return count
}

/** All files below a folder that stands behind `mlflow-artifacts:`. */
export async function* walkProxied(
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

export const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/')

/** What goes from one server to the other without being held. */
export function bodyOf(opened: Response, size: number | string | undefined) {
  const told = opened.headers.get('content-encoding') ? undefined : opened.headers.get('content-length')
  const length = Number(told ?? size ?? Number.NaN)
  const body = (opened.body ?? new Blob([]).stream()) as ReadableStream<Uint8Array>
  return { body, ...(Number.isFinite(length) ? { size: length } : {}) }
}
