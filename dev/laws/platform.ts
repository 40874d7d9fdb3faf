import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  BundlePath,
  createDeployment,
  createVersion,
  DeploymentName,
  Digest,
  getDeployment,
  installationStatus,
  ModelName,
  ProjectName,
  putArtifact,
  serverHealth,
  swapDeployment,
} from '@stead/contracts'
import type { CallOf, Deployment, RunnerStatus, Transcript, Version } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import type { Client } from '@stead/sdk'
import { closeHome } from './closing.ts'
import { layDatabase } from './template.ts'

/** One process of the platform, started as `stead up` starts it. */
export interface PlatformProcess {
  readonly pid: number
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** All that it has printed. */
  output(): string
  kill(signal: NodeJS.Signals): void
}

export interface RunnerProcess extends PlatformProcess {
  readonly rest: string
  readonly grpc: string
  readonly env: Readonly<Record<string, string>>
}

export interface PlatformOptions {
  readonly runners?: number
  readonly frontEnds?: number
  /** For all processes. */
  readonly env?: Record<string, string>
  /** An existing home to open; a new one is removed at the end. */
  readonly home?: string
  /** With an owner: everybody has to say who they are, and the platform's client is that owner. */
  readonly closed?: boolean
}

/** A whole platform of real processes on free ports. */
export interface Platform {
  readonly home: string
  readonly url: string
  readonly client: Client
  readonly server: PlatformProcess
  readonly runners: RunnerProcess[]
  /** Starts a runner in the place of one that ended, with the same home and ports. */
  restartRunner(index: number, env?: Record<string, string>): Promise<RunnerProcess>
  /** The same, without a server: resolves once the runner says that it is ready. */
  restartRunnerAlone(index: number): Promise<RunnerProcess>
  restartServer(): Promise<PlatformProcess>
  push(
    model: string,
    bytes: Uint8Array | Record<string, Uint8Array | string>,
    more?: { runtime?: 'onnx' | 'javascript'; signature?: Version['signature'] },
  ): Promise<Version>
  deploy(
    name: string,
    model: string,
    version: number,
    config?: NonNullable<CallOf<typeof createDeployment>['body']>['config'],
  ): Promise<Transcript>
  swap(
    name: string,
    version: number,
    more?: Partial<NonNullable<CallOf<typeof swapDeployment>['body']>>,
  ): Promise<Transcript>
  deployment(name: string): Promise<Deployment>
  runnerStatuses(): Promise<RunnerStatus[]>
  stop(): Promise<void>
}

const PROJECT = ProjectName.parse('default')
const main = (app: string) => fileURLToPath(new URL(`../../apps/${app}/src/main.ts`, import.meta.url))

export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'stead-law-')))
  if (options.home === undefined && options.env?.STEAD_DATABASE_URL === undefined) await layDatabase(home)
  const serverPort = await freePort()
  const url = `http://127.0.0.1:${serverPort}`
  const joining = options.closed ? { STEAD_TOKEN: randomUUID() } : undefined
  const { token } = options.closed ? await closeHome(home) : {}
  const client = createClient({ url, token })
  const serverEnv = {
    STEAD_HOME: home,
    STEAD_PORT: String(serverPort),
    STEAD_LOG: 'warn',
    ...(joining ? { STEAD_JOIN_SECRET: joining.STEAD_TOKEN } : {}),
    ...options.env,
  }
  let server = await startServer(serverEnv, client)
  const runners: RunnerProcess[] = []
  const stop = async () => {
    const started = [...runners, server]
    for (const one of started) one.kill('SIGKILL')
    await Promise.all(started.map((one) => one.exited))
    if (options.home === undefined) await rm(home, { recursive: true, force: true })
  }
  for (let index = 0; index < (options.runners ?? 1); index++) {
    const [rest, grpc] = [await freePort(), await freePort()]
    runners.push(
      await startRunner(
        {
          STEAD_HOME: home,
          STEAD_RUNNER_HOME: join(home, `runner-${index}`),
          STEAD_RUNNER_NAME: `runner-${index}`,
          STEAD_URL: url,
          STEAD_RUNNER_PORT: String(rest),
          STEAD_GRPC_PORT: String(grpc),
          STEAD_FRONT_ENDS: String(options.frontEnds ?? 1),
          STEAD_LOG: 'warn',
          ...joining,
          ...options.env,
        },
        client,
      ).catch(async (error: unknown) => {
        await stop()
        throw error
      }),
    )
  }

  const platform: Platform = {
    home,
    url,
    client,
    runners,
    get server() {
      return server
    },
    async restartRunner(index, env = {}) {
      const before = runners[index]!
      await before.exited
      const { STEAD_FAILPOINT: _, ...kept } = before.env as Record<string, string>
      return (runners[index] = await startRunner({ ...kept, ...env }, client))
    },
    async restartRunnerAlone(index) {
      const before = runners[index]!
      await before.exited
      const { STEAD_FAILPOINT: _, ...kept } = before.env as Record<string, string>
      return (runners[index] = await startRunnerAlone(kept))
    },
    async restartServer() {
      await server.exited
      return (server = await startServer(serverEnv, client))
    },
    async push(model, content, more = {}) {
      const files = content instanceof Uint8Array ? { 'model.onnx': content } : content
      const listed = []
      for (const [path, given] of Object.entries(files)) {
        const body = typeof given === 'string' ? Buffer.from(given) : given
        const digest = Digest.parse(`sha256:${createHash('sha256').update(body).digest('hex')}`)
        await client.send(putArtifact, { params: { project: PROJECT, digest } }, { body, size: body.length })
        listed.push({ path: BundlePath.parse(path), digest })
      }
      return client.call(createVersion, {
        params: { project: PROJECT, model: ModelName.parse(model) },
        body: { files: listed, ...more },
      })
    },
    deploy: (name, model, version, config = {}) =>
      client.call(createDeployment, {
        params: { project: PROJECT },
        body: { name: DeploymentName.parse(name), model: ModelName.parse(model), version, config },
      }),
    swap: (name, version, more = {}) =>
      client.call(swapDeployment, {
        params: { project: PROJECT, deployment: DeploymentName.parse(name) },
        body: { version, ...more },
        idempotencyKey: randomUUID(),
      }),
    deployment: (name) =>
      client.call(getDeployment, { params: { project: PROJECT, deployment: DeploymentName.parse(name) } }),
    runnerStatuses: async () => (await client.call(installationStatus, {})).runners,
    stop,
  }
  return platform
}

async function startServer(env: Record<string, string>, client: Client): Promise<PlatformProcess> {
  const server = start('server', env)
  await untilUp('the server answers', () => client.call(serverHealth, {}), server)
  return server
}

async function startRunner(env: Record<string, string>, client: Client): Promise<RunnerProcess> {
  const process = start('runner', env)
  await untilUp(
    'the runner is connected',
    async () => {
      const { runners } = await client.call(installationStatus, {})
      if (!runners.some((runner) => runner.connected && runner.pid === process.pid)) throw new Error('not yet')
    },
    process,
  )
  return Object.assign(process, addressesOf(env))
}

async function startRunnerAlone(env: Record<string, string>): Promise<RunnerProcess> {
  const process = start('runner', env)
  const addresses = addressesOf(env)
  await untilUp(
    'the runner is ready',
    async () => {
      const { ok } = await fetch(`${addresses.rest}/v2/health/ready`)
      if (!ok) throw new Error('not yet')
    },
    process,
  )
  return Object.assign(process, addresses)
}

const addressesOf = (env: Record<string, string>) => ({
  rest: `http://127.0.0.1:${env.STEAD_RUNNER_PORT}`,
  grpc: `127.0.0.1:${env.STEAD_GRPC_PORT}`,
  env,
})

/** One process, whatever becomes of it. The caller ends it. */
export function start(app: 'server' | 'runner', env: Record<string, string>): PlatformProcess {
  // A test run's own settings stay out of the platform; so do the variables that vitest sets.
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const child: ChildProcess = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main(app)], {
    env: {
      PATH,
      HOME,
      NODE_COMPILE_CACHE: join(tmpdir(), 'stead-compile-cache'),
      ...(TMPDIR ? { TMPDIR } : {}),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout!.on('data', (text: Buffer) => (output += text.toString()))
  child.stderr!.on('data', (text: Buffer) => (output += text.toString()))
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  )
  return { pid: child.pid!, exited, output: () => output, kill: (signal) => void child.kill(signal) }
}

/** As `until`, for a process that is starting: one that does not come up is ended. */
async function untilUp<T>(what: string, ask: () => Promise<T>, process: PlatformProcess): Promise<T> {
  return until(what, ask, process).catch((error: unknown) => {
    process.kill('SIGKILL')
    throw error
  })
}

/** Asks until it is so; fails with what the process said when it ends before, or after a minute. */
export async function until<T>(what: string, ask: () => Promise<T>, process?: PlatformProcess): Promise<T> {
  let ended = false
  void process?.exited.then(() => (ended = true))
  let last: unknown
  for (const deadline = Date.now() + 60_000; Date.now() < deadline && !ended;) {
    try {
      return await ask()
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`it did not come about that ${what}${process ? `; the process said:\n${process.output()}` : ''}`, {
    cause: last,
  })
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
