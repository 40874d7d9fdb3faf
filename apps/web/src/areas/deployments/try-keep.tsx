import { addGolden, GoldenName, SteadError } from '@stead/contracts'
import type { Assertion, Deployment, InferenceRequest } from '@stead/contracts'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { say } from '../../strings/message.ts'
import { tries as words } from '../../strings/tries.ts'
import { ui } from '../../strings/ui.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { SelectField } from '../../ui/select.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { tell } from '../../ui/toast.tsx'
import { nameOf } from './try-asking.ts'
import type { Answer } from './try-asking.ts'
import { outputsOf } from './try-outputs.ts'
import type { Outputs } from './try-outputs.ts'
import { cellsOf, readValue } from './try-values.ts'

const KINDS = ['valid', 'range', 'close', 'exact'] as const
const EVERY = ''

interface Asserted {
  readonly kind: (typeof KINDS)[number]
  /** Which of the answers is the one to be like. */
  readonly like: string
  readonly output: string
  readonly min: string
  readonly max: string
  readonly tolerance: string
}

type Problems = Partial<Record<'name' | 'min' | 'max' | 'tolerance' | 'whole', string>>

/** Keeps a request that was tried, with what must hold of its answer from now on. */
export function KeepDialog({
  request,
  answers,
  deployment: { project, name: deployment },
  onClose,
}: {
  request: InferenceRequest
  answers: readonly Answer[]
  deployment: Deployment
  onClose: () => void
}) {
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const [problems, setProblems] = useState<Problems>({})
  const first = outputsOf(answers[0]?.trial) ?? []
  const [asserted, setAsserted] = useState<Asserted>(() => ({
    kind: 'range',
    like: '0',
    output: EVERY,
    tolerance: '0.00001',
    ...boundsOf(first, EVERY),
  }))
  const change = (changed: Partial<Asserted>) => {
    setAsserted((before) => ({ ...before, ...changed }))
    setProblems({})
  }
  const like = outputsOf(answers[Number(asserted.like)]?.trial) ?? []

  const { because } = useMay('golden.add')
  const keep = async () => {
    if (because !== undefined) return
    const made = assertionOf(asserted, like)
    const named = name === '' || GoldenName.safeParse(name).success
    if ('problems' in made || !named)
      return setProblems({
        ...('problems' in made ? made.problems : {}),
        ...(named ? {} : { name: GoldenName.safeParse(name).error?.issues[0]?.message }),
      })
    setBusy(true)
    try {
      const body = { request, assertion: made.assertion, ...(name === '' ? {} : { name }) }
      const kept = await client.call(addGolden, { params: { project, deployment }, body })
      tell(say(words.kept, { name: kept.name }))
      onClose()
    } catch (error) {
      const isName = error instanceof SteadError && (error.code === 'name_taken' || error.where === 'body.name')
      setProblems({ [isName ? 'name' : 'whole']: sentenceOf(error) })
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={words.keepTitle}
      says={words.keepSays}
      size="narrow"
      onClose={onClose}
      acts={
        <>
          <Button onClick={onClose}>{ui.cancel}</Button>
          <Button look="filled" busy={busy} because={because} onClick={() => void keep()}>
            {words.keepAct}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void keep()
        }}
      >
        <TextField
          label={words.name}
          hint={words.nameHint}
          value={name}
          error={problems.name}
          autoComplete="off"
          onChange={(text) => {
            setName(text)
            setProblems({})
          }}
        />
        {answers.length > 1 && (
          <SelectField
            label={words.answerOf}
            value={asserted.like}
            options={answers.map((answer, index) => ({ value: String(index), label: nameOf(answer) }))}
            onChange={(next) =>
              change({ like: next, ...boundsOf(outputsOf(answers[Number(next)]?.trial) ?? [], asserted.output) })
            }
          />
        )}
        <div className="stack">
          <Segmented
            label={words.assertion}
            value={asserted.kind}
            options={KINDS.map((value) => ({ value, label: words.assertions[value] }))}
            onChange={(kind) => change({ kind })}
          />
          <p className="dim">{words.assertionSays[asserted.kind]}</p>
        </div>
        <AssertionFields asserted={asserted} outputs={like} problems={problems} onChange={change} />
        {problems.whole !== undefined && (
          <p role="alert" className="wrap">
            {problems.whole}
          </p>
        )}
      </form>
    </Dialog>
  )
}

function AssertionFields({
  asserted,
  outputs,
  problems,
  onChange,
}: {
  asserted: Asserted
  outputs: Outputs
  problems: Problems
  onChange: (changed: Partial<Asserted>) => void
}) {
  const common = { autoComplete: 'off', inputMode: 'decimal' } as const
  if (asserted.kind === 'close')
    return (
      <TextField
        {...common}
        label={words.tolerance}
        value={asserted.tolerance}
        error={problems.tolerance}
        onChange={(tolerance) => onChange({ tolerance })}
      />
    )
  if (asserted.kind !== 'range') return null
  return (
    <>
      {outputs.length > 1 && (
        <SelectField
          label={words.output}
          value={asserted.output}
          options={[
            { value: EVERY, label: words.anyOutput },
            ...outputs.map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(output) => onChange({ output, ...boundsOf(outputs, output) })}
        />
      )}
      <TextField
        {...common}
        label={words.least}
        value={asserted.min}
        error={problems.min}
        onChange={(min) => onChange({ min })}
      />
      <TextField
        {...common}
        label={words.most}
        value={asserted.max}
        error={problems.max}
        onChange={(max) => onChange({ max })}
      />
    </>
  )
}

/** What was answered, with a tenth of its size to either side. */
function boundsOf(outputs: Outputs, output: string): { min: string; max: string } {
  const numbers = outputs
    .filter(({ name }) => output === EVERY || name === output)
    .flatMap(({ data }) => cellsOf(data))
    .filter((value): value is number => typeof value === 'number')
  if (numbers.length === 0) return { min: '', max: '' }
  const least = numbers.reduce((a, b) => Math.min(a, b))
  const most = numbers.reduce((a, b) => Math.max(a, b))
  const room = Math.max(Math.abs(least), Math.abs(most)) / 10
  const round = (value: number) => String(Number(value.toPrecision(3)))
  return { min: round(least - room), max: round(most + room) }
}

function assertionOf(asserted: Asserted, outputs: Outputs): { assertion: Assertion } | { problems: Problems } {
  const { kind, output } = asserted
  if (kind === 'valid') return { assertion: { kind } }
  if (kind === 'exact') return { assertion: { kind, outputs } }
  if (kind === 'close') {
    const tolerance = readValue(asserted.tolerance, 'FP64')
    if (tolerance.error !== undefined) return { problems: { tolerance: tolerance.error } }
    if (Number(tolerance.value) < 0) return { problems: { tolerance: words.notPositive } }
    return { assertion: { kind, outputs, tolerance: Number(tolerance.value) } }
  }
  const bounds: { min?: number; max?: number } = {}
  for (const side of ['min', 'max'] as const) {
    if (asserted[side].trim() === '') continue
    const read = readValue(asserted[side], 'FP64')
    if (read.error !== undefined) return { problems: { [side]: read.error } }
    bounds[side] = Number(read.value)
  }
  if (bounds.min === undefined && bounds.max === undefined) return { problems: { min: words.boundsMissing } }
  if (bounds.min !== undefined && bounds.max !== undefined && bounds.min > bounds.max)
    return { problems: { max: words.boundsCrossed } }
  return { assertion: { kind: 'range', ...bounds, ...(output === EVERY ? {} : { output }) } }
}
