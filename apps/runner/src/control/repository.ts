import { createHash } from 'node:crypto'
import {
  BundlePath,
  createDeployment,
  createVersion,
  DeploymentName,
  Digest,
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
  unload(deployment: string): Promise<ControlAnswer>
}

/** Refusals that say nothing against the request: sent again, it may well be taken. */
const MOVED_ON: ReadonlySet<string> = new Set<ErrorCode>(['superseded', 'generation_conflict'])
const DONE: ControlAnswer = { ok: true, value: {} }
const REASON = 'asked through the model repository of a runner'
const DEFAULT_PROJECT = ProjectName.parse('default')

export function createRepository(client: Client, find: (name: string) => DesiredDeployment | undefined): Repository {
  const unknown = (name: string): ControlAnswer => ({
    ok: false,
    kind: 'not_found',
    message: `there is no deployment ${JSON.stringify(name)}`,
  })

  async function push(project: ProjectName, model: ModelName, files: Load['files']): Promise<Version> {
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

  async function loadNew(name: string, files: Load['files']): Promise<ControlAnswer> {
    const model = ModelName.parse(name)
    const { version } = await push(DEFAULT_PROJECT, model, files)
    await client.call(createDeployment, {
      params: { project: DEFAULT_PROJECT },
      body: { name: DeploymentName.parse(name), model, version, reason: REASON },
    })
    return DONE
  }

  return {
    load: (asked) =>
      answered(async () => {
        const desired = find(asked.deployment)
        if (!desired?.table)
          return asked.files.length > 0 ? loadNew(asked.deployment, asked.files) : unknown(asked.deployment)
        const params = { project: desired.project, deployment: desired.name }
        const pushed =
          asked.files.length > 0 ? (await push(desired.project, desired.table.model, asked.files)).version : undefined
        const version = pushed ?? (asked.version === undefined ? undefined : VersionNumber.parse(asked.version))
        if (version === undefined) await client.call(wakeDeployment, { params, body: { reason: REASON } })
        else await client.call(swapDeployment, { params, body: { version, reason: REASON } })
        return DONE
      }),
    unload: (name) =>
      answered(async () => {
        const desired = find(name)
        if (!desired?.table) return unknown(name)
        await client.call(parkDeployment, {
          params: { project: desired.project, deployment: desired.name },
          body: { until: 'load', reason: REASON },
        })
        return DONE
      }),
  }
}

async function answered(act: () => Promise<ControlAnswer>): Promise<ControlAnswer> {
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
      return {
        ok: false,
        kind:
          error.status === 404
            ? 'not_found'
            : error.status >= 500 || MOVED_ON.has(error.code)
              ? 'not_ready'
              : 'invalid',
        message: error.message,
      }
    return { ok: false, kind: 'invalid', message: error instanceof Error ? error.message : String(error) }
  }
}
