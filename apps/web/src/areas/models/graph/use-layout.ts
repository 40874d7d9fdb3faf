import { useEffect, useState } from 'react'
import type { Folded } from './fold.ts'
import { layOut } from './layout.ts'
import type { Layout, LayoutTask } from './layout.ts'

/** Few nodes read like a line of text; many like a page. */
const RIGHT_UP_TO = 24
export const directionFor = ({ boxes }: Folded, isNarrow: boolean): LayoutTask['direction'] =>
  boxes.length <= RIGHT_UP_TO && !isNarrow ? 'right' : 'down'

/** The layout of a graph once it is found; `failed` when none was. */
export function useLayout(folded: Folded, direction: LayoutTask['direction']): Layout | 'failed' | undefined {
  const [found, setFound] = useState<{ of: Folded; direction: string; layout: Layout | 'failed' }>()
  useEffect(() => {
    const stopping = new AbortController()
    const boxes = folded.boxes.map(({ id, width, height }) => ({ id, width, height }))
    const set = (layout: Layout | 'failed') => {
      if (!stopping.signal.aborted) setFound({ of: folded, direction, layout })
    }
    layOut({ boxes, lines: folded.lines, direction }, stopping.signal).then(set, () => set('failed'))
    return () => stopping.abort()
  }, [folded, direction])
  return found?.of === folded && found.direction === direction ? found.layout : undefined
}
