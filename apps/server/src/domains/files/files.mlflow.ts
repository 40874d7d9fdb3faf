import { ModelName, type ProjectName, SteadError } from '@stead/contracts'
import type { FastifyRequest } from 'fastify'
import { invalidValue } from '../../mlflow/failures.ts'
import { missing, optional, required } from '../../mlflow/message.ts'
import type { MlflowCaller, MlflowMount } from '../../mlflow/mount.ts'
import { announcedSize } from '../artifacts/artifacts.http.ts'
import type { ArtifactStore } from '../artifacts/artifacts.store.ts'
import { answerFile } from './file-answer.http.ts'
import type { Entry } from './files.store.ts'
import type { Files } from './files.ts'
import { below, filePath, folderPath, folderWithin, within } from './paths.ts'
import { servePresigned } from './presigned.mlflow.ts'
import type { Root, Roots } from './roots.ts'

export interface FilesMlflowParts {
  readonly mlflow: MlflowMount
  readonly files: Files
  readonly roots: Roots
  readonly store: Pick<ArtifactStore, 'open'>
}

/** Files of runs, logged models and versions, as MLflow's browser side and its older clients ask for them. */
export function serveFilesMlflow(parts: FilesMlflowParts): void {
  serveRunArtifacts(parts)
  serveLoggedModelArtifacts(parts)
  serveVersionArtifacts(parts)
  servePresigned(parts)
}

function serveRunArtifacts({ mlflow, files, roots }: FilesMlflowParts): void {
  const OfRun = { run_id: optional('string'), run_uuid: optional('string'), path: optional('string') }
  mlflow(
    { act: 'run.get', method: 'GET', path: 'artifacts/list', takes: { ...OfRun, page_token: optional('string') } },
    async ({ run_id, run_uuid, path = '', page_token }, { project }) => {
      const root = await roots.ofRun(project, named('run_id', run_id ?? run_uuid))
      return listBelow(files, project, root, path, page_token)
    },
  )
  mlflow({ act: 'run.get', method: 'GET', path: '/get-artifact', takes: OfRun }, async (input, caller) => {
    const root = await roots.ofRun(caller.project, named('run_id', input.run_id ?? input.run_uuid))
    return answerBelow(files, root, named('path', input.path), caller)
  })
  mlflow({ act: 'run.log', method: 'POST', path: 'upload-artifact', octets: true }, async (_input, caller) => {
    const { request, project, body } = caller
    const { run_uuid, path } = queryOf(request)
    if (!run_uuid) throw invalidValue('Request must specify run_uuid.')
    if (!path) throw invalidValue('Request must specify path.')
    const announced = announcedSize(request)
    if ((announced ?? 0) > UPLOAD_LIMIT) throw tooLarge()
    if (!body || announced === 0) throw invalidValue('Request must specify data.')
    const { folder } = await roots.ofRun(project, run_uuid)
    await files.put(project, within(folder, filePath(path)), upTo(UPLOAD_LIMIT, body), announced)
    return {}
  })
}

function serveLoggedModelArtifacts({ mlflow, files, roots }: FilesMlflowParts): void {
  const OfModel = { model_id: required('string') }
  mlflow(
    {
      act: 'logged-model.get',
      method: 'GET',
      path: 'logged-models/:model_id/artifacts/directories',
      takes: { ...OfModel, artifact_directory_path: optional('string'), page_token: optional('string') },
    },
    async ({ model_id, artifact_directory_path = '', page_token }, { project }) =>
      listBelow(files, project, await roots.ofLoggedModel(project, model_id), artifact_directory_path, page_token),
  )
  mlflow(
    {
      act: 'logged-model.get',
      method: 'GET',
      path: 'logged-models/:model_id/artifacts/files',
      takes: { ...OfModel, artifact_file_path: required('string') },
    },
    async ({ model_id, artifact_file_path }, caller) =>
      answerBelow(files, await roots.ofLoggedModel(caller.project, model_id), artifact_file_path, caller),
  )
}

function serveVersionArtifacts({ mlflow, roots, store }: FilesMlflowParts): void {
  mlflow(
    {
      act: 'version.get',
      method: 'GET',
      path: '/model-versions/get-artifact',
      takes: { name: required('string'), version: required('string'), path: required('string') },
    },
    async ({ name, version, path: asked }, { project, request, reply }) => {
      const path = filePath(asked)
      const number = /^\d{1,9}$/.test(version) ? Number(version) : undefined
      if (number === undefined) throw invalidValue(`Parameter 'version' must be an integer, got '${version}'.`)
      const model = ModelName.safeParse(name)
      if (!model.success) throw new SteadError('model_not_found', `Registered Model with name=${name} not found`)
      const file = await roots.inVersion(project, { model: model.data, number, path })
      return answerFile(request, reply, {
        path,
        describe: async () => file,
        open: (part) => store.open(file.digest, part(file)),
      })
    },
  )
}

const UPLOAD_LIMIT = 10 * 2 ** 20
/** Clients of the Java kind never ask for a second page. */
const PAGE = 10_000

async function listBelow(files: Files, project: ProjectName, root: Root, path: string, token: string | undefined) {
  const folder = folderWithin(root.folder, folderPath(path))
  const found: Entry[] = []
  let after = afterOf(token)
  do {
    const { entries, next } = await files.page(project, folder, { after, limit: 1_000 })
    found.push(...entries)
    after = next ?? undefined
  } while (after !== undefined && found.length < PAGE)
  return {
    root_uri: root.uri,
    ...told(found, (at) => below(root.folder, at)),
    ...(after === undefined ? {} : { next_page_token: Buffer.from(JSON.stringify({ after })).toString('base64') }),
  }
}

const answerBelow = (files: Files, { folder }: Root, asked: string, { project, request, reply }: MlflowCaller) => {
  const path = within(folder, filePath(asked))
  return answerFile(request, reply, {
    path,
    describe: () => files.find(project, path),
    open: (part) => files.open(project, path, part),
  })
}

/** An empty list is none, as everywhere in this protocol. */
export function told(entries: readonly Entry[], name: (path: string) => string) {
  if (entries.length === 0) return {}
  const files = entries.map((entry) =>
    entry.is === 'folder'
      ? { path: name(entry.path), is_dir: true }
      : { path: name(entry.path), is_dir: false, file_size: entry.file.size },
  )
  return { files }
}

function afterOf(token: string | undefined): string | undefined {
  if (!token) return undefined
  try {
    const { after } = JSON.parse(Buffer.from(token, 'base64').toString()) as { after?: unknown }
    if (typeof after === 'string') return filePath(after.replace(/\/$/, '')) && after
  } catch {
    // Told below.
  }
  throw invalidValue(`Invalid page token, ${token.slice(0, 100)}`)
}

async function* upTo(limit: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > limit) throw tooLarge()
    yield chunk
  }
}

export const queryOf = ({ query }: FastifyRequest): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(query as object).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )

function named(name: string, value: string | undefined): string {
  if (!value) throw missing(name)
  return value
}

const tooLarge = () => invalidValue('Artifact size is too large. Max size is 10MB.')
