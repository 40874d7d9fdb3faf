import type { Deployment, Version } from '@stead/contracts'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import type { KnownChange } from '../../live/running.ts'
import { changes as words } from '../../strings/changes.ts'
import { say } from '../../strings/message.ts'
import { bytes, duration } from '../../ui/numbers.ts'
import { StateMark } from '../../ui/state-mark.tsx'
import type { Mark } from '../../ui/state-mark.tsx'
import { clockOf, untilCommit } from './change-stages.ts'
import type { Part, StageRow } from './change-stages.ts'
import css from './change-transcript.module.css'
import { useElapsed } from './change-elapsed.ts'

/** What the words of a stage are filled with. */
export interface StageFacts {
  readonly change: KnownChange
  /** The version that is loaded, where it is known. */
  readonly version: Version | undefined
  readonly golden: number
  readonly deployment: Deployment | undefined
}

const MARKS: Record<StageRow['is'], Mark> = {
  done: 'passed',
  moving: 'moving',
  draining: 'draining',
  failed: 'failed',
  unneeded: 'waiting',
  todo: 'waiting',
  unreached: 'waiting',
}

/** The stages of a change: the same list while it runs and in history. */
export function Stages({ rows, facts }: { rows: readonly StageRow[]; facts: StageFacts }) {
  const { change } = facts
  const elapsed = useElapsed(change)
  const clock = clockOf(rows, change.endedAt === null ? elapsed : 0)
  return (
    <section>
      <h3 className={css.title}>
        {words.stages} <span className="dim">{summaryOf(change, clock, elapsed)}</span>
      </h3>
      <ol className={css.stages}>
        {rows.map((row) => (
          <StageLine key={row.key} row={row} facts={facts} clock={clock} elapsed={elapsed} />
        ))}
      </ol>
    </section>
  )
}

function summaryOf(change: KnownChange, clock: number, elapsed: number): string {
  const commit = untilCommit(change)
  if (commit !== undefined) return say(words.toCommit, { time: duration(commit) })
  if (change.failure) return say(words.stoppedAfter, { time: duration(clock) })
  return change.endedAt === null ? say(words.soFar, { time: duration(elapsed) }) : ''
}

interface LineProps {
  readonly row: StageRow
  readonly facts: StageFacts
  readonly clock: number
  readonly elapsed: number
}

function StageLine({ row, facts, clock, elapsed }: LineProps) {
  const failing = row.parts.find(({ ok }) => !ok)
  const [isOpen, setOpen] = useState(false)
  const name = words.names[row.name]
  const label = row.version === null ? name : say(words.ofStage, { stage: name, version: String(row.version) })
  const ms = row.is === 'moving' ? Math.max(elapsed - row.from, 0) : row.ms
  return (
    <li className={`${css.stage} ${css[row.is]} ${row.name === 'commit' ? css.commit : ''}`}>
      <span className={css.mark}>
        <StateMark is={MARKS[row.is]} />
      </span>
      <span className={css.name}>
        {label}
        {row.parts.length > 1 && (
          <button
            type="button"
            className={css.fold}
            aria-expanded={isOpen}
            aria-label={say(isOpen ? words.less : words.more, { stage: label })}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? <ChevronDown size={12} /> : <ChevronRight size={12} />}
          </button>
        )}
      </span>
      <span className={css.did}>{failing?.reason ?? didOf(row, facts)}</span>
      <Bar from={row.from} ms={ms} clock={clock} is={row.is} />
      <span className={css.time}>{row.name === 'ready' || ms === null ? '–' : duration(ms)}</span>
      {isOpen && (
        <ul className={css.parts}>
          {row.parts.map((part) => (
            <PartLine key={`${part.label} ${part.from}`} part={part} clock={clock} />
          ))}
        </ul>
      )}
    </li>
  )
}

function PartLine({ part, clock }: { part: Part; clock: number }) {
  return (
    <li className={css.part}>
      <span className={css.mark}>
        <StateMark is={part.ok ? 'passed' : 'failed'} />
      </span>
      <span className="wrap grow">
        {part.label} {part.reason !== undefined && <span className="dim">{part.reason}</span>}
      </span>
      <Bar from={part.from} ms={part.ms} clock={clock} is={part.ok ? 'done' : 'failed'} />
      <span className={css.time}>{duration(part.ms)}</span>
    </li>
  )
}

function Bar({ from, ms, clock, is }: { from: number; ms: number | null; clock: number; is: StageRow['is'] }) {
  return (
    <span className={css.clock} aria-hidden>
      {ms !== null && (
        <i
          className={css[is] ?? ''}
          style={{ left: `${Math.min((from / clock) * 100, 98)}%`, width: `max(2px, ${(ms / clock) * 100}%)` }}
        />
      )}
    </span>
  )
}

/** What a stage did, or will do. */
function didOf(row: StageRow, { change, version, golden, deployment }: StageFacts): string {
  const generation = String(change.after.generation)
  const versions = row.leaving?.map((one) => `v${one}`).join(', ') ?? ''
  if (row.is === 'unneeded') return words.unneeded
  if (row.is === 'unreached')
    return row.name === 'commit' && change.before
      ? say(words.generationStays, { generation: String(change.before.generation) })
      : words.unreached
  switch (row.name) {
    case 'fetching':
      return version ? say(words.did.fetching, { size: bytes(version.size) }) : words.did.fetchingPlain
    case 'verifying':
      return version ? say(words.did.verifying, { size: bytes(version.size) }) : words.did.verifyingPlain
    case 'admitting':
      return words.did.admitting
    case 'starting':
      return words.did.starting
    case 'loading':
      return version
        ? say(words.did.loading, { runtime: version.runtime, count: change.after.config.threads })
        : words.did.loadingPlain
    case 'warming':
      return words.did.warming
    case 'golden':
      return goldenSays(row, golden)
    case 'ready':
      return readySays(row, change)
    case 'commit':
      return say(row.is === 'done' ? words.did.commit : words.did.commitAhead, { generation })
    case 'acknowledge':
      return acknowledgeSays(row, change, deployment)
    case 'drain':
      return say(row.is === 'draining' ? words.did.drain : words.did.drained, { versions })
    case 'standby':
      return say(words.did.standby, { versions })
  }
}

function goldenSays(row: StageRow, golden: number): string {
  if (row.parts.length === 0) return say(words.did.goldenAhead, { count: golden })
  const aside = row.parts.filter(({ ok, reason }) => ok && reason !== undefined).length
  const ran = row.parts.length - aside
  const told = say(words.did.golden, { passed: row.parts.filter(({ ok }) => ok).length - aside, count: ran })
  if (ran === 0) return say(words.leftAside, { count: aside })
  return aside === 0 ? told : `${told}, ${say(words.leftAside, { count: aside })}`
}

function readySays(row: StageRow, change: KnownChange): string {
  const runners = new Set(change.stages.flatMap(({ runner }) => (runner === undefined ? [] : [runner])))
  if (row.is !== 'done') return words.did.ready
  return runners.size === 0 ? words.did.readyWarm : say(words.did.readyOn, { count: runners.size })
}

function acknowledgeSays(row: StageRow, change: KnownChange, deployment: Deployment | undefined): string {
  const generation = String(change.after.generation)
  if (change.detached.length > 0) return say(words.did.acknowledgeDetached, { names: change.detached.join(', ') })
  const isNow = deployment?.table.generation === change.after.generation
  return row.is === 'done' && isNow && deployment
    ? say(words.did.acknowledge, { count: deployment.urls.length, generation })
    : say(words.did.acknowledgePlain, { generation })
}
