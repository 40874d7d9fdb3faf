import { ERRORS, SteadError } from '@stead/contracts'
import type { AnswerOf, CallOf, Endpoint, ErrorBody, Stage } from '@stead/contracts'
import { readServerSentEvents } from './server-sent-events.ts'
import { UnreachableError } from './unreachable.ts'

export interface ClientOptions {
  /** Where the server is, for example `http://127.0.0.1:7070`. */
  readonly url: string
  readonly token?: string | undefined
  readonly fetch?: typeof fetch
}

/** Only what the endpoint describes needs giving: absent parts may be left out. */
export type Call<E extends Endpoint> = {
  [K in keyof CallOf<E> as undefined extends CallOf<E>[K] ? never : K]: CallOf<E>[K]
} & { [K in keyof CallOf<E> as undefined extends CallOf<E>[K] ? K : never]?: CallOf<E>[K] } & CallOptions

export interface CallOptions {
  readonly signal?: AbortSignal
  readonly idempotencyKey?: string
}

export interface Upload {
  /** Browsers send no streams: a Blob or bytes work everywhere. */
  readonly body: ReadableStream<Uint8Array> | Uint8Array | Blob
  readonly size?: number
}

/** The typed client: one method per way of talking, any endpoint of the contracts. Throws SteadError for a
 *  refusal told by the server and UnreachableError when none answers. */
export interface Client {
  readonly url: string
  call<E extends Endpoint>(endpoint: E, call: Call<E>): Promise<AnswerOf<E>>
  /** A change told stage by stage while it happens. */
  follow<E extends Endpoint>(endpoint: E, call: Call<E>, onStage: (stage: Stage) => void): Promise<AnswerOf<E>>
  send<E extends Endpoint>(endpoint: E, call: Call<E>, upload: Upload): Promise<AnswerOf<E>>
  /** The raw answer of an endpoint that streams octets. */
  open<E extends Endpoint>(endpoint: E, call: Call<E> & { headers?: Record<string, string> }): Promise<Response>
  /** Server-sent events until the signal aborts or the connection ends. */
  watch<E extends Endpoint>(
    endpoint: E,
    call: Call<E> & { headers?: Record<string, string> },
    onEvent: (data: unknown, id: string | undefined) => void,
  ): Promise<void>
}

interface RawCall {
  params?: unknown
  query?: unknown
  body?: unknown
  signal?: AbortSignal
  idempotencyKey?: string
  headers?: Record<string, string>
}

export function createClient(options: ClientOptions): Client {
  const url = options.url.replace(/\/+$/, '')
  const doFetch = options.fetch ?? fetch

  async function request(
    endpoint: Endpoint,
    call: RawCall,
    more: { accept: string; upload?: Upload },
  ): Promise<Response> {
    const headers: Record<string, string> = { accept: more.accept, ...call.headers }
    if (options.token) headers.authorization = `Bearer ${options.token}`
    if (call.idempotencyKey) headers['idempotency-key'] = call.idempotencyKey
    const init: RequestInit & { duplex?: 'half' } = {
      method: endpoint.method,
      headers,
      redirect: 'error',
      ...(call.signal ? { signal: call.signal } : {}),
    }
    if (more.upload) {
      headers['content-type'] = 'application/octet-stream'
      if (more.upload.size !== undefined) headers['content-length'] = String(more.upload.size)
      init.body = more.upload.body as RequestInit['body']
      if (more.upload.body instanceof ReadableStream) init.duplex = 'half'
    } else if (endpoint.method !== 'GET' && endpoint.method !== 'DELETE') {
      headers['content-type'] = 'application/json'
      init.body = JSON.stringify(call.body ?? {})
    }
    const address = url + addressOf(endpoint.path, call.params, call.query)
    let response: Response
    try {
      response = await doFetch(address, init)
    } catch (cause) {
      if (call.signal?.aborted) throw call.signal.reason
      throw new UnreachableError(url, cause)
    }
    if (!response.ok) throw errorOf(response, await textOf(response, call.signal))
    return response
  }

  /** An answer that breaks off is none, however it began. */
  async function textOf(response: Response, signal: AbortSignal | undefined): Promise<string> {
    try {
      return await response.text()
    } catch (cause) {
      if (signal?.aborted) throw signal.reason
      throw new UnreachableError(url, cause)
    }
  }

  const answer = async (endpoint: Endpoint, response: Response, signal: AbortSignal | undefined) => {
    if (response.status === 204 || !endpoint.returns) {
      await response.body?.cancel()
      return undefined
    }
    return endpoint.returns.parse(JSON.parse(await textOf(response, signal)))
  }

  return {
    url,
    call: async (endpoint, call) =>
      (await answer(endpoint, await request(endpoint, call, { accept: 'application/json' }), call.signal)) as never,
    send: async (endpoint, call, upload) =>
      (await answer(
        endpoint,
        await request(endpoint, call, { accept: 'application/json', upload }),
        call.signal,
      )) as never,
    open: (endpoint, call) => request(endpoint, call, { accept: '*/*' }),
    async follow(endpoint, call, onStage) {
      const response = await request(endpoint, call, { accept: 'text/event-stream' })
      const outcome: { done?: unknown; error?: ErrorBody } = {}
      await readServerSentEvents(response, url, (event) => {
        if (event.event === 'stage') onStage(JSON.parse(event.data) as Stage)
        else if (event.event === 'done') outcome.done = endpoint.returns?.parse(JSON.parse(event.data))
        else if (event.event === 'error') outcome.error = JSON.parse(event.data) as ErrorBody
      })
      if (outcome.error) throw fromBody(outcome.error)
      if (outcome.done === undefined)
        throw new UnreachableError(
          url,
          'the connection ended before the change was acknowledged; see the history of the deployment',
        )
      return outcome.done as never
    },
    async watch(endpoint, call, onEvent) {
      const response = await request(endpoint, call, { accept: 'text/event-stream' })
      await readServerSentEvents(response, url, (event) => onEvent(JSON.parse(event.data), event.id))
    },
  }
}

/** Fills `:names` of the path and appends the query. */
export function addressOf(path: string, params: unknown, query: unknown): string {
  const given = (params ?? {}) as Record<string, unknown>
  const filled = path.replace(/:([a-z]+)/gi, (_, key: string) => encodeURIComponent(String(given[key])))
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries((query ?? {}) as Record<string, string | number | boolean | undefined>)) {
    if (value !== undefined) search.set(key, String(value))
  }
  return search.size === 0 ? filled : `${filled}?${search}`
}

function errorOf({ status, headers }: Response, text: string): Error {
  const wait = Number(headers.get('retry-after') ?? Number.NaN)
  try {
    const { error } = JSON.parse(text) as ErrorBody
    // How long to wait is told by a header; whoever waits reads it with the rest.
    const details = Number.isFinite(wait)
      ? { ...(error.details as object | undefined), retryAfter: wait }
      : error.details
    if (error.code in ERRORS) return fromBody({ error: { ...error, details } })
  } catch {
    // Not ours: a proxy or another server answered.
  }
  return new SteadError('internal', `the server answered ${status}: ${text.slice(0, 300)}`)
}

function fromBody({ error }: ErrorBody): SteadError {
  return new SteadError(error.code, error.message, {
    ...(error.where === undefined ? {} : { where: error.where }),
    details: error.details,
  })
}
