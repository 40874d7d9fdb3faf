import { backupInstallation, restoreInstallation } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import { octetsOf } from '../../http/octets.ts'
import type { Archives } from './archive.ts'

export function serveArchives(mount: Mount, archives: Archives): void {
  mount(backupInstallation, async (_request, { reply }) => {
    const archive = await archives.backup()
    return reply
      .headers({
        'content-type': 'application/octet-stream',
        'content-disposition': 'attachment; filename="stead-backup.tar"',
      })
      .send(archive)
  })
  mount(restoreInstallation, ({ query }, { request }) => archives.restore(octetsOf(request), query.replace === 'true'))
}
