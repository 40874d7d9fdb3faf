import { Pencil } from 'lucide-react'
import { useMemo, useState } from 'react'
import { sentenceOf } from '../../live/failure.ts'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { Button } from '../../ui/button.tsx'
import { TextArea } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Document } from '../files/blocks.tsx'
import { readMarkdown } from '../files/markdown.ts'
import css from './runs.module.css'

/** The tag in which MLflow keeps what somebody wrote about a thing. */
export const NOTE_TAG = 'mlflow.note.content'

const LONGEST = 8000

interface DescriptionProps {
  readonly text: string
  /** Why it may not be changed. */
  readonly because: string | undefined
  readonly onSave: (text: string) => Promise<unknown>
}

/** What somebody wrote about a thing, as Markdown, and where it is written. */
export function Description({ text, because, onSave }: DescriptionProps) {
  const [draft, setDraft] = useState<string>()
  const blocks = useMemo(() => readMarkdown(text), [text])
  if (draft !== undefined) return <Writing {...{ draft, setDraft, onSave }} onDone={() => setDraft(undefined)} />
  return (
    <Panel
      title={words.description}
      acts={
        <Button look="quiet" size="small" icon={<Pencil />} because={because} onClick={() => setDraft(text)}>
          {text === '' ? words.describe : words.edit}
        </Button>
      }
      padded
    >
      {text === '' ? <p className="dim">{words.noDescription}</p> : <Document blocks={blocks} />}
    </Panel>
  )
}

interface WritingProps {
  readonly draft: string
  readonly setDraft: (text: string) => void
  readonly onSave: DescriptionProps['onSave']
  readonly onDone: () => void
}

function Writing({ draft, setDraft, onSave, onDone }: WritingProps) {
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string>()
  const save = async () => {
    setBusy(true)
    try {
      await onSave(draft)
      onDone()
    } catch (error) {
      setFailure(say(words.saveFailed, { why: sentenceOf(error) }))
      setBusy(false)
    }
  }
  return (
    <Panel title={words.description} padded>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <TextArea
          label={words.description}
          hint={words.markdown}
          error={failure}
          value={draft}
          onChange={setDraft}
          maxLength={LONGEST}
          className={css.text ?? ''}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onDone()
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) void save()
          }}
          autoFocus
        />
        <div className="row">
          <Button look="filled" type="submit" busy={busy}>
            {words.save}
          </Button>
          <Button onClick={onDone}>{words.cancel}</Button>
        </div>
      </form>
    </Panel>
  )
}
