import { changeTrace, LoggedModelId } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { grouped, say } from '../../strings/message.ts'
import { traces as words } from '../../strings/traces.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { duration } from '../../ui/numbers.ts'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Ago } from '../../ui/time.tsx'
import { RunLink } from '../runs/run-facts.tsx'
import { experimentNameQuery } from '../runs/runs.queries.ts'
import { TagsPanel } from '../runs/tags-panel.tsx'
import { modelOf, nameOf, sessionOf, tokensOf, userOf } from './trace-facts.ts'
import type { WholeTrace } from './trace-page.tsx'
import { traceKey } from './traces.queries.ts'

/** When it was, how long it took, and what it belongs to. */
export function TraceFacts({ trace }: { trace: WholeTrace }) {
  const project = useProject()
  const experiment = useQuery(experimentNameQuery(project, trace.experiment)).data ?? String(trace.experiment)
  const tokens = tokensOf(trace)
  const model = LoggedModelId.safeParse(modelOf(trace)).data
  return (
    <Panel title={words.facts} padded>
      <Facts>
        <Fact name={words.started}>
          <Ago at={trace.startedAt} />
        </Fact>
        {trace.duration !== null && <Fact name={words.duration}>{duration(trace.duration)}</Fact>}
        {tokens !== undefined && (
          <Fact name={words.tokens}>
            <span className="num">{grouped(tokens)}</span>
          </Fact>
        )}
        <Told name={words.session} text={sessionOf(trace)} />
        <Told name={words.user} text={userOf(trace)} />
        <Fact name={words.experiment}>
          <Link
            to="/p/$project/experiments/$experiment"
            params={{ project, experiment: String(trace.experiment) }}
            className="link wrap"
          >
            {experiment}
          </Link>
        </Fact>
        {trace.runs.length > 0 && (
          <Fact name={say(words.runs, { count: trace.runs.length })}>
            {trace.runs.map((run) => (
              <div key={run}>
                <RunLink project={project} run={run} />
              </div>
            ))}
          </Fact>
        )}
        {model !== undefined && (
          <Fact name={words.model}>
            <Link
              to="/p/$project/logged-models/$loggedModel"
              params={{ project, loggedModel: model }}
              className="link wrap"
            >
              {model}
            </Link>
          </Fact>
        )}
        <Told name={words.clientId} text={trace.clientRequestId ?? undefined} />
        <Fact name={words.id}>
          <span className="row">
            <code className="wrap">{trace.id}</code>
            <CopyButton text={trace.id} />
          </span>
        </Fact>
      </Facts>
    </Panel>
  )
}

const Told = ({ name, text }: { name: string; text: string | undefined }) =>
  text === undefined ? null : (
    <Fact name={name}>
      <span className="wrap">{text}</span>
    </Fact>
  )

export function TraceTags({ trace }: { trace: WholeTrace }) {
  const project = useProject()
  const queries = useQueryClient()
  const { because } = useMay('trace.log')
  return (
    <TagsPanel
      name={nameOf(trace)}
      tags={trace.tags}
      because={because}
      onChange={async (tags) => {
        const after = await client.call(changeTrace, { params: { project, trace: trace.id }, body: { tags } })
        const key = traceKey(project, trace.id)
        queries.setQueryData(key, (before: WholeTrace | undefined) => before && { ...before, ...after })
      }}
    />
  )
}
