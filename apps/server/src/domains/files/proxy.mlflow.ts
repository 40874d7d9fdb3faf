import type { FilePath } from '@stead/contracts'
import type { FastifyRequest } from 'fastify'
import { invalidValue, MlflowError } from '../../mlflow/failures.ts'
import { optional, repeated, required } from '../../mlflow/message.ts'
import type { MlflowCaller, MlflowMount } from '../../mlflow/mount.ts'
import { announcedSize } from '../artifacts/artifacts.http.ts'
import { answerFile } from './file-answer.http.ts'
import type { Files } from './files.ts'
import { queryOf, told } from './files.mlflow.ts'
import { MOST_PARTS, type Multiparts } from './multiparts.ts'
import { basename, filePath, folderPath } from './paths.ts'

export interface ProxyParts {
  readonly mlflow: MlflowMount
  readonly files: Files
  readonly multiparts: Multiparts
  /** The origin by which this server is called, where that is not the one that it sees. */
  readonly publicUrl: string | undefined
}

const PREFIXES = ['/api/2.0/mlflow-artifacts', '/ajax-api/2.0/mlflow-artifacts'] as const

/** What stands behind `mlflow-artifacts:`, where clients of all versions keep and fetch their files. */
export function serveProxy(parts: ProxyParts): void {
  for (const prefix of PREFIXES) {
    serveTree(parts, prefix)
    serveMultiparts(parts, prefix)
  }
}

function serveTree({ mlflow, files }: ProxyParts, prefix: string): void {
  mlflow({ act: 'run.get', method: 'GET', path: `${prefix}/artifacts` }, async (_input, { project, request }) => {
    const folder = folderPath(queryOf(request).path ?? '')
    return told(await files.list(project, folder), basename)
  })
  mlflow({ act: 'run.get', method: 'GET', path: `${prefix}/artifacts/*` }, async (_input, caller) => {
    const { project, request, reply } = caller
    const path = pathIn(request)
    return answerFile(request, reply, {
      path,
      describe: () => files.find(project, path),
      open: (part) => files.open(project, path, part),
    })
  })
  mlflow(
    { act: 'run.log', method: 'PUT', path: `${prefix}/artifacts/*`, octets: true },
    async (_input, { project, request, body }) => {
      await files.put(project, pathIn(request), body ?? NOTHING, announcedSize(request))
      return {}
    },
  )
  mlflow(
    { act: 'run.delete', method: 'DELETE', path: `${prefix}/artifacts/*`, octets: true },
    async (_input, { project, request }) => {
      await files.remove(project, pathIn(request))
      return {}
    },
  )
  mlflow({ act: 'run.get', method: 'GET', path: `${prefix}/presigned/*` }, async (_input, { project, request }) => {
    const { file, grant } = await files.grant(project, pathIn(request))
    if (grant.kind !== 'url')
      throw new MlflowError(
        'NOT_IMPLEMENTED',
        'Presigned downloads are not supported for the current artifact repository',
      )
    return { url: grant.url, headers: {}, file_size: file.size }
  })
}

function serveMultiparts({ mlflow, multiparts, publicUrl }: ProxyParts, prefix: string): void {
  const Local = { path: required('string') }
  mlflow(
    {
      act: 'run.log',
      method: 'POST',
      path: `${prefix}/mpu/create/*`,
      takes: { ...Local, num_parts: optional('int64') },
    },
    async ({ path, num_parts: count = 1 }, { project, request }) => {
      if (count < 1 || count > MOST_PARTS)
        throw invalidValue(`A multipart upload has between 1 and ${MOST_PARTS} parts. Got ${count}.`)
      const { id, secret } = await multiparts.begin(project, placeOf(request, path))
      const parts = `${publicUrl ?? `${request.protocol}://${request.host}`}${prefix}/mpu/part/${id}`
      const credentials = Array.from({ length: count }, (_, index) => ({
        url: `${parts}/${index + 1}`,
        part_number: index + 1,
        headers: { [SECRET_HEADER]: secret },
      }))
      return { upload_id: id, credentials }
    },
  )
  // Whoever brings a part shows nothing but the secret that came with its address.
  mlflow({ act: 'upload.part', method: 'PUT', path: `${prefix}/mpu/part/:id/:number`, octets: true }, putPart)
  mlflow(
    {
      act: 'run.log',
      method: 'POST',
      path: `${prefix}/mpu/complete/*`,
      takes: {
        ...Local,
        upload_id: required('string'),
        parts: repeated({ part_number: required('int64'), etag: required('string') }),
      },
    },
    async ({ path, upload_id, parts = [] }, { project, request }) => {
      const named = parts.map(({ part_number, etag }) => ({ number: part_number, digest: etag.replaceAll('"', '') }))
      await multiparts.complete(project, placeOf(request, path), upload_id, named)
      return {}
    },
  )
  mlflow(
    {
      act: 'run.log',
      method: 'POST',
      path: `${prefix}/mpu/abort/*`,
      takes: { ...Local, upload_id: required('string') },
    },
    async ({ path, upload_id }, { project, request }) => {
      await multiparts.abort(project, placeOf(request, path), upload_id)
      return {}
    },
  )

  async function putPart(_input: object, { request, reply, body }: MlflowCaller) {
    const { id = '', number } = request.params as Record<string, string | undefined>
    const secret = request.headers[SECRET_HEADER]
    const part = { id, number: Number(number), secret: typeof secret === 'string' ? secret : '' }
    const digest = await multiparts.putPart(part, body ?? NOTHING, announcedSize(request))
    void reply.header('etag', `"${digest}"`)
    return {}
  }
}

const SECRET_HEADER = 'x-stead-part'
const NOTHING: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: async function* () {} }

const pathIn = ({ params }: FastifyRequest): FilePath => filePath((params as { '*': string })['*'])

/** The folder is in the address. The body has the path of the file at its sender, of whatever system: only its name
 *  counts. */
function placeOf(request: FastifyRequest, local: string): FilePath {
  const folder = folderPath((request.params as { '*': string })['*'])
  const name = filePath(local.slice(Math.max(local.lastIndexOf('/'), local.lastIndexOf('\\')) + 1))
  return folder === '' ? name : filePath(`${folder}/${name}`)
}
