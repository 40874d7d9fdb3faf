import { useEffect, useRef } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { say } from '../../strings/message.ts'
import { ui } from '../../strings/ui.ts'
import { uploads as words } from '../../strings/uploads.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Banner } from '../../ui/waiting.tsx'
import css from './push-dialog.module.css'
import { PushFields } from './push-fields.tsx'
import { PushRow } from './push-row.tsx'
import rows from './push-row.module.css'
import { openPush } from './store.ts'
import type { Draft } from './store.ts'
import { usePushForm } from './use-push-form.ts'

/** Brings a model: chooses its files and what it is called, then shows how far it is. Closing ends nothing. */
export function PushDialog({
  draft,
  onBegun,
  onClose,
}: {
  draft: Draft
  /** From here on a reload shows the push, and no new form above it. */
  onBegun: () => void
  onClose: () => void
}) {
  const project = useProject()
  const form = usePushForm(project, draft)
  const { push, fields, errors } = form
  const isRunning = push !== undefined && push.state.is !== 'refused'
  const isDone = push?.state.is === 'done' || form.isGone
  useEffect(() => {
    if (isDone) onClose()
  }, [isDone, onClose])
  const body = useRef<HTMLFormElement>(null)
  // What is wrong first is where one goes on.
  const focusFirst = () =>
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus())
  const { because } = useMay('version.create')
  const submit = () => because === undefined && (form.submit() ? onBegun() : focusFirst())
  return (
    <Dialog
      title={fields.model === '' ? words.title : say(words.titleTo, { model: fields.model })}
      onClose={onClose}
      note={isRunning ? words.goesOn : undefined}
      acts={
        isRunning ? (
          <Button onClick={onClose}>{words.hide}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{ui.cancel}</Button>
            <Button look="filled" because={because} onClick={submit}>
              {push ? words.tryAgain : words.push}
            </Button>
          </>
        )
      }
    >
      {isRunning ? (
        <ul className={`${css.running} ${rows.small}`}>
          <PushRow push={push} />
        </ul>
      ) : (
        <form
          ref={body}
          className={css.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          {errors.whole !== undefined && <Banner is="failed">{say(words.refused, { why: errors.whole })}</Banner>}
          <PushFields
            project={project}
            fields={fields}
            errors={errors}
            declares={form.declares}
            listed={form.listed}
            onChange={form.change}
            onCheck={form.check}
            onFiles={(files) => openPush({ ...draft, files })}
          />
          <button type="submit" hidden tabIndex={-1} aria-hidden />
        </form>
      )}
    </Dialog>
  )
}
