import type { ProjectName, Run, RunId } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useProject } from '../../frame/project.ts'
import { run as words } from '../../strings/run.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { Fact, Facts, Panel } from '../../ui/panel.tsx'
import { Ago } from '../../ui/time.tsx'
import { lastHeardOf } from './heard.ts'
import { differenceOf, isOfNotebook, TAGS } from './run-memory.ts'
import { Took } from './run-state.tsx'
import { experimentNameQuery, notebookQuery, runQuery } from './runs.queries.ts'

/** Who ran what, where and when. */
export function RunFacts({ run }: { run: Run }) {
  const project = useProject()
  const { tags } = run
  const experiment = useQuery(experimentNameQuery(project, run.experiment)).data ?? String(run.experiment)
  const heard = lastHeardOf(run)
  const forkedFrom = tags[TAGS.forkedFrom] as RunId | undefined
  return (
    <Panel title={words.facts} padded>
      <Facts>
        <Fact name={words.started}>
          <Ago at={run.startedAt} />
        </Fact>
        {run.endedAt !== null && (
          <Fact name={words.ended}>
            <Ago at={run.endedAt} />
          </Fact>
        )}
        <Fact name={run.status === 'RUNNING' ? words.running : words.took}>
          <Took {...run} isLive={run.status === 'RUNNING'} />
        </Fact>
        {heard !== undefined && (
          <Fact name={words.heard}>
            <Ago at={heard} />
          </Fact>
        )}
        <Fact name={words.user}>{run.user === '' ? <Unknown /> : run.user}</Fact>
        <Fact name={words.experimentName}>
          <Link
            to={'/p/$project/experiments/$experiment' as never}
            params={{ project, experiment: String(run.experiment) } as never}
            className="link wrap"
          >
            {experiment}
          </Link>
        </Fact>
        {run.parent !== null && (
          <Fact name={words.parent}>
            <RunLink project={project} run={run.parent} />
          </Fact>
        )}
        {forkedFrom !== undefined && (
          <Fact name={words.forkedFrom}>
            <RunLink project={project} run={forkedFrom} />
          </Fact>
        )}
        <Code run={run} />
        <Fact name={words.runId}>
          <Copied text={run.id}>
            <code className="wrap">{run.id}</code>
          </Copied>
        </Fact>
        <Fact name={words.artifacts}>
          <Copied text={run.artifactUri}>
            <code className="wrap">{run.artifactUri}</code>
          </Copied>
        </Fact>
      </Facts>
    </Panel>
  )
}

const Unknown = () => <span className="faint">{words.unknown}</span>

const Copied = ({ text, children }: { text: string; children: ReactNode }) => (
  <span className="row">
    {children}
    <CopyButton text={text} />
  </span>
)

/** Another run by its name, as soon as that is known. */
export function RunLink({ project, run }: { project: ProjectName; run: RunId }) {
  const name = useQuery(runQuery(project, run)).data?.name ?? run
  return (
    <Link to="/p/$project/runs/$run" params={{ project, run }} className="link wrap">
      {name}
    </Link>
  )
}

/** What code made the run, and whether it was just as it had been committed. */
function Code({ run }: { run: Run }) {
  const { tags, id } = run
  const project = useProject()
  const commit = tags[TAGS.commit]
  const difference = differenceOf(tags)
  return (
    <>
      <Fact name={words.source}>
        {tags[TAGS.source] ? <span className="wrap">{tags[TAGS.source]}</span> : <Unknown />}
        {isOfNotebook(tags) && <div className="dim">{words.isNotebook}</div>}
      </Fact>
      <Notebook run={run} />
      <Fact name={words.commit}>
        {commit ? (
          <Copied text={commit}>
            <code title={commit}>{commit.slice(0, 10)}</code>
          </Copied>
        ) : (
          <Unknown />
        )}
        {difference.is === 'clean' && <div className="dim">{words.committed}</div>}
        {difference.is === 'changed' && (
          <div>
            {difference.path === undefined ? (
              words.uncommitted
            ) : (
              <Link
                to="/p/$project/runs/$run/files"
                params={{ project, run: id }}
                search={{ file: difference.path }}
                className="link"
              >
                {words.uncommitted}
              </Link>
            )}
          </div>
        )}
      </Fact>
      {tags[TAGS.branch] && <Fact name={words.branch}>{tags[TAGS.branch]}</Fact>}
      {tags[TAGS.remote] && <Fact name={words.repository}>{tags[TAGS.remote]}</Fact>}
      {tags[TAGS.host] && <Fact name={words.host}>{tags[TAGS.host]}</Fact>}
    </>
  )
}

/** The notebook that was kept with the run, to be read as it was left. */
function Notebook({ run }: { run: Run }) {
  const project = useProject()
  const path = useQuery(notebookQuery(project, run)).data
  // Whoever ran a notebook may have kept none; that one may is worth telling.
  if (!path)
    return isOfNotebook(run.tags) && path === null ? <Fact name={words.notebook}>{words.noNotebook}</Fact> : null
  return (
    <Fact name={words.notebook}>
      <Link
        to="/p/$project/runs/$run/files"
        params={{ project, run: run.id }}
        search={{ file: path }}
        className="link wrap"
      >
        {path}
      </Link>
    </Fact>
  )
}
