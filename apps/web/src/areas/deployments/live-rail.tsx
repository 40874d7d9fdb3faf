import type { ChangeKind, Lane, ProjectName } from '@stead/contracts'
import { OctagonX } from 'lucide-react'
import type { ReactElement } from 'react'
import { live as words } from '../../strings/live.ts'
import { say } from '../../strings/message.ts'
import { useBoard } from '../../ui/chart/board.ts'
import type { Board, Span } from '../../ui/chart/board.ts'
import { percent } from '../../ui/numbers.ts'
import { Popover } from '../../ui/popover.tsx'
import { clockMinute, clockTime } from '../../ui/time.tsx'
import { FlagStory } from './live-flag-story.tsx'
import css from './live-rail.module.css'
import { KindIcon } from './kind-icon.tsx'
import { kindInWords, sharesOf } from './states.ts'
import { inColour } from './version.tsx'

/** Something that happened to the deployment at one moment. */
export type Flag =
  | {
      readonly is: 'change'
      readonly atMs: number
      readonly mark: Lane['marks'][number]
      readonly before: number | undefined
    }
  | { readonly is: 'refused'; readonly atMs: number; readonly refusal: Lane['refusals'][number] }

/** About as wide as a flag is on the screen, in pixels. */
const FLAG_PX = 92
const FLAG_PX_PHONE = 52

/** Above the charts, on their time: what was changed, and which versions answered. */
export function LiveRail({ board, lane, project }: { board: Board; lane: Lane | undefined; project: ProjectName }) {
  const span = useBoard(board, (one) => one.span())
  const flags = flagsOf(lane, span)
  return (
    <div className={css.rail}>
      <ul className={css.flags} aria-label={words.changes}>
        {gathered(flags, span).map((together) => (
          <li
            key={keyOf(together[0]!)}
            className={css.place}
            style={{ '--x': shareOf(together[0]!.atMs / 1000, span) } as React.CSSProperties}
          >
            {together.length === 1 ? (
              <OneFlag flag={together[0]!} project={project} deployment={lane!.deployment} />
            ) : (
              <ManyFlags flags={together} project={project} deployment={lane!.deployment} />
            )}
          </li>
        ))}
      </ul>
      {lane && <Mix lane={lane} span={span} />}
      {lane?.truncated && (
        <p className={css.note}>{say(words.earlier, { time: clockMinute(lane.marks[0]?.at ?? span.from * 1000) })}</p>
      )}
    </div>
  )
}

interface Told {
  readonly project: ProjectName
  readonly deployment: string
}

function OneFlag({ flag, ...told }: { flag: Flag } & Told) {
  return (
    <Popover trigger={<FlagButton flag={flag} />} title={titleOf(flag)}>
      <FlagStory flag={flag} {...told} />
    </Popover>
  )
}

function ManyFlags({ flags, ...told }: { flags: readonly Flag[] } & Told) {
  const [from, to] = [clockTime(flags[0]!.atMs), clockTime(flags.at(-1)!.atMs)]
  return (
    <Popover
      trigger={
        <button type="button" className={css.flag}>
          {say(words.flagCount, { count: flags.length })}
        </button>
      }
      title={say(words.flagsList, { count: flags.length, from, to })}
    >
      <ol className={css.list}>
        {flags.map((flag) => (
          <li key={keyOf(flag)}>
            <b>{titleOf(flag)}</b>
            <FlagStory flag={flag} {...told} />
          </li>
        ))}
      </ol>
    </Popover>
  )
}

/** Takes the attributes of the popover's trigger. */
function FlagButton({ flag, ...rest }: { flag: Flag } & React.ButtonHTMLAttributes<HTMLButtonElement>): ReactElement {
  const time = clockTime(flag.atMs)
  if (flag.is === 'refused') {
    const kind = kindInWords(flag.refusal.kind)
    return (
      <button
        {...rest}
        type="button"
        className={`${css.flag} ${css.refused}`}
        aria-label={say(words.refusedFlag, { kind: kind.toLowerCase(), time })}
      >
        <OctagonX size={13} />
        <span className={css.word}>{words.refusedShort}</span>
      </button>
    )
  }
  const { kind, generation } = flag.mark
  return (
    <button
      {...rest}
      type="button"
      className={`${css.flag} ${kind === 'rollback' ? css.rollback : ''}`}
      aria-label={say(words.flag, { kind: kindInWords(kind).toLowerCase(), generation: String(generation), time })}
    >
      <KindIcon kind={kind} size={13} />g{generation}
      <span className={css.word}> {kindInWords(kind).toLowerCase()}</span>
    </button>
  )
}

export function titleOf(flag: Flag): string {
  if (flag.is === 'refused') return say(words.refusedTitle, { kind: nameOf(flag.refusal.kind, flag.refusal.version) })
  return say(words.changeTitle, { kind: kindInWords(flag.mark.kind), generation: flag.mark.generation })
}

const nameOf = (kind: ChangeKind, version: number | null) =>
  version === null ? kindInWords(kind) : `${kindInWords(kind)} to v${version}`

const keyOf = (flag: Flag) => (flag.is === 'refused' ? `refused ${flag.atMs}` : `g${flag.mark.generation}`)
const shareOf = (at: number, { from, to }: Span) => (at - from) / (to - from)

function flagsOf(lane: Lane | undefined, { from, to }: Span): Flag[] {
  if (!lane) return []
  const changes = lane.marks.map((mark, index): Flag => ({
    is: 'change',
    atMs: Date.parse(mark.at),
    mark,
    before: lane.marks[index - 1]?.generation ?? (mark.generation > 1 ? mark.generation - 1 : undefined),
  }))
  const refusals = lane.refusals.map((refusal): Flag => ({ is: 'refused', atMs: Date.parse(refusal.at), refusal }))
  return [...changes, ...refusals]
    .filter(({ atMs }) => atMs / 1000 >= from && atMs / 1000 <= to)
    .toSorted((a, b) => a.atMs - b.atMs)
}

/** Flags that would lie over each other become one that opens a list. */
function gathered(flags: readonly Flag[], span: Span): Flag[][] {
  const phone = matchMedia('(max-width: 760px)').matches
  const width = document.querySelector(`.${css.flags}`)?.clientWidth ?? 600
  const room = ((phone ? FLAG_PX_PHONE : FLAG_PX) / width) * (span.to - span.from) * 1000
  const groups: Flag[][] = []
  for (const flag of flags) {
    const last = groups.at(-1)
    if (last && flag.atMs - last[0]!.atMs < room) last.push(flag)
    else groups.push([flag])
  }
  return groups
}

/** The share that each version answered, as bands over time. */
function Mix({ lane, span }: { lane: Lane; span: Span }) {
  const bands = lane.marks.flatMap((mark, index) => {
    const from = Math.max(Date.parse(mark.at) / 1000, span.from)
    const to = Math.min(Date.parse(lane.marks[index + 1]?.at ?? '9999-01-01') / 1000, span.to)
    return to > from ? [{ mark, from, to, shares: sharesOf(mark) }] : []
  })
  const told = bands
    .slice(-8)
    .map(({ from, shares }) =>
      say(words.mixSpan, {
        time: clockMinute(from * 1000),
        shares: shares.map(({ version, share }) => `v${version} ${percent(share)}`).join(', '),
      }),
    )
    .join('; ')
  return (
    <div className={css.mix} role="img" aria-label={say(words.mix, { spans: told })}>
      {bands.map(({ mark, from, to, shares }) => (
        <div
          key={mark.generation}
          className={`${css.band} ${mark.parked === null ? '' : css.parked}`}
          style={{ left: `${shareOf(from, span) * 100}%`, width: `${((to - from) / (span.to - span.from)) * 100}%` }}
        >
          {mark.parked === null &&
            shares.map(({ version, share }) => (
              <i key={version} style={{ ...inColour(version), flexGrow: share }}>
                {share > 0.45 && (to - from) / (span.to - span.from) > 0.06 ? `v${version}` : null}
              </i>
            ))}
        </div>
      ))}
    </div>
  )
}
