import { SteadError } from '@stead/contracts'
import type { Artifact, ArtifactGrant, Digest, ProjectName } from '@stead/contracts'
import type { Readable } from 'node:stream'
import type { Projects } from '../projects/projects.ts'
import type { ArtifactStore, Bytes, Range } from './artifacts.store.ts'

/** Which project may read which artifact. Bytes that nobody owns are invisible. */
export interface ArtifactOwners {
  sizeIn(projectId: string, digest: Digest): Promise<number | undefined>
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
      const artifact = { digest, ...(await storeWhole(store, digest, bytes, { size: announced, limit })) }
      await owners.own(projectId, artifact)
      return artifact
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

async function storeWhole(
  store: ArtifactStore,
  digest: Digest,
  bytes: Bytes,
  expected: { size: number | undefined; limit: number },
) {
  try {
    const { size } = await store.put(digest, bytes, expected)
    return { size }
  } catch (cause) {
    const brokenOff = cause instanceof Error && 'code' in cause && cause.code === 'ECONNRESET'
    if (!brokenOff) throw cause
    throw new SteadError('digest_mismatch', 'the upload broke off', { where: 'body', cause })
  }
}
