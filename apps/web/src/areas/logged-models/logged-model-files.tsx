import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useProject } from '../../frame/project.ts'
import { Files } from '../files/files.tsx'
import { trackingUriOf } from '../runs/tracking-uri.ts'
import { useLoggedModelReading } from './logged-model-page.tsx'
import { loggedModelSource } from './logged-model-source.ts'

/** What is in a logged model. */
export function LoggedModelFiles() {
  const project = useProject()
  const id = useLoggedModelReading().data?.id
  const navigate = useNavigate()
  const { file } = useSearch({ strict: false }) as { file?: string }
  const source = useMemo(() => id && loggedModelSource(project, id), [project, id])
  if (!source) return null
  return (
    <Files
      source={source}
      shown={file}
      place={{ uri: `models:/${id}`, trackingUri: trackingUriOf(project) }}
      onShow={(path) =>
        void navigate({ to: '.', search: (before) => ({ ...before, file: path }) as never, replace: true })
      }
    />
  )
}
