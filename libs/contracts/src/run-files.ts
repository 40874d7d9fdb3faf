import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Digest, Instant } from './names.ts'
import { InProject } from './projects.ts'
import { RunId } from './runs.ts'

const LONGEST = 2_000
const LONGEST_SEGMENT = 255
const MOST_DECODINGS = 10

/** Whether a text names a place in a tree of files, and no other place however often it is decoded: relative, with
 *  forward slashes, without empty, `.` and `..` segments, drives, `#`, `file:`, backslashes and control characters. */
export function isFilePath(text: string): boolean {
  if (!text.isWellFormed() || bytesOf(text) > LONGEST) return false
  if (text.split('/').some((segment) => bytesOf(segment) > LONGEST_SEGMENT)) return false
  let read = text
  for (let times = 0; times <= MOST_DECODINGS; times++) {
    if (!isPlain(read)) return false
    const decoded = decodedOnce(read)
    if (decoded === read) return true
    read = decoded
  }
  return false
}

const isPlain = (path: string): boolean =>
  !/[\\#\p{Cc}]/u.test(path) &&
  !/^(?:[a-z]:|file:)/i.test(path) &&
  path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')

const bytesOf = (text: string): number => new TextEncoder().encode(text).length

/** As the most lenient of readers would: what can be decoded is, and the rest is left. */
const decodedOnce = (text: string): string =>
  text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) =>
    new TextDecoder().decode(Uint8Array.from(run.slice(1).split('%'), (pair) => Number.parseInt(pair, 16))),
  )

/** A place in a tree of files. */
export const FilePath = z.string().refine(isFilePath, { error: 'Invalid path' }).brand<'FilePath'>()
export type FilePath = z.infer<typeof FilePath>

/** A folder of a tree of files; the empty text is the top. One slash may stand at its end. */
export const FolderPath = z
  .string()
  .transform((text) => (text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text))
  .refine((text) => text === '' || isFilePath(text), { error: 'Invalid path' })
  .brand<'FolderPath'>()
export type FolderPath = z.infer<typeof FolderPath>

export const FileEntry = z.object({
  /** From the top of the run or logged model. */
  path: z.string(),
  isFolder: z.boolean(),
  /** Null for a folder, as are the following. */
  size: z.number().int().min(0).nullable(),
  digest: Digest.nullable(),
  updatedAt: Instant.nullable(),
})
export type FileEntry = z.infer<typeof FileEntry>

const FolderPage = z.object({
  path: FolderPath.default(FolderPath.parse('')),
  /** The `next` of the page before. */
  after: z.string().max(LONGEST).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
})
const FolderAnswer = z.object({ files: z.array(FileEntry), next: z.string().nullable() })
const OneFile = z.object({ path: FilePath })

const OneRun = InProject.extend({ run: RunId })
const RUN_FAILS = ['project_not_found', 'run_not_found', 'invalid_request'] as const
const STORE_FAILS = ['digest_mismatch', 'payload_too_large', 'storage_full', 'content_type_refused'] as const

export const listRunFiles = endpoint({
  act: 'run.get',
  method: 'GET',
  path: '/api/v1/projects/:project/runs/:run/files',
  says: 'Lists what is directly in a folder of a run. A folder that is not there has nothing in it.',
  params: OneRun,
  query: FolderPage,
  returns: FolderAnswer,
  fails: RUN_FAILS,
})

export const getRunFile = endpoint({
  act: 'run.get',
  method: 'GET',
  path: '/api/v1/projects/:project/runs/:run/files/content',
  says: 'Streams a file of a run; a Range header asks for a part.',
  params: OneRun,
  query: OneFile,
  streams: { out: 'octets' },
  fails: [...RUN_FAILS, 'file_not_found', 'range_unsatisfiable'],
})

export const putRunFile = endpoint({
  act: 'run.log',
  method: 'PUT',
  path: '/api/v1/projects/:project/runs/:run/files/content',
  status: 201,
  says: 'Stores a file of a run, in place of one of the same path. It is there whole or not at all.',
  params: OneRun,
  query: OneFile,
  returns: FileEntry,
  streams: { in: 'octets' },
  fails: [...RUN_FAILS, ...STORE_FAILS],
})

export const deleteRunFiles = endpoint({
  act: 'run.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/runs/:run/files/content',
  status: 204,
  says: 'Removes a file of a run, or a folder with all that is in it. Nothing happens where there is none.',
  params: OneRun,
  query: OneFile,
  fails: RUN_FAILS,
})

const OneLoggedModel = InProject.extend({ loggedModel: z.string().min(1).max(256) })
const MODEL_FAILS = ['project_not_found', 'logged_model_not_found', 'invalid_request'] as const

export const listLoggedModelFiles = endpoint({
  act: 'logged-model.get',
  method: 'GET',
  path: '/api/v1/projects/:project/logged-models/:loggedModel/files',
  says: 'Lists what is directly in a folder of a logged model. A folder that is not there has nothing in it.',
  params: OneLoggedModel,
  query: FolderPage,
  returns: FolderAnswer,
  fails: MODEL_FAILS,
})

export const getLoggedModelFile = endpoint({
  act: 'logged-model.get',
  method: 'GET',
  path: '/api/v1/projects/:project/logged-models/:loggedModel/files/content',
  says: 'Streams a file of a logged model; a Range header asks for a part.',
  params: OneLoggedModel,
  query: OneFile,
  streams: { out: 'octets' },
  fails: [...MODEL_FAILS, 'file_not_found', 'range_unsatisfiable'],
})

export const putLoggedModelFile = endpoint({
  act: 'logged-model.change',
  method: 'PUT',
  path: '/api/v1/projects/:project/logged-models/:loggedModel/files/content',
  status: 201,
  says: 'Stores a file of a logged model, in place of one of the same path. It is there whole or not at all.',
  params: OneLoggedModel,
  query: OneFile,
  returns: FileEntry,
  streams: { in: 'octets' },
  fails: [...MODEL_FAILS, ...STORE_FAILS],
})

export const deleteLoggedModelFiles = endpoint({
  act: 'logged-model.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/logged-models/:loggedModel/files/content',
  status: 204,
  says: 'Removes a file of a logged model, or a folder with all that is in it. Nothing happens where there is none.',
  params: OneLoggedModel,
  query: OneFile,
  fails: MODEL_FAILS,
})
