import { Pencil, Plus, X } from 'lucide-react'
import { useState } from 'react'
import { sentenceOf } from '../../live/failure.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { NameField, TextArea } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import { tell } from '../../ui/toast.tsx'
import { LongText } from './long-text.tsx'
import css from './runs.module.css'

/** A tag given as null is removed. */
export type TagChange = Readonly<Record<string, string | null>>

interface TagsPanelProps {
  /** What has the tags, by name. */
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly because: string | undefined
  readonly onChange: (change: TagChange) => Promise<unknown>
}

/** Clients keep there what the page tells elsewhere. */
const isOfClient = (key: string) => key.startsWith('mlflow.') || key.startsWith('stead.')
const natural = new Intl.Collator('en', { numeric: true })

/** The tags of a thing, to be set and removed; each change can be undone. */
export function TagsPanel({ name, tags, because, onChange }: TagsPanelProps) {
  const [asked, setAsked] = useState<{ key: string; value: string }>()
  const [withClient, setWithClient] = useState(false)
  const keys = Object.keys(tags).toSorted(natural.compare)
  const ofClient = keys.filter(isOfClient)
  const shown = withClient ? keys : keys.filter((key) => !isOfClient(key))
  const change = async (key: string, value: string | null, told: typeof words.tagRemoved | typeof words.tagSet) => {
    await onChange({ [key]: value })
    tell(say(told, { key }), { undo: () => void back(key, tags[key] ?? null) })
  }
  const failed = (key: string) => (error: unknown) =>
    tell(say(words.tagFailed, { key, why: sentenceOf(error) }), { failed: true })
  const back = (key: string, value: string | null) => onChange({ [key]: value }).catch(failed(key))
  return (
    <Panel
      title={words.tags}
      acts={
        <Button
          look="quiet"
          size="small"
          icon={<Plus />}
          because={because}
          onClick={() => setAsked({ key: '', value: '' })}
        >
          {words.addTag}
        </Button>
      }
    >
      {shown.length === 0 && <p className="pad dim">{words.noTags}</p>}
      {shown.length > 0 && (
        <Table
          label={words.tags}
          rows={shown}
          keyOf={(key) => key}
          columns={[
            {
              id: 'key',
              title: words.key,
              width: '40%',
              phone: 'line',
              cell: (key) => <span className="wrap">{key}</span>,
            },
            {
              id: 'value',
              title: words.value,
              phone: 'line',
              cell: (key) => (
                <span className="wrap">
                  <LongText text={tags[key] ?? ''} />
                </span>
              ),
            },
            {
              id: 'acts',
              title: <span className="heard-only">{words.edit}</span>,
              heading: '',
              align: 'end',
              width: '80px',
              phone: 'line',
              cell: (key) => (
                <span className={css.acts}>
                  <IconButton
                    look="quiet"
                    size="small"
                    icon={<Pencil />}
                    label={say(words.editTag, { key })}
                    because={because}
                    onClick={() => setAsked({ key, value: tags[key] ?? '' })}
                  />
                  <IconButton
                    look="quiet"
                    size="small"
                    icon={<X />}
                    label={say(words.removeTag, { key })}
                    because={because}
                    onClick={() => void change(key, null, words.tagRemoved).catch(failed(key))}
                  />
                </span>
              ),
            },
          ]}
        />
      )}
      {ofClient.length > 0 && (
        <p className={css.foot}>
          <button type="button" className={css.quiet} onClick={() => setWithClient(!withClient)}>
            {withClient ? words.hideSystemTags : say(words.systemTags, { count: ofClient.length })}
          </button>
        </p>
      )}
      {asked && (
        <TagDialog
          name={name}
          first={asked}
          because={because}
          onClose={() => setAsked(undefined)}
          onSet={(key, value) => change(key, value, words.tagSet)}
        />
      )}
    </Panel>
  )
}

interface TagDialogProps {
  readonly name: string
  readonly first: { readonly key: string; readonly value: string }
  readonly because: string | undefined
  readonly onSet: (key: string, value: string) => Promise<unknown>
  readonly onClose: () => void
}

function TagDialog({ name, first, because, onSet, onClose }: TagDialogProps) {
  const [key, setKey] = useState(first.key)
  const [value, setValue] = useState(first.value)
  const { busy, problems, submit, mend } = useSubmit(['key', 'value'], { invalid_request: 'key' })
  const save = () =>
    void submit({ key: key.trim() === '' || key.length > 250 ? words.tagKeyNeeded : undefined }, async () => {
      await onSet(key.trim(), value)
      onClose()
    })
  return (
    <FormDialog
      title={say(words.setTagTitle, { name })}
      act={words.setTag}
      busy={busy}
      because={because}
      problem={problems.whole}
      onSubmit={save}
      onClose={onClose}
    >
      <NameField
        label={words.tagKey}
        value={key}
        readOnly={first.key !== ''}
        error={problems.key}
        onChange={(text) => {
          setKey(text)
          mend('key')
        }}
      />
      <TextArea label={words.tagValue} value={value} error={problems.value} onChange={setValue} rows={3} />
    </FormDialog>
  )
}
