import type { RunStatus } from '@stead/contracts'
import { useEffect, useState } from 'react'
import { run as words } from '../../strings/run.ts'
import { duration } from '../../ui/numbers.ts'
import { StateWord } from '../../ui/state-mark.tsx'
import type { Mark } from '../../ui/state-mark.tsx'

const MARKS: Readonly<Record<RunStatus, Mark>> = {
  RUNNING: 'moving',
  SCHEDULED: 'waiting',
  FINISHED: 'passed',
  FAILED: 'failed',
  KILLED: 'off',
}

export const RunState = ({ status }: { status: RunStatus }) => (
  <StateWord is={MARKS[status]}>{words.states[status]}</StateWord>
)

interface Span {
  readonly startedAt: number
  readonly endedAt: number | null
}

/** How long a run took; while it runs, how long it has been running, second by second. */
export function Took({ startedAt, endedAt, isLive }: Span & { isLive: boolean }) {
  const now = useSeconds(isLive && endedAt === null)
  if (endedAt === null && !isLive) return <>{words.unknown}</>
  return <span className="num">{duration(Math.max((endedAt ?? now) - startedAt, 0))}</span>
}

function useSeconds(isOn: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isOn) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isOn])
  return now
}
