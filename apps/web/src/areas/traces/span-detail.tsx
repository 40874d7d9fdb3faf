import type { Span } from '@stead/contracts'
import { useMemo, useState } from 'react'
import { say } from '../../strings/message.ts'
import { traces as words } from '../../strings/traces.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { duration } from '../../ui/numbers.ts'
import { Panel } from '../../ui/panel.tsx'
import { StateWord } from '../../ui/state-mark.tsx'
import { KeyedTable } from '../runs/keyed-table.tsx'
import { shownText } from './judged.ts'
import css from './traces.module.css'

const INPUTS = 'mlflow.spanInputs'
const OUTPUTS = 'mlflow.spanOutputs'
/** The page tells these elsewhere. */
const TOLD = new Set([INPUTS, OUTPUTS, 'mlflow.spanType', 'mlflow.traceRequestId'])

/** What a span was given and gave back, what else it told, and what befell it. */
export function SpanDetail({ span, began }: { span: Span; began: string }) {
  const { attributes, events, message, status } = span
  const others = useMemo(
    () =>
      Object.entries(attributes)
        .filter(([key]) => !TOLD.has(key))
        .map(([key, value]) => ({ key, text: shownText(value) })),
    [attributes],
  )
  return (
    <>
      <Panel
        title={<span className="wrap">{span.name || words.span}</span>}
        note={<span className="faint">{span.type}</span>}
        acts={status === 'ERROR' && <StateWord is="failed">{words.status.ERROR}</StateWord>}
        padded
      >
        <div className="stack">
          {message !== null && <Text title={words.failed} text={message} />}
          <Text title={words.inputs} text={shownText(attributes[INPUTS])} />
          <Text title={words.outputs} text={shownText(attributes[OUTPUTS])} />
        </div>
      </Panel>
      {events.length > 0 && (
        <Panel title={words.events} padded>
          <div className="stack">
            {events.map((event, index) => (
              <Event key={`${event.atNs} ${index}`} event={event} began={began} />
            ))}
          </div>
        </Panel>
      )}
      <KeyedTable title={words.attributes} search={words.searchAttributes} none={words.noAttributes} rows={others} />
    </>
  )
}

const MOST = 20_000

function Text({ title, text }: { title: string; text: string }) {
  const [isWhole, setWhole] = useState(false)
  return (
    <section className={css.part}>
      <div className="row">
        <h3 className="grow">{title}</h3>
        {text !== '' && <CopyButton text={text} />}
      </div>
      {text === '' ? (
        <p className="faint">{words.nothing}</p>
      ) : (
        <pre className={css.text} tabIndex={0} role="region" aria-label={title}>
          {isWhole || text.length <= MOST ? text : `${text.slice(0, MOST).toWellFormed()}…`}
        </pre>
      )}
      {text.length > MOST && (
        <Button look="quiet" size="small" onClick={() => setWhole(!isWhole)}>
          {isWhole ? words.showLess : words.showAll}
        </Button>
      )}
    </section>
  )
}

/** An exception as Python tells it, where it is one. */
function Event({ event: { name, atNs, attributes }, began }: { event: Span['events'][number]; began: string }) {
  const { 'exception.type': kind, 'exception.message': message, 'exception.stacktrace': stack, ...rest } = attributes
  const isException = kind !== undefined || stack !== undefined
  const said = [kind, message].filter((part) => part !== undefined && part !== '').map(shownText)
  const offset = duration(Math.max(0, Number(BigInt(atNs) - BigInt(began)) / 1e6))
  return (
    <div className="stack">
      <p className="row-wrap">
        {isException ? (
          <StateWord is="failed">
            <span className="wrap">{said.join(': ') || words.exception}</span>
          </StateWord>
        ) : (
          <b className="wrap">{name || words.event}</b>
        )}
        <span className="faint num">{say(words.after, { offset })}</span>
      </p>
      {stack !== undefined && <Text title={words.exception} text={shownText(stack)} />}
      {Object.keys(rest).length > 0 && !isException && <Text title={words.attributes} text={shownText(rest)} />}
    </div>
  )
}
