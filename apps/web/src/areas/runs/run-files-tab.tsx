import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useProject } from '../../frame/project.ts'
import { Files } from '../files/files.tsx'
import type { ModelPlace } from '../files/source.ts'
import { trackingUriOf } from './tracking-uri.ts'
import { useRunReading } from './run-page.tsx'
import { runSource } from './run-source.ts'

/** What a run kept beside its figures. */
export function RunFilesTab() {
  const project = useProject()
  const run = useRunReading().data
  const navigate = useNavigate()
  const { file } = useSearch({ strict: false }) as { file?: string }
  const id = run?.id
  const source = useMemo(() => id && runSource(project, id), [project, id])
  if (!source) return null
  const folder = file?.includes('/') ? file.slice(0, file.lastIndexOf('/')) : ''
  const place: ModelPlace = { trackingUri: trackingUriOf(project), ...(folder && { uri: `runs:/${id}/${folder}` }) }
  return (
    <Files
      source={source}
      shown={file}
      place={place}
      onShow={(path) =>
        void navigate({ to: '.', search: (before) => ({ ...before, file: path }) as never, replace: true })
      }
    />
  )
}
