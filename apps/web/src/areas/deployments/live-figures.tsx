import type { Deployment } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { live as words } from '../../strings/live.ts'
import { say } from '../../strings/message.ts'
import { figure, milliseconds } from '../../ui/numbers.ts'
import { Figure, Figures } from '../../ui/panel.tsx'
import { useNow } from '../../ui/time.tsx'
import { Failure } from '../../ui/waiting.tsx'
import { sentenceOf } from '../../live/failure.ts'
import { glanceQuery } from './deployment.queries.ts'
import { failuresOf } from './live-failures.ts'

const DAY = 86_400

/** The figures that say whether it is well. */
export function LiveFigures({ deployment: { project, name, createdAt, table } }: { deployment: Deployment }) {
  const minute = useQuery(glanceQuery(project, [name], 60))
  const day = useQuery(glanceQuery(project, [name], DAY))
  const now = useNow()
  const of = (reading: typeof minute) => reading.data?.deployments.find((one) => one.deployment === name)
  const current = of(minute)
  const total = of(day)
  const failures = total && failuresOf(total.errors)
  const stood = standingFor(now - Date.parse(createdAt))
  if (minute.isError && !current)
    return (
      <Failure
        key={minute.errorUpdateCount}
        what={words.whatFigures}
        why={sentenceOf(minute.error)}
        onRetry={() => void minute.refetch()}
        retryInMs={5000}
      />
    )
  const isQuiet = current !== undefined && current.p50 === null
  return (
    <Figures>
      <Figure
        name={words.requests}
        value={current ? figure(current.rate) : '–'}
        unit={words.perSecond}
        note={total && say(words.requestsDay, { total: total.requests })}
      />
      <Figure
        name={words.p50}
        value={milliseconds(current?.p50)}
        unit={words.ms}
        note={isQuiet ? words.noneInMinute : current && say(words.p95, { ms: milliseconds(current.p95) })}
      />
      <Figure name={words.p99} value={milliseconds(current?.p99)} unit={words.ms} note={words.lastMinute} />
      <Figure
        name={words.failed}
        value={failures ? figure(failures.failed) : '–'}
        note={total && say(words.failedOf, { total: total.requests })}
      />
      <Figure name={words.refused} value={failures ? figure(failures.refused) : '–'} note={words.refusedBy} />
      <Figure
        name={words.standing}
        value={stood[0]}
        unit={stood[1]}
        note={say(words.generations, { count: Number(table.generation) })}
      />
    </Figures>
  )
}

/** The largest unit as a figure, the rest beside it. */
function standingFor(ms: number): [string, string] {
  const minutes = Math.max(Math.floor(ms / 60_000), 0)
  if (minutes < 60) return [String(minutes), 'min']
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return [String(hours), `h ${minutes % 60} min`]
  return [String(Math.floor(hours / 24)), `d ${hours % 24} h`]
}
