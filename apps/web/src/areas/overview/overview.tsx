import type { Deployment, Platform } from '@stead/contracts'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus, Upload } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { Page, WithSide } from '../../frame/page.tsx'
import { useProject, useSummary } from '../../frame/project.ts'
import { Reading } from '../../live/reading.tsx'
import { activity } from '../../strings/activity.ts'
import { say } from '../../strings/message.ts'
import { overview as words } from '../../strings/overview.ts'
import { ActLink } from '../../frame/act-link.tsx'
import { classOf } from '../../ui/button.tsx'
import { figure } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { eventsQuery } from '../activity/activity.queries.ts'
import { Feed } from '../activity/feed.tsx'
import { deploymentsQuery, glanceQuery } from '../deployments/deployment.queries.ts'
import { ServingTable, SPANS } from '../deployments/serving-table.tsx'
import type { SpanName } from '../deployments/serving-table.tsx'
import { platformQuery } from '../platform/platform.queries.ts'
import { PlatformSummary } from '../platform/platform-summary.tsx'
import { Needs, needsOf } from './needs.tsx'
import css from './overview.module.css'

/** More than this many are a list, which has a page of its own. */
const SHOWN = 12
const DAY_S = 86_400
/** Errors that are ours, not the caller's. */
const OURS = new Set(['internal', 'model_failed', 'engine_lost', 'deadline', 'queue_full', 'not_ready'])

/** What serves now, how it is, what changed lately, and what needs a person. */
export function Overview() {
  const project = useProject()
  const deployments = useQuery(deploymentsQuery(project))
  const summary = useSummary(project)
  const push = useMay('version.create').because
  return (
    <Page
      title={words.title}
      headed
      note={
        summary?.description && (
          <span className={`cut ${css.says}`} title={summary.description}>
            {summary.description}
          </span>
        )
      }
      acts={
        <>
          <ActLink because={push} to="/p/$project/models" params={{ project }} search={{ do: 'push' }}>
            <Upload />
            {words.push}
          </ActLink>
        </>
      }
    >
      <Reading of={deployments} what={words.whatServes} rows={8}>
        {({ deployments: all }) =>
          all.length === 0 && summary?.models === 0 ? <FirstTime /> : <Standing deployments={all} />
        }
      </Reading>
    </Page>
  )
}

function FirstTime() {
  return (
    <>
      <h1 className={css.sentence}>{words.noneStand}</h1>
      <Panel>
        <Empty
          title={words.emptyTitle}
          says={words.emptySays}
          act={
            <Link to="/welcome" className={classOf('filled')}>
              {words.firstSteps}
            </Link>
          }
          command="stead model push weather ./weather.onnx"
        />
      </Panel>
    </>
  )
}

function Standing({ deployments }: { deployments: readonly Deployment[] }) {
  const project = useProject()
  const [span, setSpan] = useState<SpanName>('6 h')
  const inspect = useMay('installation.inspect')
  const create = useMay('deployment.create').because
  const platform = useQuery({ ...platformQuery, enabled: inspect.isAllowed })
  const needs = needsOf(project, deployments, platform.data)
  const shown = deployments.slice(0, SHOWN)
  return (
    <>
      <div>
        <h1 className={css.sentence}>
          <Sentence deployments={deployments} />
        </h1>
        <p className="dim">
          {needs.length === 0
            ? words.needs.none
            : needs.length === 1
              ? words.needs.one
              : say(words.needs.other, { count: needs.length })}
        </p>
      </div>
      {needs.length > 0 && (
        <Panel title={words.waits}>
          <Needs needs={needs.slice(0, 8)} />
        </Panel>
      )}
      <Panel
        title={words.serves}
        acts={
          <>
            <Segmented
              label={words.span}
              value={span}
              options={SPANS.map(({ name }) => ({ value: name, label: name }))}
              onChange={setSpan}
            />
            <ActLink because={create} to="/p/$project/deployments" params={{ project }} search={{ do: 'create' }}>
              <Plus />
              {words.newDeployment}
            </ActLink>
          </>
        }
      >
        {deployments.length === 0 ? <FirstDeployment /> : <ServingTable deployments={shown} span={span} />}
        {deployments.length > SHOWN && (
          <p className="pad">
            <Link to="/p/$project/deployments" params={{ project }} className="link">
              {say(words.allDeployments, { count: deployments.length })}
            </Link>
          </p>
        )}
      </Panel>
      <Lately platform={inspect.isAllowed ? platform : undefined} />
    </>
  )
}

/** What changed lately, beside what the platform stands on for those who look after it. */
function Lately({ platform }: { platform: UseQueryResult<Platform> | undefined }) {
  const project = useProject()
  const lately = useInfiniteQuery(eventsQuery(project, {}, 8))
  const panel = (
    <Panel
      title={activity.lately}
      acts={
        <Link to="/p/$project/activity" params={{ project }} className={classOf('quiet')}>
          {activity.all}
        </Link>
      }
    >
      <Reading of={lately} what={activity.what} rows={6}>
        {({ pages }) => {
          const events = pages[0]?.events ?? []
          return events.length === 0 ? (
            <Empty title={activity.empty} says={activity.emptySays} />
          ) : (
            <Feed events={events} />
          )
        }}
      </Reading>
    </Panel>
  )
  if (!platform) return panel
  return (
    <WithSide
      side={
        <Panel title={words.platform} note={platform.data && <Health runners={platform.data.runners} />}>
          <Reading of={platform} what={words.whatPlatform}>
            {(read) => <PlatformSummary platform={read} />}
          </Reading>
        </Panel>
      }
    >
      {panel}
    </WithSide>
  )
}

function Sentence({ deployments }: { deployments: readonly Deployment[] }) {
  const project = useProject()
  const names = deployments.slice(0, 200).map(({ name }) => name)
  const { data } = useQuery({ ...glanceQuery(project, names, DAY_S), enabled: names.length > 0 })
  if (deployments.length === 0) return words.noneStand
  const stand = say(words.stand, { count: deployments.length })
  if (!data) return stand
  const failed = data.deployments
    .flatMap(({ errors }) => Object.entries(errors))
    .reduce((sum, [kind, count]) => sum + (OURS.has(kind) ? count : 0), 0)
  const rate = data.rate > 0 ? say(words.rate, { count: data.rate, rate: figure(data.rate) }) : words.quiet
  return `${stand} ${rate} ${data.rate > 0 ? (failed === 0 ? words.noneFailed : say(words.someFailed, { count: failed })) : ''}`
}

function FirstDeployment() {
  return <Empty title={words.noneStand} says={words.emptySays} command="stead deploy forecast --model weather" />
}

function Health({ runners }: { runners: readonly { connected: boolean }[] }) {
  const away = runners.filter(({ connected }) => !connected).length
  if (runners.length === 0) return null
  return <>{away === 0 ? words.connected : say(words.away, { count: away })}</>
}
