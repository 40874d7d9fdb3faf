import { getArtifact } from '@stead/contracts'
import type { Digest, VersionFile } from '@stead/contracts'
import { addressOf } from '@stead/sdk'
import { Download } from 'lucide-react'
import { useProject } from '../../frame/project.ts'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { classOf } from '../../ui/button.tsx'
import { ShortDigest } from '../../ui/copy.tsx'
import { bytes } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { useVersionReading } from './version-page.tsx'

/** The files of a version, to be checked and downloaded. */
export function FilesTab() {
  const project = useProject()
  const version = useVersionReading().data
  if (!version) return null
  const columns: Column<VersionFile>[] = [
    { id: 'path', title: words.path, phone: 'line', cell: ({ path }) => <code className="wrap">{path}</code> },
    { id: 'size', title: words.columns.size, align: 'end', width: '12%', cell: ({ size }) => bytes(size) },
    {
      id: 'digest',
      title: words.digest,
      width: '28%',
      phone: 'line',
      cell: ({ digest }) => <ShortDigest digest={digest} />,
    },
    {
      id: 'download',
      title: <span className="heard-only">{words.download}</span>,
      heading: words.download,
      align: 'end',
      width: '140px',
      phone: 'line',
      cell: ({ path, digest }) => (
        <a
          className={classOf('plain', 'small')}
          href={addressOf(getArtifact.path, { project, digest: digest satisfies Digest }, undefined)}
          download={path.split('/').at(-1)}
          aria-label={say(words.downloadFile, { path })}
        >
          <Download />
          {words.download}
        </a>
      ),
    },
  ]
  return (
    <Panel
      title={words.files}
      note={say(words.sizeAndFiles, { size: bytes(version.size), count: version.files.length })}
    >
      <Table label={words.files} columns={columns} rows={version.files} keyOf={({ path }) => path} />
    </Panel>
  )
}
