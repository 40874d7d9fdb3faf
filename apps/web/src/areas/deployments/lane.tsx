import type { Lane as LaneOfTime } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { lanes as words } from '../../strings/lanes.ts'
import { clockMinute } from '../../ui/time.tsx'
import css from './lane.module.css'
import { kindInWords, sharesOf } from './states.ts'
import { inColour } from './version.tsx'

interface Span {
  readonly key: string
  readonly from: number
  readonly to: number
  readonly shares: readonly { version: number; share: number }[]
  readonly parked: boolean
}

/** What one deployment served over time: versions as bands, changes and refusals as marks. `from` and `to` in ms. */
export function Lane({ lane, from, to }: { lane: LaneOfTime; from: number; to: number }) {
  const spans = spansOf(lane, from, to)
  const x = (at: number) => ((Math.max(at, from) - from) / (to - from)) * 100
  return (
    <div className={css.lane} role="img" aria-label={inWords(lane)}>
      {spans.map((span) => (
        <div
          key={span.key}
          className={`${css.band} ${span.parked ? css.parked : ''}`}
          style={{
            ...inColour(span.shares[0]?.version ?? 1),
            left: `${x(span.from)}%`,
            width: `${x(span.to) - x(span.from)}%`,
          }}
        >
          {x(span.to) - x(span.from) > 9 && <span>v{span.shares[0]?.version}</span>}
          {span.shares.slice(1).map(({ version, share }) => (
            <u key={version} style={{ ...inColour(version), height: `${Math.max(share * 100, 12)}%` }} />
          ))}
        </div>
      ))}
      {lane.marks.map(
        (mark) =>
          Date.parse(mark.at) > from && (
            <i
              key={mark.generation}
              className={`${css.mark} ${mark.kind === 'rollback' ? css.rollback : ''}`}
              style={{ left: `${x(Date.parse(mark.at))}%` }}
            />
          ),
      )}
      {lane.refusals.map(
        (refusal) =>
          Date.parse(refusal.at) > from && (
            <i
              key={refusal.at}
              className={`${css.mark} ${css.refused}`}
              style={{ left: `${x(Date.parse(refusal.at))}%` }}
            />
          ),
      )}
    </div>
  )
}

function spansOf({ marks }: LaneOfTime, from: number, to: number): Span[] {
  return marks
    .map((mark, index) => ({
      key: String(mark.generation),
      from: Math.max(Date.parse(mark.at), from),
      to: index + 1 < marks.length ? Date.parse(marks[index + 1]!.at) : to,
      shares: sharesOf(mark),
      parked: mark.parked !== null,
    }))
    .filter((span) => span.to > from)
}

function inWords({ marks, refusals }: LaneOfTime): string {
  const told = marks
    .slice(-5)
    .map(
      ({ kind, at, routes }) => `${clockMinute(at)} ${kindInWords(kind)} v${sharesOf({ routes })[0]?.version ?? '–'}`,
    )
  return say(words.inWords, { changes: told.join(', '), count: refusals.length })
}
