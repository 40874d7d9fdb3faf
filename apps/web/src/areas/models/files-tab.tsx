import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useProject } from '../../frame/project.ts'
import { models as words } from '../../strings/models.ts'
import { ShortDigest } from '../../ui/copy.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Files } from '../files/files.tsx'
import { trackingUriOf } from '../runs/tracking-uri.ts'
import { useVersionReading } from './version-page.tsx'
import { versionSource } from './version-source.ts'

/** The files of a version, to be looked at, checked and downloaded. */
export function FilesTab() {
  const project = useProject()
  const version = useVersionReading().data
  const navigate = useNavigate()
  const { file } = useSearch({ strict: false }) as { file?: string }
  const source = useMemo(() => version && versionSource(project, version), [project, version])
  if (!version || !source) return null
  const only = version.files.length === 1 ? version.files[0] : undefined
  const shown = version.files.find(({ path }) => path === file) ?? only
  return (
    <>
      <Files
        source={source}
        shown={file}
        place={{
          uri: `models:/${version.model}/${version.version}`,
          trackingUri: trackingUriOf(project),
          model: version.model,
        }}
        onShow={(path) =>
          void navigate({ to: '.', search: (before) => ({ ...before, file: path }) as never, replace: true })
        }
      />
      {shown && (
        <Panel label={words.digest} padded>
          <Facts>
            <Fact name={words.path}>
              <code className="wrap">{shown.path}</code>
            </Fact>
            <Fact name={words.digest}>
              <ShortDigest digest={shown.digest} />
            </Fact>
          </Facts>
        </Panel>
      )}
    </>
  )
}
