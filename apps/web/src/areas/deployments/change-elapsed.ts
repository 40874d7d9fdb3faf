import { useEffect, useState } from 'react'
import type { KnownChange } from '../../live/running.ts'

const TICK_MS = 100

/** Milliseconds since a change under way began. The server's clock may be another, so it is never less than what the
 *  stages took. */
export function useElapsed(change: KnownChange): number {
  const [now, setNow] = useState(Date.now)
  const runs = change.endedAt === null
  useEffect(() => {
    if (!runs) return
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [runs])
  const told = longest(change)
  const end = change.endedAt === null ? now : Date.parse(change.endedAt)
  return Math.max(end - Date.parse(change.startedAt), told)
}

function longest({ stages }: KnownChange): number {
  const clocks = new Map<string, number>()
  for (const { runner = '', ms } of stages) clocks.set(runner, (clocks.get(runner) ?? 0) + ms)
  return Math.max(0, ...clocks.values())
}
