import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { RunnerName } from '@stead/contracts'
import { FAILPOINTS } from './control/failpoints.ts'
import type { Failpoint } from './control/failpoints.ts'
import { defaultEngineMemory } from './engines/memory.ts'
import type { RunnerEnvironment } from './env.ts'

export interface RunnerConfig {
  readonly name: RunnerName
  readonly home: string
  readonly host: string
  readonly serverUrl: string
  /** With which it joins. */
  readonly token: string | undefined
  /** Others than this machine's user can reach it. */
  readonly isExposed: boolean
  /** How long keys count after the server was last heard of. */
  readonly detachedKeysMs: number
  /** The files of the certificate and its key; without them nothing is encrypted. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  readonly restPort: number
  readonly grpcPort: number
  readonly frontEnds: number
  readonly engineMemory: number
  readonly standbyMs: number
  readonly drainMs: number
  readonly maxBody: number
  readonly allowedHosts: readonly string[]
  readonly failpoint: Failpoint | undefined
  /** The OTEL_ variables as they are: their names and meanings are OpenTelemetry's. */
  readonly telemetry: Readonly<Record<string, string | undefined>>
}

/** Decides what the environment left open, and refuses what contradicts itself. */
export function decideConfig(env: RunnerEnvironment, telemetry: RunnerConfig['telemetry'] = {}): RunnerConfig {
  const home = resolve(env.STEAD_RUNNER_HOME ?? join(env.STEAD_HOME, 'runner'))
  if (env.STEAD_RUNNER_PORT !== 0 && env.STEAD_RUNNER_PORT === env.STEAD_GRPC_PORT) {
    throw new Error(`STEAD_RUNNER_PORT and STEAD_GRPC_PORT are both ${env.STEAD_GRPC_PORT}; give them different ports`)
  }
  const isExposed = !isLoopback(env.STEAD_HOST)
  if (isExposed && env.STEAD_TOKEN === undefined)
    throw new Error(
      `STEAD_HOST is ${env.STEAD_HOST}, where other machines reach this runner, but there is no STEAD_TOKEN: without one ` +
        'the server does not tell it who may call. Set it to a join token that an owner of the installation has made, ' +
        'or listen on 127.0.0.1.',
    )
  return {
    name: RunnerName.parse(env.STEAD_RUNNER_NAME ?? nameOf(home)),
    home,
    host: env.STEAD_HOST,
    serverUrl: env.STEAD_URL.href,
    token: env.STEAD_TOKEN,
    isExposed,
    detachedKeysMs: env.STEAD_DETACHED_KEYS,
    tls: tlsFrom(env),
    restPort: env.STEAD_RUNNER_PORT,
    grpcPort: env.STEAD_GRPC_PORT,
    frontEnds: env.STEAD_FRONT_ENDS,
    engineMemory: env.STEAD_ENGINE_MEMORY ?? defaultEngineMemory(),
    standbyMs: env.STEAD_STANDBY,
    drainMs: env.STEAD_DRAIN,
    maxBody: env.STEAD_MAX_BODY,
    allowedHosts: [...env.STEAD_ALLOWED_HOSTS, ...(isWildcard(env.STEAD_HOST) ? [] : [env.STEAD_HOST])],
    failpoint: failpointFrom(env.STEAD_FAILPOINT),
    telemetry,
  }
}

function tlsFrom({ STEAD_TLS_CERT: cert, STEAD_TLS_KEY: key }: RunnerEnvironment): RunnerConfig['tls'] {
  if (cert !== undefined && key !== undefined) return { cert: resolve(cert), key: resolve(key) }
  if (cert === undefined && key === undefined) return undefined
  const [set, unset] = key === undefined ? ['STEAD_TLS_CERT', 'STEAD_TLS_KEY'] : ['STEAD_TLS_KEY', 'STEAD_TLS_CERT']
  throw new Error(`${set} is set, but ${unset} is not. Set both or neither.`)
}

/** A name that nothing reaches would let a test pass that proves nothing. */
function failpointFrom(asked: string | undefined): Failpoint | undefined {
  const known = FAILPOINTS.find((name) => name === asked)
  if (asked !== undefined && known === undefined)
    throw new Error(`STEAD_FAILPOINT is "${asked}"; there are ${FAILPOINTS.join(', ')}`)
  return known
}

/** The same home has the same name after every restart; two homes of one machine have different ones. */
function nameOf(home: string): string {
  const machine =
    hostname()
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 60) || 'runner'
  return `${machine}-${createHash('sha256').update(home).digest('hex').slice(0, 6)}`
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
const isWildcard = (host: string) => host === '0.0.0.0' || host === '::'
