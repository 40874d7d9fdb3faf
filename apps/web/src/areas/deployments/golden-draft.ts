import { ExpectedOutputs, GoldenName, InferenceRequest } from '@stead/contracts'
import type { Assertion, Signature } from '@stead/contracts'
import { tabs } from '../../strings/deployment-tabs.ts'
import { say } from '../../strings/message.ts'

const words = tabs.checks

/** A golden request as it is typed. */
export interface Draft {
  readonly name: string
  readonly request: string
  readonly kind: Assertion['kind']
  readonly output: string
  readonly min: string
  readonly max: string
  readonly tolerance: string
  readonly outputs: string
}

export type Problems = Partial<Record<keyof Draft, string>>

/** What a caller of this contract could send: one row of zeros. */
export function emptyDraft({ inputs, outputs }: Signature): Draft {
  const tensor = ({ name, datatype, shape }: Signature['inputs'][number]) => {
    const sizes = shape.map((size) => (size === -1 ? 1 : size))
    const count = sizes.reduce((product, size) => product * size, 1)
    const cell = datatype === 'BYTES' ? '' : datatype === 'BOOL' ? false : 0
    return { name, datatype, shape: sizes, data: Array.from({ length: Math.min(count, 1000) }, () => cell) }
  }
  return {
    name: '',
    request: jsonOf({ inputs: inputs.map(tensor) }),
    kind: 'valid',
    output: '',
    min: '',
    max: '',
    tolerance: '0.00001',
    outputs: jsonOf(outputs.map(tensor)),
  }
}

/** Lists of numbers stay on one line. */
const jsonOf = (value: unknown) =>
  JSON.stringify(value, null, 2).replaceAll(
    /\[\s+([-\d.,\s]+?)\s+\]/g,
    (_, list: string) => `[${list.replaceAll(/\s+/g, ' ')}]`,
  )

interface Checked {
  readonly problems: Problems
  readonly body: { name?: string; request: InferenceRequest; assertion: Assertion } | undefined
}

/** Everything that is wrong with a draft, or what is to be sent. */
export function checkDraft(draft: Draft): Checked {
  const request = parsed(draft.request, InferenceRequest)
  const assertion = assertionOf(draft)
  const problems: Problems = {
    ...(draft.name !== '' && !GoldenName.safeParse(draft.name).success ? { name: words.nameWrong } : {}),
    ...('problem' in request ? { request: request.problem } : {}),
    ...('problems' in assertion ? assertion.problems : {}),
  }
  if (Object.keys(problems).length > 0 || !('value' in request) || !('value' in assertion))
    return { problems, body: undefined }
  return {
    problems,
    body: { ...(draft.name === '' ? {} : { name: draft.name }), request: request.value, assertion: assertion.value },
  }
}

function assertionOf(draft: Draft): { value: Assertion } | { problems: Problems } {
  switch (draft.kind) {
    case 'valid':
      return { value: { kind: 'valid' } }
    case 'range':
      return rangeOf(draft)
    case 'exact': {
      const outputs = parsed(draft.outputs, ExpectedOutputs)
      return 'problem' in outputs
        ? { problems: { outputs: outputs.problem } }
        : { value: { kind: 'exact', outputs: outputs.value } }
    }
    case 'close': {
      const outputs = parsed(draft.outputs, ExpectedOutputs)
      const tolerance = numberOf(draft.tolerance)
      const problems: Problems = {
        ...('problem' in outputs ? { outputs: outputs.problem } : {}),
        ...(tolerance === undefined || tolerance < 0
          ? { tolerance: say(words.toleranceWrong, { text: draft.tolerance }) }
          : {}),
      }
      return 'problem' in outputs || tolerance === undefined || tolerance < 0
        ? { problems }
        : { value: { kind: 'close', outputs: outputs.value, tolerance } }
    }
  }
}

function rangeOf({ output, min, max }: Draft): { value: Assertion } | { problems: Problems } {
  const low = numberOf(min)
  const high = numberOf(max)
  const problems: Problems = {
    ...(min.trim() !== '' && low === undefined ? { min: say(words.numberWrong, { text: min }) } : {}),
    ...(max.trim() !== '' && high === undefined ? { max: say(words.numberWrong, { text: max }) } : {}),
    ...(min.trim() === '' && max.trim() === '' ? { min: words.rangeMissing } : {}),
  }
  if (Object.keys(problems).length > 0) return { problems }
  return {
    value: {
      kind: 'range',
      ...(output === '' ? {} : { output }),
      ...(low === undefined ? {} : { min: low }),
      ...(high === undefined ? {} : { max: high }),
    },
  }
}

const numberOf = (text: string): number | undefined => {
  const number = Number(text)
  return text.trim() === '' || !Number.isFinite(number) ? undefined : number
}

interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } }
}

function parsed<T>(text: string, schema: Schema<T>): { value: T } | { problem: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { problem: say(words.notJson, { why: error instanceof Error ? error.message : String(error) }) }
  }
  const result = schema.safeParse(json)
  if (result.success) return { value: result.data }
  const issue = result.error.issues[0]
  return {
    problem: say(words.notRequest, { where: issue?.path.map(String).join('.') || '–', why: issue?.message ?? '' }),
  }
}
