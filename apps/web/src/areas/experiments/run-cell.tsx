import type { RunInfo } from '@stead/contracts'
import { ago, exactTime, useNow } from '../../ui/time.tsx'
import { say } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { duration } from '../../ui/numbers.ts'
import type { Cells } from './cells.ts'
import { textIn } from './cells.ts'
import { barShare, isOdd, metricText, metricTitle } from './figures.ts'
import css from './runs-grid.module.css'
import type { ShownColumn } from './shown-columns.ts'
import { StatusWord } from './status.tsx'

const ROOM_FOR_STEP = 120

export type Scale = { readonly from: number; readonly to: number }

/** What a run has under a column. */
export function RunCell({
  column,
  info,
  cells,
  scale,
}: {
  column: ShownColumn
  info: RunInfo
  cells: Cells | undefined
  scale: Scale | undefined
}) {
  const { id, key } = column
  if (id.startsWith('metrics.')) {
    const metric = cells && Object.hasOwn(cells.metrics, key) ? cells.metrics[key] : undefined
    if (metric === undefined) return <None />
    if (isOdd(metric.value))
      return (
        <span className={css.odd} title={metricTitle(metric)}>
          {column.width < ROOM_FOR_STEP
            ? String(metric.value)
            : say(words.nanAt, { value: String(metric.value), step: String(metric.step) })}
        </span>
      )
    return (
      <>
        {scale && (
          <span className={css.bar} aria-hidden>
            <i style={{ width: `${barShare(Number(metric.value), scale) * 100}%` }} />
          </span>
        )}
        <span title={metricTitle(metric)}>{metricText(metric.value)}</span>
      </>
    )
  }
  if (column.group !== 'system' || id.startsWith('tags.')) return <Text text={textIn(cells, id)} isCode={isCode(id)} />
  return <Attribute id={id} info={info} />
}

const isCode = (id: string) => id.endsWith('git.commit')

function Attribute({ id, info }: { id: string; info: RunInfo }) {
  if (id === 'start_time') return <Age at={info.startedAt} />
  if (id === 'end_time') return info.endedAt === null ? <None /> : <Age at={info.endedAt} />
  if (id === 'duration') return <Took info={info} />
  if (id === 'status') return <StatusWord status={info.status} />
  if (id === 'user_id') return <Text text={info.user} />
  return <Text text={info.id} isCode />
}

const None = () => <span className="faint">{words.none}</span>

function Text({ text, isCode: code = false }: { text: string | undefined; isCode?: boolean }) {
  if (text === undefined || text === '') return <None />
  return (
    <bdi className={`cut ${code ? 'mono' : ''}`} title={text.slice(0, 500)}>
      {text.slice(0, 200)}
    </bdi>
  )
}

const LAST_TIME = 8.64e15

/** Without the tip of `Ago`: a table has hundreds of them. */
function Age({ at }: { at: number }) {
  const now = useNow()
  // Clients log any number as a time.
  if (Math.abs(at) > LAST_TIME) return <Text text={String(at)} />
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)} className="dim">
      {ago(at, now)}
    </time>
  )
}

function Took({ info: { startedAt, endedAt, status } }: { info: RunInfo }) {
  const now = useNow()
  if (endedAt === null && status !== 'RUNNING') return <None />
  return <span className="dim">{duration(Math.max((endedAt ?? now) - startedAt, 0))}</span>
}
