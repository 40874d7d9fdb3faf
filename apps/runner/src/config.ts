import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
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
  readonly token: string | undefined
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
  return {
    name: RunnerName.parse(env.STEAD_RUNNER_NAME ?? nameOf(home)),
    home,
    host: env.STEAD_HOST,
    serverUrl: env.STEAD_URL.href,
    token: env.STEAD_TOKEN,
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

const isWildcard = (host: string) => host === '0.0.0.0' || host === '::'
