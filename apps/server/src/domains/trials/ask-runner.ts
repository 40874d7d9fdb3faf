import { SteadError } from '@stead/contracts'
import type { RunnerName, Trial } from '@stead/contracts'

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

/** Over HTTP. Half an answer is none. */
export function askByFetch(timeoutMs = 30_000): AskRunner {
  return async ({ runner, url, headers, body }, signal) => {
    const late = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([signal, late]),
      })
      const bytes = await bodyOf(response, runner)
      return { status: response.status, headers: response.headers, answer: readAnswer(bytes, response) }
    } catch (cause) {
      if (cause instanceof SteadError) throw cause
      const because = late.aborted
        ? `did not answer within ${timeoutMs / 1000} s`
        : `cannot be reached: ${reasonOf(cause)}`
      throw new SteadError('runner_unreachable', `runner "${runner}" at ${new URL(url).origin} ${because}`, { cause })
    }
  }
}

async function bodyOf({ body }: Response, runner: RunnerName): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > LARGEST_ANSWER)
      throw new SteadError(
        'payload_too_large',
        `the answer of runner "${runner}" has more than 8 MiB: ask the runner itself`,
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
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

/** The message of fetch is always that it failed. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  return cause.message === '' ? ((cause as NodeJS.ErrnoException).code ?? cause.name) : cause.message
}
