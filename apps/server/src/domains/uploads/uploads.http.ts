import { appendUpload, beginUpload, cancelUpload, getUpload } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import { octetsOf } from '../../http/octets.ts'
import { announcedSize } from '../artifacts/artifacts.http.ts'
import type { Uploads } from './uploads.ts'

export function serveUploads(mount: Mount, uploads: Uploads): void {
  mount(beginUpload, ({ params, body }) => uploads.begin(params.project, params.digest, body.size))
  mount(getUpload, ({ params }) => uploads.find(params.project, params.digest))
  mount(appendUpload, ({ params, query }, { request }) =>
    uploads.append(params.project, params.digest, {
      offset: query.offset,
      bytes: octetsOf(request),
      announced: announcedSize(request),
    }),
  )
  mount(cancelUpload, ({ params }) => uploads.cancel(params.project, params.digest))
}
