import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, type Clock } from '@stead/chassis'
import {
  BundlePath,
  createDeployment,
  createVersion,
  DeploymentName,
  Digest,
  ModelName,
  ProjectName,
  putArtifact,
} from '@stead/contracts'
import type { Signature, VersionNumber } from '@stead/contracts'
import { type Client, createClient } from '@stead/sdk'
import { layDatabase } from '../../../dev/laws/template.ts'
import { configFrom } from './config.ts'
import { readServerEnvironment } from './env.ts'
import type { MlflowRoute } from './mlflow/mount.ts'
import { startServer } from './start.ts'

export const DEFAULT = ProjectName.parse('default')
export const SUMS: Signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
}

/** A whole server in this process: its own home, a port of its own, real HTTP. */
export interface ScratchServer {
  readonly url: string
  readonly home: string
  readonly client: Client
  readonly mlflowRoutes: readonly MlflowRoute[]
  /** Stops it and removes its home. */
  close(): Promise<void>
}

export async function startScratchServer(
  env: Readonly<Record<string, string>> = {},
  clock?: Clock,
): Promise<ScratchServer> {
  const home = await mkdtemp(join(tmpdir(), 'stead-server-'))
  if (env.STEAD_DATABASE_URL === undefined) await layDatabase(home)
  const config = configFrom(readServerEnvironment({ STEAD_HOME: home, STEAD_PORT: '0', STEAD_LOG: 'silent', ...env }))
  const log = createLog({ name: 'server', level: config.logLevel })
  const server = await startServer(config, { log, ...(clock ? { clock } : {}) })
  return {
    url: server.url,
    home,
    client: createClient({ url: server.url }),
    mlflowRoutes: server.mlflowRoutes,
    async close() {
      await server.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}

export const digestOf = (bytes: Uint8Array | string) =>
  Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)

/** Registers a JavaScript version of one file. */
export async function pushVersion(client: Client, model: string, source: string, signature = SUMS) {
  const body = Buffer.from(source)
  const digest = digestOf(body)
  await client.send(putArtifact, { params: { project: DEFAULT, digest } }, { body, size: body.length })
  return client.call(createVersion, {
    params: { project: DEFAULT, model: ModelName.parse(model) },
    body: { files: [{ path: BundlePath.parse('index.mjs'), digest }], runtime: 'javascript', signature },
  })
}

export const deploy = (client: Client, name: string, model: string, version?: VersionNumber) =>
  client.call(createDeployment, {
    params: { project: DEFAULT },
    body: { name: DeploymentName.parse(name), model: ModelName.parse(model), version },
  })
