import { Readable } from 'node:stream'
import { exportAudit, exportInstallationAudit, listAudit, listInstallationAudit } from '@stead/contracts'
import type { FastifyReply } from 'fastify'
import type { Mount } from '../../http/mount.ts'
import type { Projects } from '../projects/projects.ts'
import type { Audit } from './audit.ts'

export function serveAudit(mount: Mount, audit: Audit, projects: Pick<Projects, 'idOf'>): void {
  mount(listAudit, async ({ params, query }) => audit.list(query, await projects.idOf(params.project)))
  mount(exportAudit, async ({ params }, { reply }) =>
    sendLines(reply, `audit-${params.project}`, await audit.export(await projects.idOf(params.project))),
  )
  mount(listInstallationAudit, ({ query }) => audit.list(query))
  mount(exportInstallationAudit, async (_request, { reply }) =>
    sendLines(reply, 'audit-installation', await audit.export()),
  )
}

function sendLines(reply: FastifyReply, name: string, lines: AsyncIterable<string>): FastifyReply {
  return reply
    .headers({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${name}.jsonl"`,
    })
    .send(Readable.from(lines, { objectMode: false }))
}
