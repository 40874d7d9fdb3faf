import { Readable } from 'node:stream'
import { getArtifact, grantArtifact, putArtifact, SteadError } from '@stead/contracts'
import type { FastifyRequest } from 'fastify'
import { octetsOf } from '../../http/octets.ts'
import type { Mount } from '../../http/mount.ts'
import type { Artifacts } from './artifacts.ts'
import { rangeAsked } from './range.ts'

export function serveArtifacts(mount: Mount, artifacts: Artifacts): void {
  mount(putArtifact, ({ params }, { request }) =>
    artifacts.put(params.project, params.digest, octetsOf(request), announcedSize(request)),
  )
  mount(getArtifact, async ({ params: { project, digest } }, { request, reply }) => {
    const size = await artifacts.size(project, digest)
    const range = rangeAsked(request.headers.range, size)
    void reply.headers({ 'accept-ranges': 'bytes', etag: `"${digest}"`, 'content-disposition': 'attachment' })
    if (range === 'unsatisfiable') {
      const told = new SteadError('invalid_request', `the range does not lie within the ${size} bytes there are`, {
        where: 'header.range',
      })
      return reply.code(416).header('content-range', `bytes */${size}`).send(told.toBody())
    }
    void reply
      .header('content-type', 'application/octet-stream')
      .header('content-length', range ? range.end - range.start + 1 : size)
    if (range) void reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`)
    return reply.send(size === 0 ? Readable.from([]) : await artifacts.open(digest, range))
  })
  mount(grantArtifact, ({ params }, { local }) => artifacts.grant(params.project, params.digest, { local }))
}

/** What the sender says its body has; undefined where it does not say. */
export function announcedSize({ headers }: FastifyRequest): number | undefined {
  return headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
}
