import { invalidValue } from '../../mlflow/failures.ts'
import { optional, required } from '../../mlflow/message.ts'
import type { MlflowMount } from '../../mlflow/mount.ts'
import type { Files } from './files.ts'
import { filePath, within } from './paths.ts'
import type { Roots } from './roots.ts'

export interface PresignedParts {
  readonly mlflow: MlflowMount
  readonly files: Files
  readonly roots: Roots
}

/** Addresses by which files of runs are fetched from the bucket itself, where there is one. They are never brought that
 *  way: bytes are named by their digest, which shows only at their end, and this operation has no second call by which
 *  it could be told that they have come. Large files are brought in parts instead (`mpu`), which have one. */
export function servePresigned({ mlflow, files, roots }: PresignedParts): void {
  mlflow(
    {
      act: 'run.log',
      method: 'POST',
      path: 'artifacts/presigned-upload-url',
      takes: { run_id: optional('string'), model_id: optional('string'), path: required('string') },
    },
    async ({ run_id, model_id, path }, { project }) => {
      if (!run_id === !model_id) throw invalidValue('Exactly one of run_id and model_id must be provided.')
      const { uri } = run_id ? await roots.ofRun(project, run_id) : await roots.ofLoggedModel(project, model_id ?? '')
      filePath(path)
      throw proxied('Presigned upload', uri)
    },
  )
  mlflow(
    {
      act: 'run.get',
      method: 'POST',
      path: 'artifacts/presigned-download-url',
      takes: { run_id: required('string'), path: required('string'), expiration: optional('int64') },
    },
    async ({ run_id, path, expiration = DEFAULT_SECONDS }, { project }) => {
      if (expiration < 1 || expiration > MOST_SECONDS)
        throw invalidValue(`expiration must be between 1 and ${MOST_SECONDS} seconds (got ${expiration}).`)
      const { folder, uri } = await roots.ofRun(project, run_id)
      const { file, grant } = await files.grant(project, within(folder, filePath(path)), expiration)
      if (grant.kind !== 'url') throw proxied('Presigned download', uri)
      return { presigned_url: grant.url, file_size: file.size }
    },
  )
}

const DEFAULT_SECONDS = 900
/** What S3 allows. */
const MOST_SECONDS = 604_800

const proxied = (what: string, uri: string) =>
  invalidValue(
    `${what} is not supported for proxied artifact storage (artifact URI scheme: ${uri.split(':')[0] ?? ''}). ` +
      'Use the artifact proxy of this server.',
  )
