import type { ProjectName } from '@stead/contracts'
import { useEffect, useState } from 'react'
import { nameFrom, problemOf, signatureIn } from './bundle.ts'
import type { Push, Refusal } from './push.ts'
import { checkAll, emptyFields, errorIn, errorsOf, fieldsOf, isClean, mustDeclare, NO_ERRORS } from './push-form.ts'
import type { FieldName, PushErrors, PushFields } from './push-form.ts'
import { draftOf } from './signature-draft.ts'
import { uploads, usePushes } from './store.ts'
import type { Draft } from './store.ts'

export interface PushForm {
  readonly fields: PushFields
  readonly errors: PushErrors
  readonly declares: boolean
  readonly listed: readonly { readonly path: string; readonly size: number }[]
  /** What was begun with it. */
  readonly push: Push | undefined
  /** It was begun and is in the list no more. */
  readonly isGone: boolean
  readonly change: (part: Partial<PushFields>) => void
  readonly check: (name: FieldName) => void
  /** Begins the push, or goes on with it. False when something is wrong, which `errors` then tells. */
  readonly submit: () => boolean
}

/** The fields of a push, kept through its refusals until it is done. */
export function usePushForm(project: ProjectName, { files, model, mends }: Draft): PushForm {
  const [id, setId] = useState(mends)
  const push = usePushes().find((one) => one.id === id)
  const [fields, setFields] = useState(() => (push ? fieldsOf(push.request) : emptyFields(model ?? '')))
  const [errors, setErrors] = useState(NO_ERRORS)
  const listed = files.length > 0 ? files.map(({ path, file }) => ({ path, size: file.size })) : (push?.files ?? [])
  const refusal = push?.state.is === 'refused' ? push.state.refusal : undefined
  const declares =
    refusal?.code === 'signature_missing' ||
    mustDeclare(
      files,
      listed.map(({ path }) => path),
      fields.runtime,
    )
  const [seen, setSeen] = useState<{ refusal?: Refusal | undefined; files?: Draft['files'] }>({})
  if (refusal !== seen.refusal || files !== seen.files) {
    setSeen({ refusal, files })
    if (refusal && refusal !== seen.refusal) setErrors(errorsOf(refusal))
    if (files.length > 0 && files !== seen.files) {
      const error = problemOf(files, '')
      setErrors(error === undefined ? NO_ERRORS : { ...NO_ERRORS, fields: { files: error } })
      if (fields.model === '') setFields({ ...fields, model: nameFrom(files) })
    }
  }
  useEffect(() => {
    let isOld = false
    void signatureIn(files).then((signature) => {
      if (signature && !isOld) setFields((before) => ({ ...before, signature: draftOf(signature) }))
    })
    return () => {
      isOld = true
    }
  }, [files])

  const recheck = (name: FieldName, now: PushFields) =>
    setErrors((before) => ({ ...before, fields: { ...without(before.fields, name), ...told(name, now) } }))

  return {
    fields,
    errors,
    declares,
    listed,
    push,
    isGone: id !== undefined && push === undefined,
    change(part) {
      const next = { ...fields, ...part }
      setFields(next)
      for (const name of Object.keys(part) as FieldName[]) if (errors.fields[name] !== undefined) recheck(name, next)
      if (part.signature) setErrors((before) => ({ ...before, tensors: {} }))
    },
    check: (name) => recheck(name, fields),
    submit() {
      const isMended = push !== undefined && files.length === 0
      const checked = checkAll(fields, files, declares)
      // Files that the server has already are not chosen again.
      const found = isMended ? { ...checked.errors, fields: without(checked.errors.fields, 'files') } : checked.errors
      setErrors(found)
      if (!isClean(found)) return false
      const request = { ...fields, project, signature: checked.signature }
      if (isMended) uploads.goOn(push.id, request)
      else {
        if (push) uploads.cancel(push.id)
        setId(uploads.begin(request, files))
      }
      return true
    },
  }
}

const told = (name: FieldName, fields: PushFields) => {
  const error = errorIn(name, fields)
  return error === undefined ? {} : { [name]: error }
}

function without<T extends object>(all: T, name: keyof T): T {
  const { [name]: _, ...rest } = all
  return rest as T
}
