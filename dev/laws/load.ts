import { Agent, request as httpRequest } from 'node:http'
import { Client, credentials, Metadata } from '@grpc/grpc-js'
import { readResponse, writeRequest } from '../../apps/runner/src/inference/grpc/messages.ts'
import type { WireRequest, WireResponse } from '../../apps/runner/src/inference/grpc/messages.ts'
import { NO_PARAMETERS } from '../../apps/runner/src/inference/request.ts'

export interface RestAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly json: {
    model_version?: string
    outputs?: { name: string; data: number[] }[]
    error?: string
    [key: string]: unknown
  }
}

export interface RestCall {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly agent?: Agent | undefined
  readonly signal?: AbortSignal | undefined
}

/** One HTTP request, with no opinion about its answer. */
export function rest(
  url: string,
  body?: string | Buffer,
  { method, headers = {}, agent, signal }: RestCall = {},
): Promise<RestAnswer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        agent,
        signal,
        headers: {
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          let json: RestAnswer['json'] = {}
          try {
            json = JSON.parse(text) as RestAnswer['json']
          } catch {
            // Not every answer is JSON; `text` has it.
          }
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/** The Open Inference Protocol's body for rows of one FP32 input. */
export const rows = (values: readonly (readonly number[])[], name = 'x') =>
  JSON.stringify({
    inputs: [{ name, datatype: 'FP32', shape: [values.length, values[0]?.length ?? 0], data: values.flat() }],
  })

export const inferUrl = (base: string, deployment: string) => `${base}/v2/models/${deployment}/infer`

export interface GrpcCaller {
  infer(request: WireRequest, metadata?: Metadata): Promise<{ answer: WireResponse; header: Metadata }>
  close(): void
}

/** A gRPC client of its own connection. */
export function grpcCaller(address: string): GrpcCaller {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': -1,
  })
  return {
    infer: (request, metadata = new Metadata()) =>
      new Promise((resolve, reject) => {
        let header = new Metadata()
        const call = client.makeUnaryRequest(
          '/inference.GRPCInferenceService/ModelInfer',
          writeRequest,
          readResponse,
          request,
          metadata,
          (error, answer) => (error ? reject(error) : resolve({ answer: answer!, header })),
        )
        call.on('metadata', (received) => (header = received))
      }),
    close: () => client.close(),
  }
}

export function grpcRows(deployment: string, values: readonly (readonly number[])[], name = 'x'): WireRequest {
  const shape = [values.length, values[0]?.length ?? 0]
  return {
    modelName: deployment,
    modelVersion: '',
    id: '',
    parameters: NO_PARAMETERS,
    outputs: [],
    inputs: [{ name, datatype: 'FP32', shape, parameters: NO_PARAMETERS, contents: [] }],
    raw: [new Uint8Array(Float32Array.from(values.flat()).buffer)],
  }
}

export const floats = (bytes: Uint8Array) => [...new Float32Array(bytes.slice().buffer)]

/** One answered or failed request of a load. Times are of performance.now(). */
export interface Shot {
  readonly sentAt: number
  readonly doneAt: number
  readonly protocol: 'rest' | 'grpc'
  readonly version: number
  readonly generation: number
  /** What was sent and what came back of the first value. */
  readonly sent: number
  readonly got: number
  readonly error: string | undefined
}

export interface Load {
  stop(): Promise<Shot[]>
  readonly shots: readonly Shot[]
}

/** Closed loops over REST and gRPC connections of their own, and an open loop of REST requests beside them. */
export function startLoad(
  targets: readonly { rest: string; grpc: string }[],
  deployment: string,
  {
    rest: restCount,
    grpc: grpcCount,
    openPerSecond,
    headers: shown = {},
  }: { rest: number; grpc: number; openPerSecond: number; headers?: Record<string, string> },
): Load {
  const shots: Shot[] = []
  const stopping = new AbortController()
  const agents: Agent[] = []
  const callers: GrpcCaller[] = []
  let value = 0

  async function shootRest(base: string, agent: Agent): Promise<void> {
    const sent = value++ % 1000
    const sentAt = performance.now()
    try {
      const { status, headers, json, text } = await rest(inferUrl(base, deployment), rows([[sent, sent]]), {
        agent,
        headers: shown,
      })
      if (status !== 200) throw new Error(`status ${status}: ${text}`)
      if (json.model_version !== headers['stead-version'])
        throw new Error(`the body says version ${json.model_version}, the header ${String(headers['stead-version'])}`)
      shots.push({
        sentAt,
        doneAt: performance.now(),
        protocol: 'rest',
        version: Number(headers['stead-version']),
        generation: Number(headers['stead-generation']),
        sent,
        got: json.outputs![0]!.data[0]!,
        error: undefined,
      })
    } catch (error) {
      shots.push({
        sentAt,
        doneAt: performance.now(),
        protocol: 'rest',
        version: 0,
        generation: 0,
        sent,
        got: NaN,
        error: String(error),
      })
    }
  }

  async function shootGrpc(caller: GrpcCaller): Promise<void> {
    const sent = value++ % 1000
    const sentAt = performance.now()
    try {
      const { answer, header } = await caller.infer(grpcRows(deployment, [[sent, sent]]))
      shots.push({
        sentAt,
        doneAt: performance.now(),
        protocol: 'grpc',
        version: Number(answer.modelVersion),
        generation: Number(header.get('stead-generation')[0]),
        sent,
        got: floats(answer.raw[0]!)[0]!,
        error: undefined,
      })
    } catch (error) {
      shots.push({
        sentAt,
        doneAt: performance.now(),
        protocol: 'grpc',
        version: 0,
        generation: 0,
        sent,
        got: NaN,
        error: String(error),
      })
    }
  }

  const loops: Promise<void>[] = []
  const loop = async (shoot: () => Promise<void>) => {
    while (!stopping.signal.aborted) await shoot()
  }
  for (let index = 0; index < restCount; index++) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    agents.push(agent)
    const base = targets[index % targets.length]!.rest
    loops.push(loop(() => shootRest(base, agent)))
  }
  for (let index = 0; index < grpcCount; index++) {
    const caller = grpcCaller(targets[index % targets.length]!.grpc)
    callers.push(caller)
    loops.push(loop(() => shootGrpc(caller)))
  }
  const open = new Agent({ keepAlive: true })
  agents.push(open)
  const openShots = new Set<Promise<void>>()
  const ticker =
    openPerSecond > 0
      ? setInterval(() => {
          const shot = shootRest(targets[value % targets.length]!.rest, open)
          openShots.add(shot)
          void shot.finally(() => openShots.delete(shot))
        }, 1000 / openPerSecond)
      : undefined

  return {
    shots,
    async stop() {
      clearInterval(ticker)
      stopping.abort()
      await Promise.all([...loops, ...openShots])
      for (const agent of agents) agent.destroy()
      for (const caller of callers) caller.close()
      return shots
    },
  }
}
