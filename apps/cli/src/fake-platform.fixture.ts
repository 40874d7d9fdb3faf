import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as contracts from '@stead/contracts'
import type { AnswerOf, Endpoint, RequestOf, Stage } from '@stead/contracts'

type Contracts = typeof contracts
type EndpointName = { [K in keyof Contracts]: Contracts[K] extends Endpoint ? K : never }[keyof Contracts]

export interface Asked {
  readonly headers: IncomingMessage['headers']
  readonly octets: Buffer
  /** Sends a stage before the answer. */
  onStage(stage: Stage): void
  /** Cuts the connection without an answer. */
  cut(): void
}

type Handlers = {
  [K in EndpointName]?: Contracts[K] extends Endpoint
    ? (request: RequestOf<Contracts[K]>, asked: Asked) => FakeAnswer<Contracts[K]>
    : never
}
/** An answer before parsing: what is sent is what the contract makes of it. */
type FakeAnswer<E extends Endpoint> = AnswerOf<E> extends void ? void | Buffer | readonly object[] : unknown

export interface FakePlatform {
  readonly url: string
  /** `swapDeployment`, `putArtifact`, …, in the order they came. */
  readonly calls: {
    readonly name: string
    readonly request: { params: unknown; query: unknown; body: unknown }
    readonly headers: IncomingMessage['headers']
  }[]
  close(): Promise<void>
}

/** A server that takes and gives only what the contracts allow, with answers made up by the test. */
export async function startFakePlatform(handlers: Handlers): Promise<FakePlatform> {
  const calls: FakePlatform['calls'] = []
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => refuse(response, error))
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const octets = await bodyOf(request)
    const url = new URL(request.url ?? '/', 'http://fake')
    const [name, endpoint, params] = find(request.method ?? '', url.pathname)
    const parsed = {
      params: endpoint.params?.parse(params),
      query: endpoint.query?.parse(Object.fromEntries(url.searchParams)),
      body: endpoint.body?.parse(octets.length > 0 ? JSON.parse(octets.toString('utf8')) : undefined),
    }
    calls.push({ name, request: parsed, headers: request.headers })
    const handler = handlers[name as EndpointName] as ((request: unknown, asked: Asked) => unknown) | undefined
    if (!handler) throw new contracts.SteadError('route_not_found', `the test says nothing of ${name}`)
    const followed = endpoint.transcript && request.headers.accept === 'text/event-stream'
    const told: Stage[] = []
    const cut = () => void response.destroy()
    try {
      const answer = await handler(parsed, {
        headers: request.headers,
        octets,
        onStage: (stage) => told.push(contracts.Stage.parse(stage)),
        cut,
      })
      if (response.destroyed) return
      if (followed)
        return void response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end([...told.map((stage) => sse('stage', stage)), sse('done', endpoint.returns?.parse(answer))].join(''))
      if (endpoint.streams?.out === 'events')
        return void response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end((answer as unknown[]).map((event) => sse('event', event)).join(''))
      if (Buffer.isBuffer(answer)) return void response.writeHead(200).end(answer)
      // Before the head goes out: what the contract does not allow must still be told.
      const document = endpoint.returns ? JSON.stringify(endpoint.returns.parse(answer)) : undefined
      response.writeHead(endpoint.status ?? 200, { 'content-type': 'application/json' }).end(document)
    } catch (error) {
      if (!followed || !(error instanceof contracts.SteadError)) throw error
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end([...told.map((stage) => sse('stage', stage)), sse('error', error.toBody())].join(''))
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const sse = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

function find(method: string, path: string): [name: string, endpoint: Endpoint, params: Record<string, string>] {
  for (const [name, endpoint] of Object.entries(contracts.ENDPOINTS)) {
    const match = new RegExp(`^${endpoint.path.replace(/:([a-z]+)/gi, '(?<$1>[^/]+)')}$`, 'i').exec(path)
    if (!match || endpoint.method !== method) continue
    return [
      name,
      endpoint,
      Object.fromEntries(Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)])),
    ]
  }
  throw new contracts.SteadError('route_not_found', `${method} ${path}`)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** What the contract does not allow is a mistake of the command under test, and loud. */
function refuse(response: ServerResponse, error: unknown): void {
  const told =
    error instanceof contracts.SteadError
      ? error
      : new contracts.SteadError('internal', `the fake refused: ${String(error)}`)
  response.writeHead(told.status, { 'content-type': 'application/json' }).end(JSON.stringify(told.toBody()))
}
