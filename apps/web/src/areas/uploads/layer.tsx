import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect } from 'react'
import { readings } from '../../live/stale.ts'
import { say } from '../../strings/message.ts'
import { uploads as words } from '../../strings/uploads.ts'
import { tell } from '../../ui/toast.tsx'
import { PageDrop } from './page-drop.tsx'
import type { BundleFile, Push } from './push.ts'
import { currentDraft, openPush, uploads, useDraft, usePushes } from './store.ts'
import { Tray } from './tray.tsx'

const PushDialog = lazy(() => import('./push-dialog.tsx').then((module) => ({ default: module.PushDialog })))

/** What of uploads is there on every page: the place to drop files, the dialog, the tray, and the news. */
export function UploadsLayer() {
  const draft = useDraft()
  const navigate = useNavigate()
  const { model } = useParams({ strict: false })
  const search = useSearch({ strict: false }) as { do?: string; model?: string }
  const isAsked = search.do === 'push'
  const meant = model ?? search.model
  const onFiles = useCallback((files: BundleFile[]) => openPush({ model: meant, ...currentDraft(), files }), [meant])
  const leaveAddress = useCallback(() => {
    if (isAsked) void navigate({ to: '.', search: (before) => ({ ...before, do: undefined }) as never, replace: true })
  }, [isAsked, navigate])
  const onClose = useCallback(() => {
    openPush(undefined)
    leaveAddress()
  }, [leaveAddress])
  const open = draft ?? (isAsked ? { files: NONE, model: meant } : undefined)
  useNews()
  return (
    <>
      <PageDrop onFiles={onFiles} />
      <Tray />
      {open && (
        <Suspense>
          <PushDialog key={open.mends} draft={open} onBegun={leaveAddress} onClose={onClose} />
        </Suspense>
      )}
    </>
  )
}

const NONE: readonly BundleFile[] = []

/** Says what became of a push, wherever one is by then. */
function useNews(): void {
  const pushes = usePushes()
  const navigate = useNavigate()
  const queries = useQueryClient()
  useEffect(() => {
    for (const push of pushes) {
      if (push.state.is !== 'done') continue
      const { project, model } = push.request
      const version = String(push.state.version)
      const open = () =>
        void navigate({ to: '/p/$project/models/$model/$version', params: { project, model, version } })
      tell(newsOf(push, push.state), {
        act: { label: say(words.open, { version: push.state.version }), run: open },
        failed: push.state.aliasFailure !== undefined,
      })
      uploads.dismiss(push.id)
      for (const queryKey of [readings.models(project), readings.model(project, model), readings.summary(project)])
        void queries.invalidateQueries({ queryKey })
    }
  }, [pushes, navigate, queries])
}

function newsOf({ request }: Push, state: Extract<Push['state'], { is: 'done' }>): string {
  const { model, alias } = request
  const { version, created, aliasFailure } = state
  if (aliasFailure !== undefined) return say(words.aliasFailed, { model, version, alias, why: aliasFailure })
  if (!created) return say(words.hadAlready, { model, version })
  return alias === '' ? say(words.made, { model, version }) : say(words.madeAlias, { model, version, alias })
}
