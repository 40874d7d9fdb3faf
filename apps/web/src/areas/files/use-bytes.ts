import { useCallback } from 'react'
import type { RefCallback } from 'react'

/** Gives an image its source, or a link its address, from bytes in memory. The browser takes them for what `type`
 *  says, whatever they are. */
export function useBytes<E extends HTMLImageElement | HTMLAnchorElement>(
  bytes: Uint8Array<ArrayBuffer>,
  type: string,
): RefCallback<E> {
  return useCallback(
    (element: E | null) => {
      if (!element) return
      const url = URL.createObjectURL(new Blob([bytes], { type }))
      element.setAttribute(element instanceof HTMLImageElement ? 'src' : 'href', url)
      return () => URL.revokeObjectURL(url)
    },
    [bytes, type],
  )
}
