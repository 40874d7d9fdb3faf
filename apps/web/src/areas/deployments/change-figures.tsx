import type { DeploymentName, ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { KnownChange } from '../../live/running.ts'
import { changes as words } from '../../strings/changes.ts'
import { say } from '../../strings/message.ts'
import { figure, milliseconds } from '../../ui/numbers.ts'
import css from './change-figures.module.css'
import { useSeconds } from './change-seconds.ts'
import type { Second } from './change-seconds.ts'
import { glanceQuery } from './deployment.queries.ts'
import { failedOf } from './failed.ts'

/** What callers meet at this moment, before anything is changed. */
export function FiguresNow({ project, deployment }: { project: ProjectName; deployment: DeploymentName }) {
  const { data } = useQuery(glanceQuery(project, [deployment], 60))
  const now = data?.deployments.find((one) => one.deployment === deployment)
  return (
    <dl className={css.figures} aria-label={words.figures.label}>
      <Tile
        name={words.figures.requests}
        value={now ? figure(now.rate) : '–'}
        unit={words.figures.perSecond}
        plot={now && <Plot values={now.trend.slice(0, -1)} />}
      />
      <Tile name={words.figures.p99} value={milliseconds(now?.p99)} unit={words.figures.ms} />
      <Tile
        name={words.figures.failed}
        value={now ? figure(failedOf(now.errors)) : '–'}
        note={words.figures.lastMinute}
        isBad={now !== undefined && failedOf(now.errors) > 0}
      />
    </dl>
  )
}

/** What callers met while the change ran, with the moment of its commit. */
export function FiguresAround({
  project,
  deployment,
  change,
}: {
  project: ProjectName
  deployment: DeploymentName
  change: KnownChange
}) {
  const { seconds, step, start, isKept } = useSeconds(project, deployment, change)
  if (!isKept) return null
  const since = seconds.filter(({ at }) => at >= start)
  const before = seconds.filter(({ at }) => at < start)
  const commit = change.committedAt === null ? undefined : Date.parse(change.committedAt) / 1000
  const mark = markOf(seconds, commit)
  const failed = since.reduce((sum, second) => sum + second.failed, 0)
  const was = middle(before)
  return (
    <dl className={css.figures} aria-label={words.figures.label}>
      <Tile
        name={words.figures.requests}
        value={seconds.length > 0 ? figure(rateOf(since.length > 0 ? since : before, step)) : '–'}
        unit={words.figures.perSecond}
        plot={<Plot values={seconds.map(({ requests }) => requests)} mark={mark} />}
      />
      <Tile
        name={words.figures.p99}
        title={words.figures.p99Is}
        value={milliseconds(middle(since.length > 0 ? since : before))}
        unit={was === null ? words.figures.ms : say(words.figures.before, { value: milliseconds(was) })}
        plot={<Plot values={seconds.map(({ p99 }) => p99 ?? 0)} mark={mark} />}
      />
      <Tile
        name={words.figures.failed}
        value={figure(failed)}
        note={change.endedAt === null ? words.figures.sinceBegun : words.figures.whileItRan}
        isBad={failed > 0}
      />
    </dl>
  )
}

const rateOf = (seconds: readonly Second[], step: number) =>
  seconds.reduce((sum, { requests }) => sum + requests, 0) / Math.max(seconds.length * step, 1)

/** Of the seconds' quantiles, the middle one: quantiles cannot be added up. */
function middle(seconds: readonly Second[]): number | null {
  const sorted = seconds.flatMap(({ p99 }) => (p99 === null ? [] : [p99])).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}

function markOf(seconds: readonly Second[], commit: number | undefined): number | undefined {
  const [first, last] = [seconds[0]?.at, seconds.at(-1)?.at]
  if (commit === undefined || first === undefined || last === undefined || last === first) return undefined
  const share = (commit - first) / (last - first)
  return share >= 0 && share <= 1 ? share : undefined
}

function Tile({
  name,
  title,
  value,
  unit,
  note,
  plot,
  isBad = false,
}: {
  name: string
  title?: string
  value: string
  unit?: string
  note?: string
  plot?: ReactNode
  isBad?: boolean
}) {
  return (
    <div className={css.tile} title={title}>
      <dt>{name}</dt>
      <dd>
        <b className={isBad ? css.bad : ''}>{value}</b>
        {unit !== undefined && <small> {unit}</small>}
        {note !== undefined && <p>{note}</p>}
        {plot}
      </dd>
    </div>
  )
}

/** The shape of a figure; `mark` is where the commit was, 0 to 1. */
function Plot({ values, mark }: { values: readonly number[]; mark?: number | undefined }) {
  if (values.length < 2) return <span className={css.plot} aria-hidden />
  const highest = Math.max(...values, 0) * 1.15
  const x = (index: number) => ((index / (values.length - 1)) * 300).toFixed(1)
  const y = (value: number) => (highest === 0 ? 25 : 25 - (value / highest) * 24).toFixed(1)
  const line = values.map((value, index) => `${index === 0 ? 'M' : 'L'}${x(index)} ${y(value)}`).join('')
  return (
    <span className={css.plot} aria-hidden>
      <svg viewBox="0 0 300 26" preserveAspectRatio="none">
        <path className={css.area} d={`${line}L300 26L0 26Z`} />
        <path className={css.line} d={line} />
      </svg>
      {mark !== undefined && (
        <i className={mark > 0.7 ? css.markLeft : css.mark} style={{ left: `${mark * 100}%` }}>
          {words.figures.commit}
        </i>
      )}
    </span>
  )
}
