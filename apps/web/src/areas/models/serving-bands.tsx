import type { ServingSpan } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { percent } from '../../ui/numbers.ts'
import { ago, exactTime, useNow } from '../../ui/time.tsx'
import { Tip } from '../../ui/tip.tsx'
import { inColour } from '../deployments/version.tsx'
import css from './serving-bands.module.css'

interface Band {
  readonly span: ServingSpan
  readonly from: number
  readonly to: number
  /** Which of the lane's lines it lies on: those that overlap lie below one another. */
  readonly line: number
}

/** When versions served, a lane per deployment and a band per span. `named` writes the versions into the bands. */
export function ServingBands({
  spans,
  project,
  named = false,
}: {
  spans: readonly ServingSpan[]
  project: string
  named?: boolean
}) {
  const now = useNow()
  if (spans.length === 0) return <p className="dim">{words.servedNever}</p>
  const first = Math.min(...spans.map(({ from }) => Date.parse(from)))
  const width = Math.max(now - first, 1)
  const lanes = Map.groupBy(spans, ({ deployment }) => deployment)
  return (
    <div className={css.lanes}>
      {[...lanes].map(([deployment, of]) => {
        const bands = bandsOf(of, now)
        const lines = Math.max(...bands.map(({ line }) => line)) + 1
        return (
          <div key={deployment} className={css.row}>
            <Link
              to="/p/$project/deployments/$deployment"
              params={{ project, deployment }}
              className="link cut"
              title={deployment}
            >
              {deployment}
            </Link>
            <div className={css.lane} style={{ height: lines * 22 }}>
              {bands.map((band) => (
                <BandBox
                  key={`${band.span.version} ${band.span.role} ${band.from}`}
                  band={band}
                  left={((band.from - first) / width) * 100}
                  width={((band.to - band.from) / width) * 100}
                  named={named}
                />
              ))}
            </div>
          </div>
        )
      })}
      <div className={css.row} aria-hidden>
        <span />
        <span className={css.axis}>
          <span>{ago(first, now)}</span>
          <span>{words.now}</span>
        </span>
      </div>
    </div>
  )
}

function BandBox({ band, left, width, named }: { band: Band; left: number; width: number; named: boolean }) {
  const { version, role, share, deployment, generation, from, until } = band.span
  const told = role === 'shadow' ? words.shadow : percent(share)
  const whole = say(words.spanInWords, {
    deployment,
    version,
    role: told,
    generation,
    from: exactTime(from),
    until: until === null ? words.now : exactTime(until),
  })
  return (
    <Tip says={whole}>
      <span
        role="img"
        aria-label={whole}
        tabIndex={0}
        className={`${css.band} ${role === 'shadow' ? css.shadow : ''}`}
        style={{ ...inColour(version), left: `${left}%`, width: `${width}%`, top: band.line * 22 }}
      >
        {width > 8 && <span>{named ? say(words.spanVersion, { version, role: told }) : told}</span>}
      </span>
    </Tip>
  )
}

/** Lays each span on the first line that is free by then; the oldest go first. */
function bandsOf(spans: readonly ServingSpan[], now: number): Band[] {
  const ends: number[] = []
  return spans
    .map((span) => ({ span, from: Date.parse(span.from), to: span.until === null ? now : Date.parse(span.until) }))
    .toSorted((a, b) => a.from - b.from || b.span.share - a.span.share)
    .map((one) => {
      const free = ends.findIndex((end) => end <= one.from)
      const line = free < 0 ? ends.length : free
      ends[line] = one.to
      return { ...one, line }
    })
}
