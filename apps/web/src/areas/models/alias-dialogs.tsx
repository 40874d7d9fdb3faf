import { AliasName, VersionNumber } from '@stead/contracts'
import type { Model } from '@stead/contracts'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { sentenceOf } from '../../live/failure.ts'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { ui } from '../../strings/ui.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import type { AliasActs } from './use-alias-acts.ts'

/** What is being asked about an alias. */
export type AliasQuestion =
  | { readonly is: 'add'; readonly to: number }
  | { readonly is: 'move'; readonly alias: string; readonly from: number }

interface AliasDialogProps {
  readonly model: Model
  readonly question: AliasQuestion
  readonly acts: AliasActs
  readonly onClose: () => void
}

export function AliasDialog(props: AliasDialogProps) {
  const { question } = props
  return question.is === 'add' ? (
    <AddDialog {...props} to={question.to} />
  ) : (
    <MoveDialog {...props} alias={question.alias} from={question.from} />
  )
}

function AddDialog({ model, acts, onClose, to }: AliasDialogProps & { to: number }) {
  // `constructor` is an alias like any other.
  const from = (alias: string) => (Object.hasOwn(model.aliases, alias) ? model.aliases[alias] : undefined)
  return (
    <OneField
      title={say(words.addAliasTitle, { model: model.name, version: to })}
      says={words.addAliasSays}
      act={words.addAliasAct}
      label={words.aliasName}
      hintOf={(text) => {
        const at = from(text)
        return at === undefined || Number(at) === to
          ? words.aliasRule
          : say(words.aliasTaken, { alias: text, version: at })
      }}
      errorOf={(text) => (AliasName.safeParse(text).success ? undefined : words.aliasRule)}
      onGiven={(text) => acts.point(text, from(text), to)}
      onClose={onClose}
    />
  )
}

function MoveDialog({ model, acts, onClose, alias, from }: AliasDialogProps & { alias: string; from: number }) {
  const last = model.latestVersion ?? from
  return (
    <OneField
      title={say(words.moveTitle, { alias })}
      says={say(words.moveSays, { alias })}
      act={say(words.moveAct, { alias })}
      label={words.toVersion}
      unit={say(words.versionRange, { last })}
      errorOf={(text) =>
        VersionNumber.safeParse(text.replace(/^v/, '')).success && text !== ''
          ? undefined
          : say(words.versionRule, { text, last })
      }
      onGiven={(text) => acts.point(alias, from, Number(text.replace(/^v/, '')))}
      onClose={onClose}
    />
  )
}

/** A question with one answer. */
function OneField({
  title,
  says,
  act,
  label,
  unit,
  hintOf,
  errorOf,
  onGiven,
  onClose,
}: {
  title: string
  says: string
  act: string
  label: string
  unit?: string
  hintOf?: (text: string) => string
  errorOf: (text: string) => string | undefined
  onGiven: (text: string) => Promise<void>
  onClose: () => void
}) {
  const [text, setText] = useState('')
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const { because } = useMay('alias.set')
  const give = async () => {
    if (because !== undefined) return
    const wrong = errorOf(text.trim())
    setError(wrong)
    if (wrong !== undefined) return
    setBusy(true)
    try {
      await onGiven(text.trim())
      onClose()
    } catch (failure) {
      setError(sentenceOf(failure))
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={title}
      says={says}
      size="narrow"
      onClose={onClose}
      acts={
        <>
          <Button onClick={onClose}>{ui.cancel}</Button>
          <Button look="filled" busy={busy} because={because} onClick={() => void give()}>
            {act}
          </Button>
        </>
      }
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void give()
        }}
      >
        <TextField
          label={label}
          unit={unit}
          hint={hintOf?.(text.trim())}
          error={error}
          value={text}
          onChange={(next) => {
            setText(next)
            if (error !== undefined) setError(errorOf(next.trim()))
          }}
          onBlur={() => text !== '' && setError(errorOf(text.trim()))}
          autoComplete="off"
          spellCheck={false}
          autoFocus
        />
      </form>
    </Dialog>
  )
}
