import { exportInstallationAudit } from '@stead/contracts'
import { ForbiddenPart } from '../../frame/forbidden.tsx'
import { useMay } from '../../frame/may.ts'
import { audit as words } from '../../strings/audit.ts'
import { ExportButton } from './audit-page.tsx'
import { AuditLog, useAuditView } from './audit-log.tsx'
import { installationAuditQuery } from './audit.queries.ts'

/** What belongs to no project. */
export function InstallationAuditTab() {
  const { because } = useMay('installation.audit')
  return because === undefined ? <Log /> : <ForbiddenPart because={because} />
}

function Log() {
  const view = useAuditView()
  return (
    <>
      <div className="row-wrap">
        <p className="dim grow">{words.installationSays}</p>
        <ExportButton because={undefined} href={exportInstallationAudit.path} name="stead-audit-installation.jsonl" />
      </div>
      <AuditLog query={installationAuditQuery(view.filters)} title={words.installationTitle} view={view} />
    </>
  )
}
