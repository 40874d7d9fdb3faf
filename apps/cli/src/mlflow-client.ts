import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from './failures.ts'

type Answer = Record<string, unknown>

interface Calling {
  readonly headers?: Readonly<Record<string, string>>
  readonly exact?: boolean
}

/** A server that speaks MLflow's REST protocol. */
export interface MlflowServer {
  readonly url: string
  /** Below `/api/2.0/mlflow/`, or from the server's root where the path begins with a slash. `GET` puts the fields into the
   *  query. Throws an MlflowRefusal for what the server refuses. Integers too large for a number come as texts where
   *  `exact` is said. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, fields?: object, how?: Calling): Promise<Answer>
  /** Stores a text as a file behind `mlflow-artifacts:/<path>`. */
  put(path: string, text: string): Promise<void>
  /** The answer as it is, of an address below the server's own. */
  open(path: string, fields?: object): Promise<Response>
}

export interface MlflowAccess {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** A refusal, with MLflow's own code. */
export class MlflowRefusal extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.name = 'MlflowRefusal'
    this.code = code
  }
}

const MOST_TRIES = 6
const FIRST_WAIT_MS = 500

/** How MLflow's own clients are told who they are. */
export function credentialsIn(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password } = env
  if (token) return { authorization: `Bearer ${token}` }
  if (!user) return {}
  return { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` }
}

export function createMlflowServer({ url, headers, signal }: MlflowAccess): MlflowServer {
  const base = url.replace(/\/+$/, '')
  async function send(address: string, init: RequestInit): Promise<Response> {
    for (let tries = 1; ; tries++) {
      const answer = await fetch(address, { ...init, signal }).catch((cause: unknown) => {
        if (signal.aborted) throw signal.reason
        return cause as Error
      })
      if (answer instanceof Response && answer.status !== 429 && answer.status < 500) return answer
      if (tries >= MOST_TRIES) {
        if (answer instanceof Response) return answer
        throw new Failure(`${base} does not answer: ${causeOf(answer)}`, 'Run the same again to go on.', answer)
      }
      if (answer instanceof Response) await answer.body?.cancel()
      await sleep(FIRST_WAIT_MS * 2 ** (tries - 1), undefined, { signal }).catch(() => {
        throw signal.reason
      })
    }
  }
  return {
    url: base,
    async call(method, path, fields = {}, { headers: more = {}, exact = false } = {}) {
      const address = path.startsWith('/') ? `${base}${path}` : `${base}/api/2.0/mlflow/${path}`
      const response =
        method === 'GET'
          ? await send(withQuery(address, fields), { headers: { ...headers } })
          : await send(address, {
              method,
              headers: { ...headers, ...more, 'content-type': 'application/json' },
              body: JSON.stringify(fields),
            })
      const text = await response.text()
      if (!response.ok) throw refusalOf(response.status, text, address)
      return (JSON.parse(text, exact ? exactly : undefined) ?? {}) as Answer
    },
    async put(path, text) {
      const address = `${base}/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`
      const response = await send(address, { method: 'PUT', headers: { ...headers }, body: text })
      if (!response.ok) throw refusalOf(response.status, await response.text(), address)
    },
    async open(path, fields = {}) {
      const response = await send(withQuery(`${base}/${path}`, fields), { headers: { ...headers } })
      if (!response.ok) throw refusalOf(response.status, await response.text(), `${base}/${path}`)
      return response
    },
  }
}

/** A reader of JSON sees how a number was written, which it does not say in its types yet. */
function exactly(_key: string, value: unknown, ...[written]: readonly unknown[]): unknown {
  const { source = '' } = (written ?? {}) as { readonly source?: string }
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value
}

function withQuery(address: string, fields: object): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) query.set(key, String(value))
  return query.size === 0 ? address : `${address}?${query}`
}

function refusalOf(status: number, text: string, address: string): MlflowRefusal {
  try {
    const { error_code: code, message } = JSON.parse(text) as { error_code?: unknown; message?: unknown }
    if (typeof code === 'string') return new MlflowRefusal(code, `${String(message)} (${address})`)
  } catch {
    // Not JSON: something else than MLflow answers there.
  }
  return new MlflowRefusal(status === 404 ? 'ENDPOINT_NOT_FOUND' : 'UNKNOWN', `${address} answers ${status}`)
}

const causeOf = (error: Error) => (error.cause instanceof Error ? error.cause.message : error.message)

/** Everything of a list that comes in pages. */
export async function* pagesOf<T>(
  read: (page: { page_token?: string }) => Promise<Record<string, unknown>>,
  list: string,
): AsyncGenerator<T, void> {
  for (let token: string | undefined; ;) {
    const answer = await read(token === undefined ? {} : { page_token: token })
    yield* (answer[list] ?? []) as T[]
    token = (answer.next_page_token as string | undefined) || undefined
    if (token === undefined) return
  }
}
