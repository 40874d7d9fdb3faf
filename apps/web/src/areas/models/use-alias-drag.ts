import { useState } from 'react'
import type { PointerEvent as ReactPointerEvent } from 'react'

export interface AliasDrag {
  readonly alias: string
  readonly from: number
  /** The version under the pointer. */
  readonly over: number | undefined
  readonly x: number
  readonly y: number
}

const SLACK_PX = 5
const EDGE_PX = 56
const STEP_PX = 14

/** Carries an alias from one row to another by mouse, pen or finger. Rows are known by a `data-version` in them. */
export function useAliasDrag(onDrop: (alias: string, from: number, to: number) => void): {
  drag: AliasDrag | undefined
  begin: (event: ReactPointerEvent, alias: string, from: number) => void
} {
  const [drag, setDrag] = useState<AliasDrag>()
  const begin = (start: ReactPointerEvent, alias: string, from: number) => {
    if (start.button !== 0) return
    const stopping = new AbortController()
    const { signal } = stopping
    let held: AliasDrag | undefined
    const end = () => {
      stopping.abort()
      setDrag(undefined)
    }
    const onMove = (event: PointerEvent) => {
      if (!held && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < SLACK_PX) return
      held = { alias, from, over: versionAt(event), x: event.clientX, y: event.clientY }
      setDrag(held)
      if (event.clientY < EDGE_PX) scrollBy({ top: -STEP_PX })
      if (event.clientY > innerHeight - EDGE_PX) scrollBy({ top: STEP_PX })
    }
    const onUp = () => {
      end()
      if (held?.over !== undefined && held.over !== from) onDrop(alias, from, held.over)
    }
    addEventListener('pointermove', onMove, { signal })
    addEventListener('pointerup', onUp, { signal })
    addEventListener('pointercancel', end, { signal })
    addEventListener('keydown', (event) => event.key === 'Escape' && end(), { signal })
  }
  return { drag, begin }
}

function versionAt({ clientX, clientY }: PointerEvent): number | undefined {
  const row = document.elementFromPoint(clientX, clientY)?.closest('tr')
  const version = row?.querySelector<HTMLElement>('[data-version]')?.dataset.version
  return version === undefined ? undefined : Number(version)
}
