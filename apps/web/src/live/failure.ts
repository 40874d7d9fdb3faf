import { SteadError } from '@stead/contracts'
import { UnreachableError } from '@stead/sdk'
import { failures } from '../strings/failures.ts'
import { say } from '../strings/message.ts'

/** A failure as a sentence: the server's own words where it spoke. */
export function sentenceOf(error: unknown): string {
  if (error instanceof SteadError) return closed(error.message)
  if (error instanceof UnreachableError) return say(failures.unreachable)
  return say(failures.unexpected, { message: closed(error instanceof Error ? error.message : String(error)) })
}

export const isNotFound = (error: unknown): boolean => error instanceof SteadError && error.code.endsWith('_not_found')

/** Whoever looks may not; asking again changes nothing. */
export const isRefused = (error: unknown): boolean => error instanceof SteadError && error.status === 403

const closed = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)
