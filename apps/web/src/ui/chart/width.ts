import { useCallback, useSyncExternalStore } from 'react'

/** The width of an element in pixels, read again whenever it changes; 0 until it is there. */
export function useWidth(element: HTMLElement | null): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      const observer = new ResizeObserver(listener)
      if (element) observer.observe(element)
      return () => observer.disconnect()
    },
    [element],
  )
  return useSyncExternalStore(subscribe, () => element?.clientWidth ?? 0)
}
