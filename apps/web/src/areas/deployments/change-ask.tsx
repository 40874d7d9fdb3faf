import type { Act, Deployment, ProjectName, RouteTable, Stage, Transcript, ChangeKind } from '@stead/contracts'
import { SteadError } from '@stead/contracts'
import { useState } from 'react'
import type { ReactNode } from 'react'
import { useMay } from '../../frame/may.ts'
import { sentenceOf } from '../../live/failure.ts'
import { beginRun } from '../../live/running.ts'
import { asks as words } from '../../strings/change-asks.ts'
import { say } from '../../strings/message.ts'
import { ui } from '../../strings/ui.ts'
import { Button } from '../../ui/button.tsx'
import { DialogContent } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Banner } from '../../ui/waiting.tsx'
import { useKept } from './change-kept.ts'

export interface AskProps {
  readonly project: ProjectName
  readonly deployment: Deployment
  readonly onClose: () => void
  /** The change has begun: its transcript takes the place of the form. */
  readonly onBegun: () => void
}

type AskName = 'swap' | 'traffic' | 'rollback' | 'park' | 'wake' | 'settings'
/** Other settings are a swap to the same version. */
const ACT_OF = {
  swap: 'deployment.swap',
  settings: 'deployment.swap',
  traffic: 'deployment.traffic',
  rollback: 'deployment.rollback',
  park: 'deployment.park',
  wake: 'deployment.wake',
} as const satisfies Record<AskName, Act>

type Follow = (idempotencyKey: string, onStage: (stage: Stage) => void) => Promise<Transcript>

/** What every form that asks for a change does: it holds on to the generation that the person has seen, keeps the
 *  reason, and tells a refusal in place. */
export function useAsk({ project, deployment, onBegun }: Omit<AskProps, 'onClose'>, form: AskName) {
  const { table, name } = deployment
  const { because } = useMay(ACT_OF[form])
  const [seen, setSeen] = useState(table.generation)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [reason, setReason, forgetReason] = useKept(`${form} ${project}/${name} reason`, '')
  const ask = async (kind: ChangeKind, after: Omit<RouteTable, 'generation'>, follow: Follow) => {
    if (busy) return
    setBusy(true)
    setError(undefined)
    const next = { ...after, generation: (table.generation + 1) as RouteTable['generation'] }
    const word = await beginRun(project, { deployment: name, kind, before: table, after: next, reason }, follow)
    setBusy(false)
    if (word.is === 'turned-away') return setError(word.error)
    forgetReason()
    onBegun()
  }
  return {
    ask,
    /** Why whoever looks may not. */
    forbidden: because,
    busy,
    error,
    reason,
    setReason,
    /** For the request: a deployment that moved on while it is on its way refuses. */
    expectedGeneration: seen,
    hasMoved: seen !== table.generation && !busy,
    goOn: () => setSeen(table.generation),
    next: table.generation + 1,
  }
}

export type Ask = ReturnType<typeof useAsk>

/** The form's place in the dialog: title, fields, reason, and the act with its reason why not. */
export function AskForm({
  title,
  says,
  act,
  because,
  ask,
  note,
  danger = false,
  onSubmit,
  onClose,
  children,
  last,
}: {
  title: string
  says: ReactNode
  act: string
  because?: string | undefined
  ask: Ask
  note?: ReactNode
  danger?: boolean
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
  /** Below the reason. */
  last?: ReactNode
}) {
  const held = ask.forbidden ?? (ask.hasMoved ? words.lookFirst : because)
  const submit = () => held === undefined && onSubmit()
  return (
    <DialogContent
      title={title}
      says={says}
      note={note}
      acts={
        <>
          <Button onClick={onClose}>{ui.cancel}</Button>
          <Button look={danger ? 'danger' : 'filled'} busy={ask.busy} because={held} onClick={submit}>
            {act}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        {ask.hasMoved && (
          <Banner
            is="attention"
            act={<Button onClick={ask.goOn}>{say(words.goOn, { generation: String(ask.next - 1) })}</Button>}
          >
            {say(words.moved, { generation: String(ask.next - 1) })}
          </Banner>
        )}
        {children}
        <TextField
          label={words.reason}
          unit={say(words.keptWith, { generation: String(ask.next) })}
          hint={words.reasonHint}
          value={ask.reason}
          maxLength={1000}
          autoComplete="off"
          onChange={ask.setReason}
        />
        {last}
        <Refused error={ask.error} />
        <button type="submit" hidden tabIndex={-1} aria-hidden />
      </form>
    </DialogContent>
  )
}

function Refused({ error }: { error: unknown }) {
  if (error === undefined) return null
  return (
    <div role="alert">
      <Banner is="failed">
        {say(words.notBegun, { why: sentenceOf(error) })}
        {error instanceof SteadError && error.where !== undefined && <code className="faint"> {error.where}</code>}
      </Banner>
    </div>
  )
}
