import { SteadError } from '@stead/contracts'
import type { Artifact, ArtifactGrant, Digest, ProjectName } from '@stead/contracts'
import type { Readable } from 'node:stream'
import type { Projects } from '../projects/projects.ts'
import type { ArtifactStore, Bytes, Range } from './artifacts.store.ts'
import type { Keeping } from './keeping.ts'

/** Which project may read which artifact. Bytes that nobody owns are invisible. */
export interface ArtifactOwners {
  sizeIn(projectId: string, digest: Digest): Promise<number | undefined>
  /** For a while afterwards it is kept, whether anything names it or not. */
  own(projectId: string, artifact: Artifact): Promise<void>
  /** All artifacts of all projects, each digest once. */
  total(): Promise<{ count: number; size: number }>
}

export interface Artifacts {
  /** Reads the bytes to their end unless it refuses them; what is refused leaves nothing. */
  put(project: ProjectName, digest: Digest, bytes: Bytes, size: number | undefined): Promise<Artifact>
  size(project: ProjectName, digest: Digest): Promise<number>
  open(digest: Digest, range: Range | undefined): Promise<Readable>
  grant(project: ProjectName, digest: Digest, caller: { local: boolean }): Promise<ArtifactGrant>
}

/** `limit` is the most bytes an artifact may have. */
export function createArtifacts(
  store: ArtifactStore,
  owners: ArtifactOwners,
  projects: Projects,
  limit: number,
  keeping: Keeping,
): Artifacts {
  async function size(project: ProjectName, digest: Digest): Promise<number> {
    const found = await owners.sizeIn(await projects.idOf(project), digest)
    if (found === undefined) throw new SteadError('artifact_not_found', `there is no artifact ${digest}`)
    return found
  }
  return {
    size,
    async put(project, digest, bytes, announced) {
      const projectId = await projects.idOf(project)
      return keeping.during(async (keep) => {
        await keep(digest)
        const { size } = await unlessBrokenOff(store.put(digest, bytes, { size: announced, limit }))
        await owners.own(projectId, { digest, size })
        return { digest, size }
      })
    },
    open: async (digest, range) => (await store.open(digest, range)).stream,
    async grant(project, digest, { local }) {
      const bytes = await size(project, digest)
      const grant = await store.grant(digest)
      if (grant.kind === 'url') return { kind: 'url', url: grant.url, size: bytes }
      return local ? { kind: 'path', path: grant.path, size: bytes } : { kind: 'stream', size: bytes }
    },
  }
}

/** An upload whose sender went away is its sender's failure. */
export async function unlessBrokenOff<T>(stored: Promise<T>): Promise<T> {
  try {
    return await stored
  } catch (cause) {
    const brokenOff = cause instanceof Error && 'code' in cause && cause.code === 'ECONNRESET'
    if (!brokenOff) throw cause
    throw new SteadError('digest_mismatch', 'the upload broke off', { where: 'body', cause })
  }
}
