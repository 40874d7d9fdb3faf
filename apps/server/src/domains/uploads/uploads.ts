import { SteadError } from '@stead/contracts'
import type { Digest, ProjectName, Upload } from '@stead/contracts'
import type { ArtifactOwners, Artifacts } from '../artifacts/artifacts.ts'
import type { Bytes } from '../artifacts/artifacts.store.ts'
import type { Projects } from '../projects/projects.ts'
import { arriving } from './arriving.ts'
import { createTurns } from './turns.ts'
import type { UploadKey, UploadStore } from './uploads.store.ts'

/** A piece of an upload: where it goes, and how many bytes its sender announced, if it did. */
export interface Piece {
  readonly offset: number
  readonly bytes: Bytes
  readonly announced: number | undefined
}

export interface Uploads {
  /** Tells how far it is if it was begun before. With another size it begins anew. */
  begin(project: ProjectName, digest: Digest, size: number): Promise<Upload>
  find(project: ProjectName, digest: Digest): Promise<Upload>
  /** Takes the place of an append that is still under way, if it knows the right offset: that one's connection is
   *  probably dead. The last byte stores the artifact; so does an empty piece where a crash came in between. */
  append(project: ProjectName, digest: Digest, piece: Piece): Promise<Upload>
  cancel(project: ProjectName, digest: Digest): Promise<void>
  /** All unfinished ones, with the bytes that they hold. */
  total(): Promise<{ count: number; size: number }>
  /** Removes what nobody has touched since. */
  forgetBefore(instant: Date): Promise<void>
}

export interface UploadsParts {
  readonly store: UploadStore
  readonly artifacts: Pick<Artifacts, 'put'>
  readonly owners: Pick<ArtifactOwners, 'sizeIn' | 'own'>
  readonly projects: Pick<Projects, 'idOf'>
  /** The most bytes an artifact may have. */
  readonly limit: number
}

export function createUploads({ store, artifacts, owners, projects, limit }: UploadsParts): Uploads {
  const turns = createTurns()
  const keyOf = async (project: ProjectName, digest: Digest) => ({ projectId: await projects.idOf(project), digest })

  /** Bytes that only another project has are not there: who knows a digest has not thereby the bytes. */
  async function look(key: UploadKey): Promise<Upload | undefined> {
    const { digest } = key
    const owned = await owners.sizeIn(key.projectId, digest)
    if (owned !== undefined) return { digest, size: owned, received: owned, complete: true }
    const found = await store.find(key)
    return found && { digest, size: found.size, received: found.received, complete: false }
  }
  async function find(key: UploadKey): Promise<Upload> {
    const found = await look(key)
    if (!found) throw notFound(key.digest)
    return found
  }
  /** The part goes only after the artifact is owned: a crash in between repeats this, and loses nothing. */
  async function finish(project: ProjectName, key: UploadKey, size: number): Promise<Upload> {
    const { digest } = key
    const bytes = await store.open(key)
    try {
      await artifacts.put(project, digest, bytes, size)
    } catch (error) {
      if (error instanceof SteadError && error.code === 'digest_mismatch') await store.remove(key)
      throw error
    } finally {
      bytes.destroy()
    }
    await store.remove(key)
    return { digest, size, received: size, complete: true }
  }

  return {
    async begin(project, digest, size) {
      const key = await keyOf(project, digest)
      const found = await look(key)
      if (found?.complete) {
        // What a crash left after the artifact was owned, or what another sender did not finish.
        await turns.take(nameOf(key), () => store.remove(key))
        // Whoever is told that it is there is about to name it.
        await owners.own(key.projectId, { digest, size: found.size })
        return found
      }
      if (size > limit) throw tooLarge(`An artifact may have ${limit} bytes at most here.`, 'body.size')
      if (found?.size === size) {
        await store.touch(key)
        return found
      }
      return turns.take(nameOf(key), async () => {
        const now = await look(key)
        if (now?.complete || now?.size === size) return now
        await store.begin(key, size)
        return { digest, size, received: 0, complete: false }
      })
    },
    find: async (project, digest) => find(await keyOf(project, digest)),
    async append(project, digest, { offset, bytes, announced }) {
      const key = await keyOf(project, digest)
      // Who is at the wrong place disturbs nobody.
      const early = await find(key)
      if (early.complete) return early
      refuseOtherPlace(early, offset)
      return turns.take(nameOf(key), async (leave) => {
        const begun = await find(key)
        if (begun.complete) return begun
        if (leave.aborted) throw wrongPlace(begun, 'Another sender goes on with it')
        refuseOtherPlace(begun, offset)
        if (offset + (announced ?? 0) > begun.size) throw beyond(begun)
        await store.append(key, within(begun, arriving(bytes, leave)))
        const now = await find(key)
        if (!now.complete && now.received === now.size) return finish(project, key, now.size)
        if (!now.complete && leave.aborted) throw wrongPlace(now, 'Another sender goes on with it')
        return now
      })
    },
    async cancel(project, digest) {
      const key = await keyOf(project, digest)
      const removed = await turns.take(nameOf(key), () => store.remove(key))
      if (!removed) throw notFound(digest)
    },
    async total() {
      let count = 0
      let size = 0
      for await (const { received } of store.list()) {
        count += 1
        size += received
      }
      return { count, size }
    },
    async forgetBefore(instant) {
      for await (const { touchedAt, ...key } of store.list()) {
        if (touchedAt >= instant || turns.isTaken(nameOf(key))) continue
        await turns.take(nameOf(key), async () => {
          const now = await store.find(key)
          if (now && now.touchedAt < instant) await store.remove(key)
        })
      }
    },
  }
}

const nameOf = ({ projectId, digest }: UploadKey) => `${projectId} ${digest}`

/** Passes the bytes on, and fails before any that would go beyond the end. */
async function* within(upload: Upload, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let left = upload.size - upload.received
  for await (const chunk of bytes) {
    left -= chunk.byteLength
    if (left < 0) throw beyond(upload)
    yield chunk
  }
}

function refuseOtherPlace(upload: Upload, offset: number): void {
  if (offset !== upload.received) throw wrongPlace(upload, `These bytes are for ${offset}`)
}

const wrongPlace = ({ received, size }: Upload, why: string) =>
  new SteadError('upload_offset_wrong', `${why}; the upload is at ${received} of ${size} bytes.`, {
    where: 'query.offset',
    details: { received },
  })

const beyond = ({ size }: Upload) => tooLarge(`The upload was begun with ${size} bytes; these go beyond.`, 'body')

const tooLarge = (message: string, where: string) => new SteadError('payload_too_large', message, { where })

const notFound = (digest: Digest) =>
  new SteadError('upload_not_found', `There is no unfinished upload of ${digest}.`, { where: 'path.digest' })
