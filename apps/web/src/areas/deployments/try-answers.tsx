import type { Deployment } from '@stead/contracts'
import { useMay } from '../../frame/may.ts'
import { useState } from 'react'
import { say, show } from '../../strings/message.ts'
import { tries as words } from '../../strings/tries.ts'
import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/copy.tsx'
import { figure } from '../../ui/numbers.ts'
import { StateWord } from '../../ui/state-mark.tsx'
import { clockTime } from '../../ui/time.tsx'
import { nameOf, refusalOf } from './try-asking.ts'
import type { Answer, Answers } from './try-asking.ts'
import { KeepDialog } from './try-keep.tsx'
import { differenceOf, largestOf, outputsOf, tablesOf } from './try-outputs.ts'
import type { Cell, OutputTable } from './try-outputs.ts'
import css from './try.module.css'
import { inColour, Swatch } from './version.tsx'

/** What was answered, version beside version, so that what differs is seen. */
export function TryAnswers({ answers, deployment }: { answers: Answers; deployment: Deployment }) {
  const [isWhole, setWhole] = useState(false)
  const [keeping, setKeeping] = useState(false)
  const { because } = useMay('golden.add')
  const told = answers.answers
  const good = told.filter(({ trial }) => outputsOf(trial) !== undefined)
  const tables = tablesOf(
    good.map(({ trial }) => trial),
    deployment.table.contract,
  )
  return (
    <div className={css.answers}>
      <p className="faint">{say(words.lastAnswer, { time: clockTime(answers.at) })}</p>
      {told
        .filter((answer) => !good.includes(answer))
        .map((answer) => (
          <Refused key={answer.asked} answer={answer} />
        ))}
      {good.length > 0 && (
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">
                <span className="heard-only">{words.element}</span>
              </th>
              {good.map((answer) => (
                <th key={answer.asked} scope="col">
                  <span className="row-wrap">
                    {answer.trial?.version && <Swatch version={answer.trial.version} />}
                    <b>{nameOf(answer)}</b>
                    <span className="faint num">{say(words.latency, { ms: figure(answer.trial?.ms ?? 0) })}</span>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          {tables.map((table) => (
            <OutputBody key={table.name} table={table} answers={good} />
          ))}
        </table>
      )}
      {tables.map((table) => (
        <Agreement key={table.name} table={table} answers={good} />
      ))}
      {good.map((answer) => (
        <p key={answer.asked} className={css.small}>
          {good.length > 1 && <b>{nameOf(answer)} </b>}
          {show(words.provenance, {
            generation: answer.trial?.generation ?? '–',
            request: <ShortId id={answer.trial?.requestId ?? '–'} />,
          })}
        </p>
      ))}
      <div className="row-wrap">
        {good.length > 0 && (
          <Button because={because} onClick={() => setKeeping(true)}>
            {words.keep}
          </Button>
        )}
        <Button look="quiet" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? words.hideWhole : words.whole}
        </Button>
      </div>
      {isWhole &&
        told.map((answer) => (
          <CodeBlock
            key={answer.asked}
            label={say(words.wholeOf, { who: nameOf(answer) })}
            text={JSON.stringify(answer.trial?.answer ?? answer.failure, null, 2)}
          />
        ))}
      {keeping && (
        <KeepDialog
          request={answers.request}
          answers={good}
          deployment={deployment}
          onClose={() => setKeeping(false)}
        />
      )}
    </div>
  )
}

/** The ends tell requests apart; the whole is shown on pointing at it and in the whole answer. */
function ShortId({ id }: { id: string }) {
  return <code title={id}>{id.length > 14 ? `${id.slice(0, 6)}…${id.slice(-4)}` : id}</code>
}

function Refused({ answer }: { answer: Answer }) {
  const { trial, failure } = answer
  return (
    <p className="wrap">
      <StateWord is="failed">{nameOf(answer)}</StateWord>{' '}
      {trial
        ? say(words.refused, { status: String(trial.status), message: refusalOf(trial) ?? '' })
        : say(words.couldNotAsk, { message: failure?.says ?? '' })}
    </p>
  )
}

function OutputBody({ table, answers }: { table: OutputTable; answers: readonly Answer[] }) {
  const largest = largestOf(table)
  return (
    <tbody>
      {table.lines.map((line, index) => (
        <tr key={line.label} className={largest?.includes(line.label) ? css.largest : ''}>
          <th scope="row">{index === 0 || line.label === '' ? `${table.name} ${line.label}` : line.label}</th>
          {line.cells.map((cell, column) => (
            <td key={answers[column]?.asked}>
              <OneCell
                cell={cell}
                isShare={table.isShare}
                version={answers[column]?.trial?.version ?? 1}
                difference={column === 0 ? undefined : differenceOf(line.cells[0], cell)}
              />
            </td>
          ))}
        </tr>
      ))}
      {table.more > 0 && (
        <tr>
          <td colSpan={answers.length + 1} className="faint">
            {say(words.moreValues, { count: table.more })}
          </td>
        </tr>
      )}
    </tbody>
  )
}

function OneCell({
  cell,
  isShare,
  version,
  difference,
}: {
  cell: Cell | undefined
  isShare: boolean
  version: number
  difference: number | undefined
}) {
  return (
    <span className={css.cell}>
      {isShare && typeof cell === 'number' && (
        <span className={css.track} aria-hidden>
          <i style={{ ...inColour(version), width: `${Math.min(Math.max(cell, 0), 1) * 100}%` }} />
        </span>
      )}
      <span className="num wrap">{textOf(cell)}</span>
      {difference !== undefined && (
        <small className="faint num">
          {difference > 0 ? '+' : '−'}
          {figure(Math.abs(difference))}
        </small>
      )}
    </span>
  )
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined || cell === null) return '–'
  if (typeof cell !== 'number') return String(cell)
  return Number.isInteger(cell) ? String(cell) : String(Number(cell.toPrecision(6)))
}

/** Whether all see the same as the likeliest. */
function Agreement({ table, answers }: { table: OutputTable; answers: readonly Answer[] }) {
  const largest = largestOf(table)
  if (!largest) return null
  const [first] = largest
  if (first === undefined) return null
  const label = `${table.name} ${first}`
  if (largest.every((one) => one === first))
    return <p className={css.small}>{say(words.allSay, { label, count: answers.length })}</p>
  const told = largest.map((one, column) =>
    say(words.says, { who: nameOf(answers[column]!), label: `${table.name} ${one ?? '–'}` }),
  )
  return <p className={css.small}>{say(words.theyDiffer, { told: told.join(', ') })}</p>
}
