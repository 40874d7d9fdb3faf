import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, credentials, Metadata } from '@grpc/grpc-js'
import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js'
import type { DeploymentName, ErrorBody, Version } from '@stead/contracts'
import { deploymentHistory, ProjectName } from '@stead/contracts'
import { inferenceService } from '../../apps/runner/src/inference/grpc/services.ts'
import { inferUrl, rest } from './load.ts'
import type { RestAnswer, RestCall } from './load.ts'
import type { Platform } from './platform.ts'

/** One change of a deployment as a plain request, for laws about the answers themselves. */
export function askChange(
  platform: Pick<Platform, 'url'>,
  deployment: string,
  act: 'swap' | 'rollback' | 'traffic' | 'park' | 'wake',
  body: object,
  headers: Record<string, string> = {},
): Promise<RestAnswer> {
  return rest(`${platform.url}/api/v1/projects/default/deployments/${deployment}/${act}`, JSON.stringify(body), {
    headers,
  })
}

/** The native API's code of a refusal; undefined where there is none. */
export const codeOf = ({ json }: RestAnswer): string | undefined => (json as unknown as Partial<ErrorBody>).error?.code

export async function historyOf(platform: Platform, deployment: string) {
  const records = []
  for (let before: number | undefined; ;) {
    const { generations, next } = await platform.client.call(deploymentHistory, {
      params: { project: ProjectName.parse('default'), deployment: deployment as DeploymentName },
      query: { limit: 500, ...(before === undefined ? {} : { before }) },
    })
    records.push(...generations)
    if (next === null) return records.toReversed()
    before = next
  }
}

/** Any unary call of the inference service, with documents as the wire names them. */
export function grpcAsk<T = Record<string, unknown>>(
  address: string,
  method: string,
  request: object,
  {
    metadata = new Metadata(),
    options = {},
    credentials: shown = credentials.createInsecure(),
  }: { metadata?: Metadata; options?: ChannelOptions; credentials?: ChannelCredentials } = {},
): Promise<T> {
  const client = new Client(address, shown, { 'grpc.use_local_subchannel_pool': 1, ...options })
  const { path, requestSerialize, responseDeserialize } = inferenceService[method]!
  return new Promise<T>((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, (error, answer) =>
      error ? reject(error) : resolve(answer as T),
    )
  }).finally(() => client.close())
}

/** What became of a gRPC call: its status code, 0 for an answer. */
export const grpcCode = (call: Promise<unknown>): Promise<number> =>
  call.then(
    () => 0,
    (error: { code?: number }) => error.code ?? -1,
  )

/** One vector of two numbers, as the models of `serving-models.ts` take it. */
export const pair = (first: number, second = 0, parameters: object = {}) =>
  JSON.stringify({ parameters, inputs: [{ name: 'x', datatype: 'FP32', shape: [2], data: [first, second] }] })

export const ask = (base: string, deployment: string, body: string, call: RestCall = {}) =>
  rest(inferUrl(base, deployment), body, call)

export const valuesOf = ({ json }: RestAnswer): number[] => json.outputs?.[0]?.data ?? []

/** Lets the runs of a gated model go on that wait at this gate. */
export async function openGate(platform: Platform, version: Pick<Version, 'digest'>, gate: number): Promise<void> {
  await Promise.all(
    platform.runners.map((_, index) =>
      writeFile(
        join(platform.home, `runner-${index}`, 'versions', version.digest.slice('sha256:'.length), `gate-${gate}`),
        '',
      ),
    ),
  )
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Waits until it is so; whether it came to be is for the law to judge. */
export async function settled(is: () => boolean | Promise<boolean>, patienceMs = 15_000): Promise<boolean> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline;) {
    if (await is()) return true
    await pause(20)
  }
  return is()
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Engines of a deployment that are loaded, as the runners last told. */
export async function loadedEngines(platform: Platform, deployment: string) {
  const { engines } = await platform.deployment(deployment)
  return engines.filter((engine) => engine.hostPid !== null)
}
