import { recordGolden } from '@stead/contracts'
import type { Deployment, ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { say } from '../../strings/message.ts'
import { ui } from '../../strings/ui.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField, Tick } from '../../ui/field.tsx'
import { SelectField } from '../../ui/select.tsx'
import { Banner } from '../../ui/waiting.tsx'
import css from './checks-tab.module.css'
import { glanceQuery } from './deployment.queries.ts'

const words = tabs.checks
type Kind = 'valid' | 'close' | 'exact'
const KINDS: readonly Kind[] = ['valid', 'close', 'exact']

interface RecordProps {
  readonly project: ProjectName
  readonly deployment: Deployment
  readonly onClose: () => void
  readonly onBegun: (count: number) => void
}

/** Asks how many of the next requests are to be kept, and what of them is not to be stored. */
export function GoldenRecord({ project, deployment, onClose, onBegun }: RecordProps) {
  const { name, table } = deployment
  const [count, setCount] = useState('20')
  const [kind, setKind] = useState<Kind>('valid')
  const [redacted, setRedacted] = useState<readonly string[]>([])
  const [refused, setRefused] = useState<string>()
  const [busy, setBusy] = useState(false)
  const number = Number(count)
  const wrong =
    Number.isInteger(number) && number >= 1 && number <= 100 ? undefined : say(words.countWrong, { text: count })
  const assertion = redacted.length > 0 ? 'valid' : kind
  const rate = useQuery(glanceQuery(project, [name], 60)).data?.deployments[0]?.rate
  const { because } = useMay('golden.record')
  const submit = async () => {
    if (wrong !== undefined || because !== undefined || busy) return
    setBusy(true)
    try {
      await client.call(recordGolden, {
        params: { project, deployment: name },
        body: { count: number, assertion, redact: [...redacted] },
      })
      onBegun(number)
      onClose()
    } catch (error) {
      setRefused(sentenceOf(error))
      setBusy(false)
    }
  }
  const toggle = (input: string, isOut: boolean) =>
    setRedacted(isOut ? [...redacted, input] : redacted.filter((one) => one !== input))
  return (
    <Dialog
      title={words.recordTitle}
      says={words.recordSays}
      size="narrow"
      onClose={onClose}
      acts={
        <>
          <Button onClick={onClose}>{ui.cancel}</Button>
          <Button look="filled" busy={busy} because={because} onClick={() => void submit()}>
            {words.recordAct}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <TextField
          label={words.count}
          inputMode="numeric"
          value={count}
          error={wrong}
          onChange={setCount}
          autoComplete="off"
        />
        <SelectField
          label={words.assertion}
          value={assertion}
          options={KINDS.map((one) => ({ value: one, label: words.recordKinds[one] }))}
          {...(redacted.length > 0 ? { hint: words.redactNote } : {})}
          onChange={setKind}
        />
        <fieldset className={css.ticks}>
          <legend>{words.redact}</legend>
          <p className="faint">{words.redactSays}</p>
          {table.contract.inputs.map(({ name: input }) => (
            <Tick key={input} checked={redacted.includes(input)} onChange={(isOut) => toggle(input, isOut)}>
              <span className="wrap">{input}</span>
            </Tick>
          ))}
        </fieldset>
        {rate === 0 && <p className="dim">{words.quiet}</p>}
        {refused !== undefined && (
          <div role="alert">
            <Banner is="failed">{refused}</Banner>
          </div>
        )}
      </form>
    </Dialog>
  )
}
