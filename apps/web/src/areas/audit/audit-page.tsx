import { exportAudit } from '@stead/contracts'
import { addressOf } from '@stead/sdk'
import { Download } from 'lucide-react'
import { Forbidden } from '../../frame/forbidden.tsx'
import { useMay } from '../../frame/may.ts'
import { Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { audit as words } from '../../strings/audit.ts'
import { Button, classOf } from '../../ui/button.tsx'
import { AuditLog, useAuditView } from './audit-log.tsx'
import { auditQuery } from './audit.queries.ts'

/** Who did what in the project, or tried to. */
export function AuditPage() {
  const { because } = useMay('audit.list')
  return because === undefined ? <Log /> : <Forbidden title={words.title} because={because} />
}

function Log() {
  const project = useProject()
  const view = useAuditView()
  const { because } = useMay('audit.export')
  return (
    <Page
      title={words.title}
      acts={
        <ExportButton
          because={because}
          href={addressOf(exportAudit.path, { project }, undefined)}
          name={`stead-audit-${project}.jsonl`}
        />
      }
    >
      <AuditLog query={auditQuery(project, view.filters)} title={words.table} view={view} />
    </Page>
  )
}

/** The whole log as a file, which anybody can check offline. */
export function ExportButton({ because, href, name }: { because: string | undefined; href: string; name: string }) {
  if (because !== undefined)
    return (
      <Button icon={<Download />} because={because}>
        {words.exportAct}
      </Button>
    )
  return (
    <a className={classOf('plain')} href={href} download={name}>
      <Download />
      {words.exportAct}
    </a>
  )
}
