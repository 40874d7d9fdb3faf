import { randomBytes } from 'node:crypto'
import { getCompileCacheDir } from 'node:module'
import type { ChildSpec, Supervisor } from '@stead/chassis'
import { localUrl } from './platform.ts'
import type { Addresses } from './platform.ts'

export interface Installation {
  readonly serverPath: string
  readonly runnerPath: string
  readonly addresses: Addresses
  /** For both programs, beside what the addresses say. */
  readonly env: Readonly<Record<string, string>>
}

export interface Standing {
  readonly server: string
  readonly runner: { readonly name: string; readonly rest: string; readonly grpc: string }
}

/** Supervises a server and a runner. Both start at once: a runner serves from its journal before the server answers,
 *  and follows it from then on. The supervisors are two, so that the runner can be ended first. Resolves when the
 *  runner is connected; rejects when either is stopped before. */
export async function startInstallation(
  installation: Installation,
  supervisors: { server: Supervisor; runner: Supervisor },
): Promise<Standing> {
  const { serverPath, runnerPath, addresses, env } = installation
  const url = localUrl(addresses.host, addresses.port, addresses.tls)
  // For as long as both live: the server knows its runner by it, whoever else is asked for credentials.
  const joinSecret = randomBytes(32).toString('base64url')
  // What was compiled at one start is there at the next, which spares a second or so.
  const common = { NODE_COMPILE_CACHE: getCompileCacheDir(), ...env, STEAD_HOST: addresses.host }
  const server = supervisors.server.start({
    ...program('server', serverPath),
    // What only the runner reads, the server would warn of as unknown.
    env: {
      ...common,
      STEAD_PORT: `${addresses.port}`,
      STEAD_JOIN_SECRET: joinSecret,
      STEAD_TOKEN: undefined,
      STEAD_RUNNER_PORT: undefined,
      STEAD_GRPC_PORT: undefined,
      STEAD_URL: undefined,
    },
    ready: (signal) => answers(`${url}/api/v1/health`, signal),
  })
  let runner: Standing['runner'] | undefined
  const connected = supervisors.runner.start({
    ...program('runner', runnerPath),
    env: {
      ...common,
      STEAD_URL: url,
      STEAD_TOKEN: joinSecret,
      STEAD_JOIN_SECRET: undefined,
      STEAD_RUNNER_PORT: `${addresses.runnerPort}`,
      STEAD_GRPC_PORT: `${addresses.grpcPort}`,
    },
    ready: async (signal) => {
      runner = await connectedRunner({ url, token: joinSecret, port: addresses.runnerPort }, signal)
      return runner !== undefined
    },
  })
  await Promise.all([server.firstReady, connected.firstReady])
  if (!runner) throw new Error('the runner was ready without being known')
  return { server: url, runner }
}

function program(name: string, path: string): Pick<ChildSpec, 'name' | 'command' | 'args'> {
  return { name, command: process.execPath, args: ['--disable-warning=ExperimentalWarning', path] }
}

// A probe that hangs must not hold up the next one.
const PROBE_MS = 2_000
const withLimit = (signal: AbortSignal) => AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)])

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(url, { signal: withLimit(signal) })
  await response.body?.cancel()
  return response.ok
}

interface KnownRunner {
  readonly name: string
  readonly connected: boolean
  readonly rest: string
  readonly grpc: string
}

/** Asks the server rather than the runner: a runner that listens but is not heard of serves nobody. */
async function connectedRunner(
  { url, token, port }: { url: string; token: string; port: number },
  signal: AbortSignal,
): Promise<KnownRunner | undefined> {
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch(`${url}/api/v1/status`, { headers, signal: withLimit(signal) })
  const { runners } = (await response.json()) as { runners: readonly KnownRunner[] }
  return runners.find(({ connected, rest }) => connected && rest.replace(/\/+$/, '').endsWith(`:${port}`))
}
