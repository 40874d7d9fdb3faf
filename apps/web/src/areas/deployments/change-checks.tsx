import type { GoldenRequest } from '@stead/contracts'
import type { KnownChange } from '../../live/running.ts'
import { changes as words } from '../../strings/changes.ts'
import { say } from '../../strings/message.ts'
import { CodeBlock } from '../../ui/copy.tsx'
import { duration } from '../../ui/numbers.ts'
import { StateMark } from '../../ui/state-mark.tsx'
import type { Mark } from '../../ui/state-mark.tsx'
import type { RowState, StageRow } from './change-stages.ts'
import css from './change-checks.module.css'
import transcript from './change-transcript.module.css'

interface Check {
  readonly name: string
  readonly says: string
  readonly is: RowState
}

const CHECKING = ['verifying', 'admitting', 'loading', 'warming', 'golden'] as const

/** What a version had to stand before it was let in. */
export function Checks({ change, rows }: { change: KnownChange; rows: readonly StageRow[] }) {
  const checks = checksOf(change, rows)
  const failed = checks.filter(({ is }) => is === 'failed').length
  const passed = checks.filter(({ is }) => is === 'done' || is === 'unneeded').length
  return (
    <section>
      <h3 className={transcript.title}>
        {words.checks}{' '}
        <span className={failed > 0 ? css.bad : 'dim'}>
          {failed > 0
            ? say(words.failedChecks, { failed, count: checks.length })
            : say(words.passed, { passed, count: checks.length })}
        </span>
      </h3>
      <ul>
        {checks.map(({ name, says, is }) => (
          <li key={name} className={`${css.check} ${css[is] ?? ''}`}>
            <StateMark is={MARKS[is]} />
            <span className="wrap">
              <b>{name}</b> <span className="dim">{says}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const MARKS: Record<RowState, Mark> = {
  done: 'passed',
  unneeded: 'passed',
  moving: 'moving',
  draining: 'moving',
  failed: 'failed',
  todo: 'waiting',
  unreached: 'waiting',
}

function checksOf(change: KnownChange, rows: readonly StageRow[]): Check[] {
  const contract: Check = { name: words.checkNames.contract, ...contractCheck(change) }
  const others = CHECKING.flatMap((name) => {
    const own = rows.filter((row) => row.name === name)
    // Of several versions, the one that is furthest behind speaks for the check.
    const worst = own.toSorted((a, b) => ORDER.indexOf(a.is) - ORDER.indexOf(b.is))[0]
    return worst ? [{ name: words.checkNames[name], says: checkSays(name, worst, own), is: worst.is }] : []
  })
  return [contract, ...others]
}

const ORDER: readonly RowState[] = ['failed', 'moving', 'todo', 'unreached', 'draining', 'done', 'unneeded']

function contractCheck({ kind, before, after, failure }: KnownChange): Omit<Check, 'name'> {
  const { inputs, outputs } = after.contract
  const counts = { inputs: inputs.length, outputs: outputs.length }
  if (failure?.code === 'contract_broken') return { says: failure.message, is: 'failed' }
  if (!before) return { says: say(words.checkSays.contractFirst, counts), is: 'done' }
  return {
    says: kind === 'repurpose' ? words.checkSays.contractNew : say(words.checkSays.contractKept, counts),
    is: 'done',
  }
}

function checkSays(name: (typeof CHECKING)[number], row: StageRow, all: readonly StageRow[]): string {
  switch (row.is) {
    case 'moving':
    case 'draining':
      return words.checkSays.now
    case 'todo':
      return words.checkSays.ahead
    case 'unreached':
      return words.checkSays.unreached
    case 'unneeded':
      return words.checkSays.unneeded
    case 'failed':
      return name === 'golden' ? goldenSays(all) : words.checkSays.failed
    case 'done':
      break
  }
  const time = duration(row.ms ?? 0)
  if (name === 'loading') return say(words.checkSays.loading, { time })
  if (name === 'warming') return say(words.checkSays.warming, { time })
  if (name === 'golden') return goldenSays(all)
  return words.checkSays[name]
}

function goldenSays(rows: readonly StageRow[]): string {
  const parts = rows.flatMap((row) => row.parts)
  const failed = [...new Set(parts.filter(({ ok }) => !ok).map(({ label }) => label))]
  // A runner stops at the first that fails, so those before it say little.
  if (failed.length > 0) return say(words.checkSays.goldenFailed, { names: failed.join(', ') })
  const ran = parts.filter(({ ok, reason }) => !ok || reason === undefined)
  return say(words.checkSays.golden, { passed: ran.filter(({ ok }) => ok).length, count: ran.length })
}

/** Each check that failed, with its reason and, for a golden request, what it was given. */
export function Evidence({ change, golden }: { change: KnownChange; golden: readonly GoldenRequest[] }) {
  const failed = change.stages.filter(({ ok, name }) => !ok && name !== 'prepare')
  if (failed.length === 0) return null
  return (
    <section className={css.evidence} aria-label={words.evidence}>
      {failed.map((stage) => {
        const name = stage.name.replace(/^golden /, '')
        const request = stage.name.startsWith('golden ') ? golden.find((one) => one.name === name)?.request : undefined
        const inWords = name in words.names ? words.names[name as keyof typeof words.names] : name
        return (
          <div key={`${stage.name} ${stage.runner}`} className={css.piece}>
            <b className="wrap">
              {stage.runner === undefined ? inWords : say(words.evidenceOn, { check: inWords, runner: stage.runner })}
            </b>
            <p className="wrap">{stage.reason ?? ''}</p>
            {request && (
              <details>
                <summary>{words.given}</summary>
                <CodeBlock text={JSON.stringify(request, null, 2)} label={words.given} />
              </details>
            )}
          </div>
        )
      })}
    </section>
  )
}
