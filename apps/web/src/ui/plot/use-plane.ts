import { useEffect, useLayoutEffect, useRef } from 'react'
import type { RefObject } from 'react'
import { onThemeChange } from '../chart/colours.ts'
import { createPlane, PLANE_RIGHT } from './plane.ts'
import type { Pen, Plane, PlaneLook } from './plane.ts'

/** Keeps a plane in the element of the reference: drawn anew when `look` is another, or the theme; only what is above
 *  it when `over` is. Both are the same as long as nothing changes. Changes within a frame are drawn once. */
export function usePlane(
  look: PlaneLook,
  over: ((pen: Pen) => void) | undefined,
  width: number,
  height: number,
): RefObject<HTMLDivElement | null> {
  const place = useRef<HTMLDivElement>(null)
  const plane = useRef<Plane>(undefined)
  const latest = useRef({ look, over })
  const hasRoom = width > look.left + PLANE_RIGHT + 20
  useLayoutEffect(() => {
    latest.current = { look, over }
  })
  useLayoutEffect(() => {
    if (!hasRoom || !place.current) return
    const made = createPlane(
      place.current,
      { width: place.current.clientWidth, height },
      () => latest.current.look,
      () => latest.current.over,
    )
    plane.current = made
    const off = onThemeChange(() => made.draw())
    return () => {
      off()
      plane.current = undefined
      made.remove()
    }
  }, [hasRoom, height])
  useEffect(() => plane.current?.resize(width, height), [width, height])
  useEffect(() => {
    const frame = requestAnimationFrame(() => plane.current?.draw())
    return () => cancelAnimationFrame(frame)
  }, [look])
  useEffect(() => plane.current?.drawOver(), [over])
  return place
}
