import { Client, credentials, Metadata } from '@grpc/grpc-js'
import {
  changeConsumer,
  ConsumerName,
  createConsumer,
  createConsumerKey,
  createProject,
  DeploymentName,
  ProjectName,
  revokeConsumerKey,
} from '@stead/contracts'
import type { Limits } from '@stead/contracts'
import { inferenceService } from '../../apps/runner/src/inference/grpc/services.ts'
import type { WireRequest } from '../../apps/runner/src/inference/grpc/messages.ts'
import { addConstant } from '../fixtures/onnx/models.ts'
import { inferUrl, rest, rows } from './load.ts'
import { startPlatform } from './platform.ts'
import type { Platform, PlatformOptions } from './platform.ts'

/** A platform that asks who everybody is, with a deployment `sums`. */
export async function startClosed(options: PlatformOptions = {}): Promise<Platform> {
  const platform = await startPlatform({ closed: true, ...options })
  await platform.push('adder', addConstant(1))
  await platform.deploy('sums', 'adder', 1)
  return platform
}

export const askSums = (platform: Platform, headers: Record<string, string> = {}, deployment = 'sums') =>
  rest(inferUrl(platform.runners[0]!.rest, deployment), rows([[1, 1]]), { headers })

export const statusOf = async (platform: Platform, headers: Record<string, string> = {}) =>
  (await askSums(platform, headers)).status

/** A consumer of a closed platform, and what becomes of it. */
export interface LawConsumer {
  key(name: string, deployments?: readonly string[]): Promise<{ id: string; secret: string }>
  limit(limits: Partial<Limits>): Promise<void>
  revoke(keyId: string): Promise<void>
}

export async function addConsumer(
  { client }: Pick<Platform, 'client'>,
  named: string,
  { limits = {}, project: owner = 'default' }: { limits?: Partial<Limits>; project?: string } = {},
): Promise<LawConsumer> {
  const project = ProjectName.parse(owner)
  const params = { project, consumer: ConsumerName.parse(named) }
  if (owner !== 'default') await client.call(createProject, { body: { name: project } })
  await client.call(createConsumer, { params: { project }, body: { name: params.consumer, limits } })
  return {
    key: (name, deployments) =>
      client.call(createConsumerKey, {
        params,
        body: { name, deployments: deployments?.map((one) => DeploymentName.parse(one)) ?? null },
      }),
    limit: async (changed) => void (await client.call(changeConsumer, { params, body: { limits: changed } })),
    revoke: (key) => client.call(revokeConsumerKey, { params: { ...params, key } }),
  }
}

export const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })

export function withKey(secret: string): Metadata {
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${secret}`)
  return metadata
}

/** What becomes of a stream of the server's that is asked nothing: its status, or `open` while it stays. */
export async function streamFate(address: string, path: string, asked: Buffer, metadata: Metadata, patienceMs = 1_000) {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 })
  const bytes = (given: Buffer) => given
  const call = client.makeBidiStreamRequest(path, bytes, bytes, metadata)
  call.on('error', () => {})
  const ended = new Promise<number>((resolve) => call.on('status', ({ code }) => resolve(code)))
  const answered = new Promise<'answered'>((resolve) => call.on('data', () => resolve('answered')))
  call.end(asked)
  const late = new Promise<'open'>((resolve) => setTimeout(() => resolve('open'), patienceMs))
  const fate = await Promise.race([ended, answered, late])
  call.cancel()
  client.close()
  return fate
}

/** A stream of inferences, for as long as the server lets it be. */
export interface InferStream {
  send(request: WireRequest): void
  readonly answers: readonly { error_message?: string }[]
  /** The status that ended it. */
  readonly ended: Promise<{ code: number; details: string; at: number }>
  close(): void
}

export function openInferStream(address: string, metadata: Metadata): InferStream {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 })
  const { path, requestSerialize, responseDeserialize } = inferenceService.ModelStreamInfer!
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata)
  const answers: { error_message?: string }[] = []
  call.on('data', (answer: { error_message?: string }) => answers.push(answer))
  call.on('error', () => {})
  const ended = new Promise<{ code: number; details: string; at: number }>((resolve) =>
    call.on('status', ({ code, details }) => resolve({ code, details, at: performance.now() })),
  )
  return {
    answers,
    ended,
    send: (request) => void call.write(request),
    close() {
      call.cancel()
      client.close()
    },
  }
}
