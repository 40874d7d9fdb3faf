import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Digest, type FilePath, type ProjectName, SteadError } from '@stead/contracts'
import { hashedBytes } from '../artifacts/checked-bytes.ts'
import type { Bytes } from '../artifacts/artifacts.store.ts'
import type { Projects } from '../projects/projects.ts'
import type { File } from './files.store.ts'
import type { Files } from './files.ts'
import type { MultipartStore } from './multiparts.store.ts'

/** As S3 has it. */
export const MOST_PARTS = 10_000

export interface Multiparts {
  /** Whoever shows the secret may bring parts. */
  begin(project: ProjectName, path: FilePath): Promise<{ id: string; secret: string }>
  /** The digest of the part, by which it is named when the file is complete. */
  putPart(
    part: { id: string; number: number; secret: string },
    bytes: Bytes,
    announced: number | undefined,
  ): Promise<Digest>
  /** Makes the file of the parts, by their numbers. Repeating it where a crash came in between does no harm. */
  complete(
    project: ProjectName,
    path: FilePath,
    id: string,
    parts: readonly { number: number; digest: string }[],
  ): Promise<File>
  abort(project: ProjectName, path: FilePath, id: string): Promise<void>
  /** Removes what nobody has touched since. */
  forgetBefore(instant: Date): Promise<void>
}

export interface MultipartsParts {
  readonly store: MultipartStore
  readonly files: Pick<Files, 'put'>
  readonly projects: Pick<Projects, 'idOf'>
  /** The most bytes a file may have. */
  readonly limit: number
}

export function createMultiparts({ store, files, projects, limit }: MultipartsParts): Multiparts {
  async function own(project: ProjectName, path: FilePath, id: string): Promise<void> {
    const found = await store.find(id)
    if (found?.projectId !== (await projects.idOf(project)) || found.path !== path) throw notFound()
  }
  async function* inOrder(id: string, numbers: readonly number[]): AsyncGenerator<Uint8Array, void> {
    for (const number of numbers) yield* await store.openPart(id, number)
  }
  return {
    async begin(project, path) {
      const id = randomBytes(16).toString('hex')
      const secret = randomBytes(32).toString('base64url')
      const projectId = await projects.idOf(project)
      await store.begin(id, { projectId, path, secretHash: hashOf(secret).toString('hex') })
      return { id, secret }
    },
    async putPart({ id, number, secret }, bytes, announced) {
      const found = await store.find(id)
      const isOne = Number.isInteger(number) && number >= 1 && number <= MOST_PARTS
      if (!found || !isOne || !timingSafeEqual(hashOf(secret), Buffer.from(found.secretHash, 'hex'))) throw notFound()
      return store.putPart(id, number, hashedBytes(bytes, { size: announced, limit }))
    },
    async complete(project, path, id, parts) {
      await own(project, path, id)
      const kept = await store.parts(id)
      const numbers = parts.map(({ number }) => number)
      if (new Set(numbers).size !== numbers.length || numbers.length === 0) throw wrongParts()
      for (const { number, digest } of parts) if (kept.get(number)?.digest !== digest) throw wrongParts()
      const ordered = numbers.toSorted((one, other) => one - other)
      const size = ordered.reduce((sum, number) => sum + (kept.get(number)?.size ?? 0), 0)
      const file = await files.put(project, path, inOrder(id, ordered), size)
      await store.remove(id)
      return file
    },
    async abort(project, path, id) {
      await own(project, path, id)
      await store.remove(id)
    },
    async forgetBefore(instant) {
      for await (const { id, touchedAt } of store.list()) if (touchedAt < instant) await store.remove(id)
    },
  }
}

const hashOf = (secret: string) => createHash('sha256').update(secret).digest()

const notFound = () => new SteadError('upload_not_found', 'There is no such multipart upload.', { where: 'upload_id' })

const wrongParts = () =>
  new SteadError('invalid_request', 'The parts named are not those that were uploaded.', { where: 'parts' })
