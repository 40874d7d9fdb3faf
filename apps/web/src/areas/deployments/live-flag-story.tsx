import type { ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { live as words } from '../../strings/live.ts'
import { say } from '../../strings/message.ts'
import { duration } from '../../ui/numbers.ts'
import { Fact, Facts } from '../../ui/panel.tsx'
import { exactTime } from '../../ui/time.tsx'
import { historyQuery } from './deployment.queries.ts'
import { timesOf } from './live-stages.ts'
import type { Flag } from './live-rail.tsx'

/** What a flag stands for: who did it, why, how long it took, and where to read on. */
export function FlagStory({ flag, project, deployment }: { flag: Flag; project: ProjectName; deployment: string }) {
  const history = useQuery({ ...historyQuery(project, deployment as never), enabled: flag.is === 'change' })
  const change = flag.is === 'change' ? flag.mark.change : flag.refusal.change
  const record =
    flag.is === 'change'
      ? history.data?.generations.find(({ generation }) => generation === flag.mark.generation)
      : undefined
  const why = flag.is === 'refused' ? flag.refusal.reason : record?.reason
  const times = record && timesOf(record.stages)
  return (
    <div className="stack">
      <Facts>
        <Fact name={words.when}>{exactTime(flag.atMs)}</Fact>
        {record && <Fact name={words.who}>{record.actor}</Fact>}
        {why !== undefined && <Fact name={words.why}>{why === '' ? words.noReason : why}</Fact>}
        {times?.prepare !== undefined && times.commit !== undefined && (
          <Fact name={words.stages}>
            {say(words.stageTimes, { prepare: duration(times.prepare), commit: duration(times.commit) })}
          </Fact>
        )}
      </Facts>
      <span className="row-wrap">
        {flag.is === 'change' && flag.before !== undefined && (
          <Link
            to="/p/$project/deployments/$deployment/generations/$generation"
            params={{ project, deployment, generation: String(flag.mark.generation) }}
            search={{ against: String(flag.before) }}
            className="link"
          >
            {say(words.compare, { before: flag.before, after: flag.mark.generation })}
          </Link>
        )}
        {change !== null && (
          <Link
            to="/p/$project/deployments/$deployment/changes/$change"
            params={{ project, deployment, change }}
            search={(before: object) => before}
            className="link"
          >
            {words.transcript}
          </Link>
        )}
      </span>
    </div>
  )
}
