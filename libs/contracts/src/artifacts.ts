import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Digest } from './names.ts'
import { InProject } from './projects.ts'

export const Artifact = z.object({ digest: Digest, size: z.number().int().min(0) })
export type Artifact = z.infer<typeof Artifact>

/** How a reader gets the bytes: a read-only file on this machine, a presigned URL, or this server's stream. */
export const ArtifactGrant = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path: z.string(), size: z.number() }),
  z.object({ kind: z.literal('url'), url: z.url(), size: z.number() }),
  z.object({ kind: z.literal('stream'), size: z.number() }),
])
export type ArtifactGrant = z.infer<typeof ArtifactGrant>

const OneArtifact = InProject.extend({ digest: Digest })

export const putArtifact = endpoint({
  act: 'artifact.put',
  method: 'PUT',
  path: '/api/v1/projects/:project/artifacts/:digest',
  status: 201,
  says: 'Stores bytes under their SHA-256. Sending them again changes nothing.',
  params: OneArtifact,
  returns: Artifact,
  streams: { in: 'octets' },
  fails: ['project_not_found', 'digest_mismatch', 'payload_too_large', 'storage_full', 'content_type_refused'],
})

export const getArtifact = endpoint({
  act: 'artifact.get',
  method: 'GET',
  path: '/api/v1/projects/:project/artifacts/:digest',
  says: 'Streams the bytes; a Range header asks for a part.',
  params: OneArtifact,
  streams: { out: 'octets' },
  fails: ['project_not_found', 'artifact_not_found'],
})

export const grantArtifact = endpoint({
  act: 'artifact.get',
  method: 'GET',
  path: '/api/v1/projects/:project/artifacts/:digest/grant',
  says: 'Tells the cheapest way to read the bytes. A path is given only to callers on the same machine.',
  params: OneArtifact,
  returns: ArtifactGrant,
  fails: ['project_not_found', 'artifact_not_found'],
})
