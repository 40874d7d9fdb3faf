import { AliasName, createVersion, Digest, ModelName, setAlias, SteadError } from '@stead/contracts'
import type { BundlePath, ProjectName } from '@stead/contracts'
import { uploadFile } from '@stead/sdk'
import type { Client } from '@stead/sdk'
import { sentenceOf } from '../../live/failure.ts'
import { say } from '../../strings/message.ts'
import { uploads as words } from '../../strings/uploads.ts'
import { digestOf, FileUnreadableError } from './hash.ts'
import type { BundleFile, KnownFile, PushRequest, Refusal } from './push.ts'

/** A break shows in steps of a percent at most, and loses no more than one. */
const STEPS = 100
const SMALLEST_STEP = 2 ** 20
const LARGEST_STEP = 8 * 2 ** 20

/** The files with their digests; those that have one already are passed over. */
export async function hashAll(
  files: readonly BundleFile[],
  known: readonly KnownFile[],
  onProgress: (hashed: number) => void,
  signal: AbortSignal,
): Promise<KnownFile[]> {
  const found: KnownFile[] = []
  let before = 0
  for (const [index, { file }] of files.entries()) {
    const one = known[index]!
    const digest = one.digest ?? (await digestOf(file, (done) => onProgress(before + done), signal))
    found.push({ ...one, digest })
    before += file.size
  }
  onProgress(before)
  return found
}

/** Brings all files into the artifact store, one after the other. `wait` passes the time before an attempt after a
 *  break. */
export async function sendAll(
  client: Client,
  project: string,
  files: readonly BundleFile[],
  known: readonly KnownFile[],
  onProgress: (received: number) => void,
  wait: (ms: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let before = 0
  for (const [index, { file }] of files.entries()) {
    await uploadFile(client, {
      project: project as ProjectName,
      digest: Digest.parse(known[index]!.digest),
      size: file.size,
      source: file,
      signal,
      chunkSize: Math.min(Math.max(Math.ceil(file.size / STEPS), SMALLEST_STEP), LARGEST_STEP),
      onProgress: ({ received }) => onProgress(before + received),
      wait,
    })
    before += file.size
  }
}

/** Makes the version of files that are stored. `ifNew` finds the version that has them already. */
export async function register(
  client: Client,
  request: PushRequest,
  files: readonly KnownFile[],
  ifNew: boolean,
  signal: AbortSignal,
): Promise<{ version: number; created: boolean; aliasFailure: string | undefined }> {
  const params = { project: request.project as ProjectName, model: ModelName.parse(request.model) }
  const { version, created } = await client.call(createVersion, {
    params,
    body: {
      files: files.map(({ path, digest }) => ({ path: path as BundlePath, digest: Digest.parse(digest) })),
      ...(request.runtime === '' ? {} : { runtime: request.runtime }),
      ...(request.signature === undefined ? {} : { signature: request.signature }),
      provenance: provenanceOf(request),
      description: request.description,
      ifNew,
    },
    signal,
  })
  return { version, created, aliasFailure: await pointAlias(client, request, version) }
}

async function pointAlias(client: Client, request: PushRequest, version: number): Promise<string | undefined> {
  if (request.alias === '') return undefined
  const params = {
    project: request.project as ProjectName,
    model: ModelName.parse(request.model),
    alias: AliasName.parse(request.alias),
  }
  try {
    await client.call(setAlias, { params, body: { version } })
    return undefined
  } catch (error) {
    return sentenceOf(error)
  }
}

const provenanceOf = ({ sourceRun, dataset, commit }: PushRequest) => ({
  ...(sourceRun === '' ? {} : { sourceRun }),
  ...(dataset === '' ? {} : { dataset }),
  ...(commit === '' ? {} : { commit }),
})

export function refusalOf(error: unknown): Refusal {
  if (error instanceof SteadError) return { code: error.code, message: sentenceOf(error), where: error.where }
  if (error instanceof FileUnreadableError || (error instanceof DOMException && error.name === 'NotReadableError'))
    return { code: 'file_unreadable', message: say(words.unreadable), where: 'body.files' }
  return { code: 'unexpected', message: sentenceOf(error), where: undefined }
}
