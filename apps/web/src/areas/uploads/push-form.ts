import { ModelName, NewAliasName } from '@stead/contracts'
import type { Runtime } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { uploads as words } from '../../strings/uploads.ts'
import { problemOf, runtimeOf } from './bundle.ts'
import type { BundleFile, PushRequest, Refusal } from './push.ts'
import { draftOf, newDraft, signatureOf } from './signature-draft.ts'
import type { DraftErrors, SignatureDraft } from './signature-draft.ts'

/** The push dialog's fields as they are written. */
export interface PushFields extends Omit<PushRequest, 'project' | 'signature'> {
  readonly signature: SignatureDraft
}

export type FieldName = 'files' | 'model' | 'description' | 'alias' | 'sourceRun' | 'dataset' | 'commit' | 'runtime'
export interface PushErrors {
  readonly fields: Readonly<Partial<Record<FieldName, string>>>
  readonly tensors: DraftErrors
  /** What fits no field. */
  readonly whole?: string
}
export const NO_ERRORS: PushErrors = { fields: {}, tensors: {} }

export const emptyFields = (model: string): PushFields => ({
  model,
  description: '',
  alias: '',
  sourceRun: '',
  dataset: '',
  commit: '',
  runtime: '',
  again: false,
  signature: newDraft(),
})

export const fieldsOf = (request: PushRequest): PushFields => ({
  ...request,
  signature: request.signature ? draftOf(request.signature) : newDraft(),
})

/** Whether the signature is to be declared: for all that is no ONNX file. */
export function mustDeclare(files: readonly BundleFile[], paths: readonly string[], runtime: Runtime | ''): boolean {
  if (runtime !== '') return runtime !== 'onnx'
  if (files.length === 0) return paths.length > 0 && !paths.some((path) => path.endsWith('.onnx'))
  return runtimeOf(files) !== 'onnx'
}

const LONGEST = { description: 10_000, sourceRun: 250, dataset: 500, commit: 250 } as const

export function errorIn(name: FieldName, fields: PushFields): string | undefined {
  switch (name) {
    case 'model':
      return ModelName.safeParse(fields.model).success ? undefined : words.badModel
    case 'alias':
      return fields.alias === '' || NewAliasName.safeParse(fields.alias).success ? undefined : words.badAlias
    case 'description':
    case 'sourceRun':
    case 'dataset':
    case 'commit':
      return fields[name].length > LONGEST[name] ? say(words.tooLong, { most: LONGEST[name] }) : undefined
    case 'files':
    case 'runtime':
      return undefined
  }
}

/** All that can be told before the server has seen anything. */
export function checkAll(
  fields: PushFields,
  files: readonly BundleFile[],
  declares: boolean,
): { errors: PushErrors; signature: PushRequest['signature'] } {
  const names: FieldName[] = ['model', 'alias', 'description', 'sourceRun', 'dataset', 'commit']
  const wrong: [FieldName, string | undefined][] = names.map((name) => [name, errorIn(name, fields)])
  wrong.push(['files', problemOf(files, fields.runtime)])
  if (files.length > 0 && fields.runtime === '' && runtimeOf(files) === undefined)
    wrong.push(['runtime', words.runtimeUnknown])
  const { signature, errors } = declares ? signatureOf(fields.signature) : { signature: undefined, errors: {} }
  const told = wrong.filter(([, error]) => error !== undefined)
  return { errors: { fields: Object.fromEntries(told), tensors: errors }, signature }
}

export const isClean = ({ fields, tensors }: PushErrors): boolean =>
  Object.keys(fields).length === 0 && Object.keys(tensors).length === 0

/** The server's refusal at the field that it is about. */
export function errorsOf({ where, message }: Refusal): PushErrors {
  const field = FIELDS_BY_PLACE.find(([place]) => where?.startsWith(place))?.[1]
  return field ? { fields: { [field]: message }, tensors: {} } : { ...NO_ERRORS, whole: message }
}

const FIELDS_BY_PLACE: readonly (readonly [string, FieldName])[] = [
  ['body.files', 'files'],
  ['source', 'files'],
  ['size', 'files'],
  ['body.runtime', 'runtime'],
  ['body.description', 'description'],
  ['body.provenance.sourceRun', 'sourceRun'],
  ['body.provenance.dataset', 'dataset'],
  ['body.provenance.commit', 'commit'],
  ['params.model', 'model'],
]
