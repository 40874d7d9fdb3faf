import { consumers as words } from '../../strings/consumers.ts'
import { grouped, say } from '../../strings/message.ts'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { dayOf } from '../../ui/time.tsx'
import css from './consumers.module.css'
import type { DayOfUse } from './usage.ts'

const STEP = 10
const BAR = 7
const HEIGHT = 100

/** Requests a day as bars from zero, the failed part of each in red at its foot. */
export function UsageBars({ days }: { days: readonly DayOfUse[] }) {
  const requests = days.reduce((sum, day) => sum + day.requests, 0)
  const failed = days.reduce((sum, day) => sum + day.failed, 0)
  const most = Math.max(...days.map((day) => day.requests), 0)
  const height = (value: number) => (most === 0 ? 0 : (value / most) * HEIGHT)
  const says = say(words.chartSays, { days: days.length, requests, failed, most })
  return (
    <>
      <div className={css.plot}>
        <div className={css.top} aria-hidden>
          <span>{most > 0 && grouped(most)}</span>
          <span>0</span>
        </div>
        <div className={css.field}>
          {most === 0 && <p className={css.quiet}>{words.noUse}</p>}
          <svg role="img" aria-label={says} viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`} preserveAspectRatio="none">
            <line className={css.grid} x1="0" x2={days.length * STEP} y1="0" y2="0" />
            {days.map((day, index) => (
              <g key={day.at}>
                <title>{say(words.barSays, { day: dayOf(day.at), requests: day.requests, failed: day.failed })}</title>
                <rect
                  className={css.all}
                  x={index * STEP + 1.5}
                  width={BAR}
                  y={HEIGHT - height(day.requests)}
                  height={height(day.requests)}
                />
                <rect
                  className={css.failed}
                  x={index * STEP + 1.5}
                  width={BAR}
                  y={HEIGHT - height(day.failed)}
                  height={height(day.failed)}
                />
              </g>
            ))}
          </svg>
        </div>
        <div className={css.days} aria-hidden>
          <span>{dayOf(days[0]!.at)}</span>
          <span>{dayOf(days.at(-1)!.at)}</span>
        </div>
        <div className={css.legend}>
          <span className={css.isAll}>{say(words.requestsLegend, { count: requests })}</span>
          <span className={css.isFailed}>{say(words.failedLegend, { count: failed })}</span>
        </div>
      </div>
      <details className={css.table}>
        <summary>{words.asTable}</summary>
        <Table label={words.use} columns={COLUMNS} rows={days.toReversed()} keyOf={({ at }) => at} />
      </details>
    </>
  )
}

const COLUMNS: readonly Column<DayOfUse>[] = [
  { id: 'day', title: words.day, phone: 'name', cell: ({ at }) => dayOf(at) },
  { id: 'requests', title: words.requests, align: 'end', cell: ({ requests }) => grouped(requests) },
  { id: 'failed', title: words.byColumns.failed, align: 'end', cell: ({ failed }) => grouped(failed) },
]
