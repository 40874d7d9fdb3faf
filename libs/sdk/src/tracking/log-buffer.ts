import { SteadError } from '@stead/contracts'
import { batchLength, bodyOf } from './log-items.ts'
import type { LogBody, LogItem } from './log-items.ts'
import type { LostList } from './lost.ts'
import { retrying } from './retrying.ts'
import type { Patience } from './retrying.ts'

/** What is logged to one run, on its way to the server: in the order of logging, one call at a time, each with all that
 *  has gathered. Sending the same twice is harmless, for equal points, params and tags are one. */
export interface LogBuffer {
  add(items: readonly LogItem[]): void
  /** Resolves when everything added before was taken by the server, or is lost. */
  flush(): Promise<void>
}

export interface LogBufferParts {
  readonly send: (body: LogBody) => Promise<void>
  readonly lost: LostList
  readonly patience: Patience
  /** How long what is logged may gather, in milliseconds. */
  readonly everyMs: number
}

const MOST_AT_ONCE = 1_000
/** Some hundred megabytes: a server that is away for long must not cost the run its memory. */
const MOST_WAITING = 1_000_000

export function createLogBuffer({ send, lost, patience, everyMs }: LogBufferParts): LogBuffer {
  let waiting: LogItem[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let draining: Promise<void> | undefined

  const drain = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    draining ??= sendAll().finally(() => (draining = undefined))
    return draining
  }
  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const gathered = waiting
      waiting = []
      for (let from = 0; from < gathered.length;) {
        const batch = gathered.slice(from, from + MOST_AT_ONCE)
        const length = batchLength(batch, MOST_AT_ONCE)
        await deliver(batch.slice(0, length))
        from += length
      }
    }
  }
  async function deliver(batch: readonly LogItem[]): Promise<void> {
    try {
      await retrying(patience, () => send(bodyOf(batch)))
    } catch (error) {
      // The server takes all of a call or nothing; one that it cannot take must not cost the others.
      if (batch.length === 1 || !isAboutOne(error)) return lost.addItems(batch, error)
      const half = batch.length >> 1
      await deliver(batch.slice(0, half))
      await deliver(batch.slice(half))
    }
  }

  return {
    add(items) {
      const fitting = items.slice(0, Math.max(0, MOST_WAITING - waiting.length))
      for (const item of fitting) waiting.push(item)
      if (fitting.length < items.length)
        lost.addItems(items.slice(fitting.length), new Error('too much was waiting to be sent'))
      if (waiting.length >= MOST_AT_ONCE) void drain()
      else if (waiting.length > 0) timer ??= setTimeout(() => void drain(), everyMs)
    },
    async flush() {
      await draining
      await drain()
    },
  }
}

const isAboutOne = (error: unknown) =>
  error instanceof SteadError && ['invalid_request', 'param_fixed', 'payload_too_large'].includes(error.code)
