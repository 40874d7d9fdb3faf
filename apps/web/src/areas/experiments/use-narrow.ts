import { useSyncExternalStore } from 'react'

const narrow = matchMedia('(max-width: 760px)')

function subscribe(listener: () => void): () => void {
  narrow.addEventListener('change', listener)
  return () => narrow.removeEventListener('change', listener)
}

/** Whether the page is as narrow as a phone's. */
export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => narrow.matches)
