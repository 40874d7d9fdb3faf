import { ExperimentId } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Fragment } from 'react'
import type { ReactNode } from 'react'
import { NotFound } from '../../frame/fallbacks.tsx'
import { Page } from '../../frame/page.tsx'
import { useProject } from '../../frame/project.ts'
import { isNotFound } from '../../live/failure.ts'
import { experiments as words } from '../../strings/experiments.ts'
import { say } from '../../strings/message.ts'
import { run as runWords } from '../../strings/run.ts'
import { experimentNameQuery } from '../runs/runs.queries.ts'
import { ExperimentTabs } from './experiment-tabs.tsx'

/** A page under the tabs of the experiment that the address names, begun anew with each experiment; or that there is no
 *  such one. The name comes a moment later than the rest. */
export function ExperimentPart(props: {
  readonly wide?: boolean
  readonly children: (experiment: ExperimentId, name: string | undefined) => ReactNode
}) {
  const { wide = false, children } = props
  const project = useProject()
  const params = useParams({ strict: false })
  const experiment = ExperimentId.safeParse(params.experiment).data
  const number = experiment ?? ExperimentId.parse(0)
  const { data: name, error } = useQuery({
    ...experimentNameQuery(project, number),
    enabled: experiment !== undefined,
  })
  if (experiment === undefined || isNotFound(error))
    return <NotFound says={say(words.notFound, { id: params.experiment ?? '', project })} />
  return (
    <Page
      title={name ?? say(runWords.experiment, { id: String(experiment) })}
      crumbs={[{ label: runWords.experiments, link: { to: '/p/$project/experiments', params: { project } } }]}
      wide={wide}
    >
      <ExperimentTabs experiment={experiment} />
      <Fragment key={experiment}>{children(experiment, name)}</Fragment>
    </Page>
  )
}
