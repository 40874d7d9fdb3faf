import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Digest } from './names.ts'
import { InProject } from './projects.ts'

/** An artifact on its way in, named by the digest it will have. It outlives the connection, the sender and the
 *  server: whoever has the same bytes goes on from `received`. */
export const Upload = z.object({
  digest: Digest,
  size: z.number().int().min(0),
  /** Bytes that are kept; equal to `size` once the artifact is stored. */
  received: z.number().int().min(0),
  complete: z.boolean(),
})
export type Upload = z.infer<typeof Upload>

const OneUpload = InProject.extend({ digest: Digest })

export const beginUpload = endpoint({
  act: 'artifact.put',
  method: 'PUT',
  path: '/api/v1/projects/:project/uploads/:digest',
  says: 'Begins an upload that can be broken off and resumed, or tells how far it is. Bytes that are stored already need not be sent.',
  params: OneUpload,
  body: z.object({ size: z.number().int().min(0) }),
  returns: Upload,
  fails: ['project_not_found', 'invalid_request', 'payload_too_large', 'storage_full'],
})

export const getUpload = endpoint({
  act: 'artifact.get',
  method: 'GET',
  path: '/api/v1/projects/:project/uploads/:digest',
  says: 'Tells how far an upload is.',
  params: OneUpload,
  returns: Upload,
  fails: ['project_not_found', 'upload_not_found'],
})

export const appendUpload = endpoint({
  act: 'artifact.put',
  method: 'PATCH',
  path: '/api/v1/projects/:project/uploads/:digest',
  says: 'Appends bytes at `offset`, which must be what was received so far. What arrives before a break is kept. The last bytes store the artifact once its digest is verified.',
  params: OneUpload,
  query: z.object({ offset: z.coerce.number().int().min(0) }),
  returns: Upload,
  streams: { in: 'octets' },
  fails: [
    'project_not_found',
    'upload_not_found',
    'upload_offset_wrong',
    'digest_mismatch',
    'payload_too_large',
    'storage_full',
    'content_type_refused',
  ],
})

export const cancelUpload = endpoint({
  act: 'artifact.put',
  method: 'DELETE',
  path: '/api/v1/projects/:project/uploads/:digest',
  status: 204,
  says: 'Forgets what an unfinished upload has brought.',
  params: OneUpload,
  fails: ['project_not_found', 'upload_not_found'],
})
