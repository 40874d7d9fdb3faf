import { useSyncExternalStore } from 'react'
import { client } from '../../live/client.ts'
import type { BundleFile, Push } from './push.ts'
import { createUploads } from './uploads.ts'

/** The pushes of this tab. */
export const uploads = createUploads(client)
export const usePushes = (): readonly Push[] => useSyncExternalStore(uploads.subscribe, uploads.list)

/** What the push dialog is about while it is open. */
export interface Draft {
  readonly files: readonly BundleFile[]
  readonly model?: string | undefined
  /** A refused push to be mended. */
  readonly mends?: string
}

let draft: Draft | undefined
const listeners = new Set<() => void>()

/** Opens the push dialog, or changes what it is about; `undefined` closes it. */
export function openPush(next: Draft | undefined): void {
  draft = next
  for (const listener of listeners) listener()
}
export const currentDraft = (): Draft | undefined => draft
export const useDraft = (): Draft | undefined =>
  useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, currentDraft)
