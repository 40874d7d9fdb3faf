import type { ErrorBody, SteadError } from '@stead/contracts'
import type { UnreachableError } from '@stead/sdk'
import { Interrupted } from './terminal.ts'
import { plain } from './text.ts'

export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, unreachable: 4 } as const

/** The command was not written as it should be; `hint` is what to write instead. */
export class UsageError extends Error {
  readonly hint: string | undefined
  constructor(message: string, hint?: string) {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}

/** Something on this side went wrong, with what to do about it. */
export class Failure extends Error {
  readonly fix: string | undefined
  constructor(message: string, fix?: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'Failure'
    this.fix = fix
  }
}

/** A runner refused a request. Its protocols know a status and a sentence, no error table. */
export class RunnerRefusal extends Error {
  readonly code: string
  readonly status: number
  readonly fix: string | undefined
  constructor(code: string, status: number, message: string, fix?: string) {
    super(message)
    this.name = 'RunnerRefusal'
    this.code = code
    this.status = status
    this.fix = fix
  }
}

export interface Told {
  readonly exit: number
  readonly error: { code: string; message: string; where?: string; fix?: string; details?: unknown }
}

/** What to say of an error and with which code to leave. The classes of contracts and SDK are known by name, because
 *  importing them here would load both for `--help`. */
export function describeFailure(error: unknown): Told {
  if (error instanceof UsageError) return told(EXIT.usage, 'usage', error.message, error.hint)
  if (error instanceof Interrupted) return told(exitOfSignal(error.signal), 'interrupted', 'interrupted')
  if (error instanceof RunnerRefusal) return told(EXIT.refused, error.code, error.message, error.fix)
  if (error instanceof Failure) return told(EXIT.failed, 'failed', error.message, error.fix)
  if (isNamed<SteadError>(error, 'SteadError')) return ofPlatform(error.toBody())
  if (isNamed<UnreachableError>(error, 'UnreachableError')) {
    const fix = 'Start the platform with: stead up — or name where it runs with --url or STEAD_URL.'
    return told(EXIT.unreachable, 'unreachable', error.message, fix)
  }
  if (isNamed<Error>(error, 'ZodError')) {
    const fix = 'Compare: stead --version, and "version" of stead status --json on the other side.'
    return told(EXIT.failed, 'failed', 'the server answered in a form that this version of stead does not know', fix)
  }
  return told(EXIT.failed, 'failed', error instanceof Error ? error.message : String(error))
}

export function isNamed<E extends Error>(error: unknown, name: string): error is E {
  return error instanceof Error && error.name === name
}

function told(exit: number, code: string, message: string, fix?: string): Told {
  return { exit, error: { code, message, ...(fix === undefined ? {} : { fix }) } }
}

/** Here is no form to sign in with, as the platform's own words presume. */
const HOW_TO_SIGN_IN =
  'Put an API token into STEAD_TOKEN: stead access tokens create NAME --as YOU asks for your password; ' +
  'for a machine, an owner of the project makes one: stead access accounts token create.'

function ofPlatform({ error }: ErrorBody): Told {
  // An unexpected failure of the server is no refusal: trying again may well help.
  const exit = error.code === 'internal' ? EXIT.failed : EXIT.refused
  return { exit, error: error.code === 'unauthenticated' ? { ...error, fix: HOW_TO_SIGN_IN } : error }
}

const exitOfSignal = (signal: string) => (signal === 'SIGTERM' ? 143 : signal === 'SIGHUP' ? 129 : 130)

/** The lines a person reads: what happened, where, each difference, the stage that failed, and what to do next. */
export function failureLines({ error }: Told): string[] {
  const lines = [`stead: ${plain(error.message)}`]
  if (error.where !== undefined) lines.push(`  where: ${plain(error.where)}`)
  const { differences, stages, ...others } = partsOf(error.details)
  for (const difference of differences) lines.push(`  - ${plain(difference)}`)
  const failed = stages.find((stage) => stage.ok === false)
  if (failed) {
    const version = failed.version === undefined ? '' : ` of version ${failed.version}`
    const runner = failed.runner === undefined ? '' : ` on ${failed.runner}`
    // The message often tells the reason already.
    const reason = failed.reason && !error.message.includes(failed.reason) ? `: ${failed.reason}` : ''
    lines.push(`  failed stage: ${plain(`${failed.name}${version}${runner}${reason}`)}`)
  }
  for (const [key, value] of Object.entries(others.rest)) lines.push(`  ${plain(key)}: ${plain(JSON.stringify(value))}`)
  if (error.fix !== undefined) lines.push(`  fix: ${plain(error.fix)}`)
  return lines
}

interface ToldStage {
  name?: string
  ok?: boolean
  reason?: string
  runner?: string
  version?: number
}

/** Details are free-form on the wire: only what has the expected form is used. The id of a change says nothing to a
 *  person. */
function partsOf(details: unknown) {
  if (Array.isArray(details)) return { differences: details.map(differenceText), stages: [], rest: {} }
  const {
    differences,
    stages,
    change: _,
    ...rest
  } = (typeof details === 'object' && details !== null ? details : {}) as Record<string, unknown>
  return {
    differences: Array.isArray(differences) ? differences.map(differenceText) : [],
    stages: (Array.isArray(stages) ? stages : []).filter(
      (stage): stage is ToldStage => typeof stage === 'object' && stage !== null,
    ),
    rest,
  }
}

function differenceText(item: unknown): string {
  if (typeof item === 'string') return item
  const { where, message } = (item ?? {}) as { where?: unknown; message?: unknown }
  return typeof message === 'string'
    ? `${typeof where === 'string' && where !== '' ? `${where}: ` : ''}${message}`
    : JSON.stringify(item)
}
