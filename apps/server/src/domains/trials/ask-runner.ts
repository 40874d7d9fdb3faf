import { SteadError } from '@stead/contracts'
import type { RunnerName, Trial } from '@stead/contracts'
import { fetchOutgoing, OutgoingError } from '../../http/outgoing.ts'

export interface Question {
  readonly runner: RunnerName
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly body: string
}

export interface RunnerAnswer {
  readonly status: number
  readonly headers: Headers
  readonly answer: Trial['answer']
}

/** Posts one request to a runner. Whatever it answers is an answer; fails with `runner_unreachable` if there is none in
 *  time, and with `payload_too_large` if it is too much to pass on. */
export type AskRunner = (question: Question, signal: AbortSignal) => Promise<RunnerAnswer>

const LARGEST_ANSWER = 8 * 1024 * 1024

/** Over HTTP. Half an answer is none. Where a runner may be is decided when it registers; what is never one is not asked
 *  even so, such as the address at which clouds hand out credentials. */
export function askByFetch(timeoutMs = 30_000): AskRunner {
  return async ({ runner, url, headers, body }, signal) => {
    try {
      const response = await fetchOutgoing(url, {
        allow: ['loopback', 'private'],
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        body,
        signal,
        maxBytes: LARGEST_ANSWER,
        timeoutMs,
      })
      const bytes = Buffer.from(await response.arrayBuffer())
      return { status: response.status, headers: response.headers, answer: readAnswer(bytes, response) }
    } catch (cause) {
      throw told(cause, runner, url)
    }
  }
}

function told(cause: unknown, runner: RunnerName, url: string): SteadError {
  if (cause instanceof OutgoingError && cause.because === 'too_large')
    return new SteadError(
      'payload_too_large',
      `the answer of runner "${runner}" has more than 8 MiB: ask the runner itself`,
    )
  const because = cause instanceof Error ? cause.message : String(cause)
  return new SteadError('runner_unreachable', `runner "${runner}" at ${URL.parse(url)?.origin} ${because}`, { cause })
}

/** What is no JSON, such as the page of a proxy, is told as text; bytes only by their number. */
function readAnswer(bytes: Buffer, { headers }: Response): RunnerAnswer['answer'] {
  const type = headers.get('content-type') ?? ''
  if (type.startsWith('application/octet-stream')) return `${bytes.length} bytes of ${type}`
  const text = bytes.toString()
  try {
    return JSON.parse(text) as RunnerAnswer['answer']
  } catch {
    return text
  }
}
