import { createHash } from 'node:crypto'
import {
  BundlePath,
  createDeployment,
  createVersion,
  DeploymentName,
  Digest,
  getDeployment,
  ModelName,
  parkDeployment,
  ProjectName,
  putArtifact,
  SteadError,
  swapDeployment,
  VersionNumber,
  wakeDeployment,
} from '@stead/contracts'
import type { DesiredDeployment, ErrorCode, Version } from '@stead/contracts'
import { UnreachableError } from '@stead/sdk'
import type { Client } from '@stead/sdk'
import type { ControlAnswer, ControlCall } from '../routing/served.ts'

type Load = Extract<ControlCall, { ask: 'load' }>

/** Triton's repository calls, as changes of deployments: they go through the server, which keeps their history. */
export interface Repository {
  load(asked: Load): Promise<ControlAnswer>
  unload(deployment: string, token: string | undefined): Promise<ControlAnswer>
}

/** Refusals that say nothing against the request: sent again, it may well be taken. */
const MOVED_ON: ReadonlySet<string> = new Set<ErrorCode>(['superseded', 'generation_conflict'])
const DONE: ControlAnswer = { ok: true, value: {} }
const REASON = 'asked through the model repository of a runner'
const DEFAULT_PROJECT = ProjectName.parse('default')

/** `clientFor` is given the token of whoever asks, where they show one. */
export function createRepository(
  clientFor: (token: string | undefined) => Client,
  find: (name: string) => DesiredDeployment | undefined,
): Repository {
  /** To those whom the server does not know, what is not there looks like everything else. */
  async function nobodys(client: Client, name: string): Promise<ControlAnswer> {
    const deployment = DeploymentName.safeParse(name)
    if (!deployment.success) return unknown(name)
    await client.call(getDeployment, { params: { project: DEFAULT_PROJECT, deployment: deployment.data } })
    return unknown(name)
  }

  async function push(client: Client, project: ProjectName, model: ModelName, files: Load['files']): Promise<Version> {
    const listed = []
    for (const { path, base64 } of files) {
      const body = Buffer.from(base64, 'base64')
      const digest = Digest.parse(`sha256:${createHash('sha256').update(body).digest('hex')}`)
      const place = BundlePath.parse(path)
      await client.send(putArtifact, { params: { project, digest } }, { body, size: body.length })
      listed.push({ path: place, digest })
    }
    return client.call(createVersion, {
      params: { project, model },
      body: { files: listed, ifNew: true, description: REASON },
    })
  }

  async function loadNew(client: Client, name: string, files: Load['files']): Promise<ControlAnswer> {
    const model = ModelName.parse(name)
    const { version } = await push(client, DEFAULT_PROJECT, model, files)
    await client.call(createDeployment, {
      params: { project: DEFAULT_PROJECT },
      body: { name: DeploymentName.parse(name), model, version, reason: REASON },
    })
    return DONE
  }

  return {
    load: (asked) =>
      answered(asked.deployment, async () => {
        const client = clientFor(asked.token)
        const desired = find(asked.deployment)
        if (!desired?.table) {
          if (asked.files.length > 0) return loadNew(client, asked.deployment, asked.files)
          return nobodys(client, asked.deployment)
        }
        const params = { project: desired.project, deployment: desired.name }
        // Before anything is pushed: what they may not see, they may not add to.
        await client.call(getDeployment, { params })
        const pushed =
          asked.files.length > 0
            ? (await push(client, desired.project, desired.table.model, asked.files)).version
            : undefined
        const version = pushed ?? (asked.version === undefined ? undefined : VersionNumber.parse(asked.version))
        if (version === undefined) await client.call(wakeDeployment, { params, body: { reason: REASON } })
        else await client.call(swapDeployment, { params, body: { version, reason: REASON } })
        return DONE
      }),
    unload: (name, token) =>
      answered(name, async () => {
        const client = clientFor(token)
        const desired = find(name)
        if (!desired?.table) return nobodys(client, name)
        await client.call(parkDeployment, {
          params: { project: desired.project, deployment: desired.name },
          body: { until: 'load', reason: REASON },
        })
        return DONE
      }),
  }
}

const unknown = (name: string): ControlAnswer => ({
  ok: false,
  kind: 'not_found',
  message: `there is no deployment ${JSON.stringify(name)}`,
})

/** The project of others is as little there as its deployments. */
const NOT_THERE: ReadonlySet<string> = new Set<ErrorCode>(['project_not_found', 'deployment_not_found'])

async function answered(name: string, act: () => Promise<ControlAnswer>): Promise<ControlAnswer> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof UnreachableError)
      return {
        ok: false,
        kind: 'not_ready',
        message: 'the server is out of reach; loading and unloading go through it',
      }
    if (error instanceof SteadError)
      return NOT_THERE.has(error.code) ? unknown(name) : { ok: false, kind: kindOf(error), message: error.message }
    return { ok: false, kind: 'invalid', message: error instanceof Error ? error.message : String(error) }
  }
}

function kindOf({ code, status }: SteadError): Extract<ControlAnswer, { ok: false }>['kind'] {
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  return status >= 500 || MOVED_ON.has(code) ? 'not_ready' : 'invalid'
}
