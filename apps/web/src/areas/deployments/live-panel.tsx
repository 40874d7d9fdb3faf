import type { Deployment } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Pause, Play } from 'lucide-react'
import { useMemo } from 'react'
import { sentenceOf } from '../../live/failure.ts'
import { live as words } from '../../strings/live.ts'
import { say } from '../../strings/message.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { useBoard } from '../../ui/chart/board.ts'
import type { Board, Span } from '../../ui/chart/board.ts'
import type { Gap } from '../../ui/chart/chart.ts'
import { ChartStack } from '../../ui/chart/chart-stack.tsx'
import { useKeys } from '../../ui/keys.ts'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { ago, useNow } from '../../ui/time.tsx'
import { Failure } from '../../ui/waiting.tsx'
import { lanesQuery } from './deployment.queries.ts'
import { chartsOf } from './live-charts.ts'
import { useLiveHistory } from './live-history.ts'
import type { LiveHistory } from './live-history.ts'
import css from './live-panel.module.css'
import { LiveRail } from './live-rail.tsx'
import { rangeNames, rangeOf, RANGES, spanOf, textOf } from './live-ranges.ts'
import type { RangeName } from './live-ranges.ts'
import { markersOf, rolesOf } from './live-roles.ts'
import type { BlindSpan } from './live-scene.ts'

/** The charts of a deployment: what callers met, over a range of time, up to this second. */
export function LivePanel({ deployment }: { deployment: Deployment }) {
  const { project, name, table, createdAt } = deployment
  const search = useSearch({ strict: false })
  const range = rangeOf(search.range)
  const selected = useMemo(() => spanOf(search.at), [search.at])
  const show = useShowRange()
  const laneFrom = useMemo(() => beginOf(range, selected), [range, selected])
  const lane = useQuery(lanesQuery(project, [name], laneFrom)).data?.lanes.find((one) => one.deployment === name)
  const history = useLiveHistory(deployment, lane, range, selected)
  const { scene, versions, codes, blindSpans, reading } = history
  const { board } = scene
  const charts = useMemo(() => chartsOf(versions, codes, table), [versions, codes, table])
  const roles = useMemo(() => rolesOf(lane, table, createdAt), [lane, table, createdAt])
  const markers = useMemo(() => markersOf(lane, laneFrom), [lane, laneFrom])
  const gaps = useMemo(() => gapsOf(name, createdAt, blindSpans), [name, createdAt, blindSpans])
  return (
    <Panel
      title={words.live}
      note={<Liveness board={board} history={history} range={range} />}
      acts={
        <>
          {selected && (
            <Button size="small" onClick={() => show(range)}>
              {words.wholeRange}
            </Button>
          )}
          <Segmented
            label={words.range}
            value={range}
            options={rangeNames.map((value) => ({ value, label: words.ranges[value] }))}
            onChange={(next) => show(next)}
          />
          <PauseButton board={board} />
        </>
      }
    >
      <LiveRail board={board} lane={lane} project={project} />
      {reading.isError && versions.length === 0 ? (
        <Failure
          what={words.whatHistory}
          why={sentenceOf(reading.error)}
          onRetry={() => void reading.refetch()}
          retryInMs={5000}
        />
      ) : (
        <ChartStack
          label={say(words.charts, { name })}
          board={board}
          charts={charts}
          markers={markers}
          gaps={gaps}
          live={history.isLive}
          noteOf={(at) => {
            const generation = roles.at(at)?.generation
            return generation === undefined ? undefined : say(words.generationAt, { generation })
          }}
          empty={!reading.isPending && <NothingAsked board={board} history={history} range={range} onShow={show} />}
          onSelect={(span) => show(range, span)}
          onReset={() => show(range)}
        />
      )}
    </Panel>
  )
}

/** A minute more than is shown, so that the change in force at the left edge is known. */
const beginOf = (range: RangeName, selected: Span | undefined): number =>
  Math.floor(selected?.from ?? Date.now() / 1000 - RANGES[range].seconds - 60)

/** The time before the deployment was there, and what nobody could count. */
const gapsOf = (name: string, createdAt: string, blindSpans: readonly BlindSpan[]): Gap[] => [
  { from: 0, to: Math.floor(Date.parse(createdAt) / 1000), says: say(words.notYet, { name }) },
  ...blindSpans.map(({ from, to, because }) => ({ from, to: Math.min(to, 4e9), says: words[because] })),
]

/** Names the range in the address. */
function useShowRange() {
  const navigate = useNavigate()
  return (range: RangeName, span?: Span) =>
    void navigate({
      to: '.',
      replace: span === undefined,
      search: (before) => {
        const { at: _, range: __, ...others } = before
        return { ...others, ...(range === '15m' ? {} : { range }), ...(span ? { at: textOf(span) } : {}) }
      },
      resetScroll: false,
    } as Parameters<typeof navigate>[0])
}

/** How fine the figures are, or since when the picture stands still. */
function Liveness({ board, history, range }: { board: Board; history: LiveHistory; range: RangeName }) {
  const pausedAt = useBoard(board, (one) => one.pausedAt())
  const now = useNow()
  const { step } = history.scene
  if (pausedAt !== undefined) return <>{say(words.pausedFor, { ago: ago(pausedAt, now) })}</>
  const how = step === 1 ? words.secondBySecond : step === 10 ? words.everyTen : words.everyFive
  return <span className={history.isLive && range === '15m' ? css.live : ''}>{how}</span>
}

function PauseButton({ board }: { board: Board }) {
  const paused = useBoard(board, (one) => one.pausedAt()) !== undefined
  const toggle = () => board.pause(!paused)
  useKeys({ p: toggle })
  return (
    <IconButton
      label={paused ? words.goOn : words.pause}
      icon={paused ? <Play /> : <Pause />}
      aria-pressed={paused}
      onClick={toggle}
    />
  )
}

/** In place of lines that would all lie at zero. */
function NothingAsked({
  board,
  history,
  range,
  onShow,
}: {
  board: Board
  history: LiveHistory
  range: RangeName
  onShow: (range: RangeName) => void
}) {
  const isEmpty = useBoard(board, () => isAllZero(history))
  if (!isEmpty) return null
  return (
    <span>
      {words.noRequests}{' '}
      {(range === '15m' || range === '1h') && (
        <Button size="small" onClick={() => onShow('24h')}>
          {words.showDay}
        </Button>
      )}
    </span>
  )
}

function isAllZero({ scene: { picture }, versions }: LiveHistory): boolean {
  return versions.every((version) => picture.ring.column(`v${version}`).every((value) => !(value > 0)))
}
