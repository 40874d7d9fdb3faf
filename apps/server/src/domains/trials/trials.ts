import type { Clock } from '@stead/chassis'
import { SteadError, VersionNumber } from '@stead/contracts'
import type { Generation, InferenceRequest, RunnerStatus, Trial } from '@stead/contracts'
import type { Deployments } from '../deployments/deployments.ts'
import type { DeploymentRecord, DeploymentRef } from '../deployments/deployments.store.ts'
import type { Passwords } from '../runners/passwords.ts'
import type { Presence } from '../runners/presence.ts'
import type { AskRunner } from './ask-runner.ts'

export interface TrialRequest {
  readonly request: InferenceRequest
  readonly version?: VersionNumber | undefined
  /** The sticky key. */
  readonly key?: string | undefined
}

/** Single requests that people try on a deployment through the server. */
export interface Trials {
  try(ref: DeploymentRef, asked: TrialRequest, requestId: string, signal: AbortSignal): Promise<Trial>
}

export interface TrialParts {
  readonly deployments: Pick<Deployments, 'find'>
  readonly presence: Pick<Presence, 'statuses'>
  readonly ask: AskRunner
  /** A runner that asks for keys lets the server in by its own. */
  readonly passwords: Pick<Passwords, 'of'>
  readonly clock: Clock
}

export function createTrials({ deployments, presence, ask, passwords, clock }: TrialParts): Trials {
  return {
    async try(ref, { request, version, key }, requestId, signal) {
      const record = await deployments.find(ref)
      const runner = runnerFor(record, version, presence.statuses())
      if (!runner) throw new SteadError('no_runner')
      const ofVersion = version === undefined ? '' : `/versions/${version}`
      const begun = clock.monotonic()
      const { status, headers, answer } = await ask(
        {
          runner: runner.name,
          url: `${restBase(runner.rest)}/v2/models/${encodeURIComponent(record.name)}${ofVersion}/infer`,
          headers: {
            authorization: `Bearer ${passwords.of(runner.name)}`,
            'x-request-id': requestId,
            ...(key === undefined ? {} : { 'stead-key': key }),
          },
          body: JSON.stringify(request),
        },
        signal,
      )
      return {
        runner: runner.name,
        status,
        version: VersionNumber.safeParse(numberIn(headers.get('stead-version'))).data ?? null,
        generation: (numberIn(headers.get('stead-generation')) ?? null) as Generation | null,
        requestId: headers.get('x-request-id'),
        ms: Math.round((clock.monotonic() - begun) * 100) / 100,
        answer,
      }
    },
  }
}

/** Best the one where the wanted version is ready, then one that has any engine of the deployment, then any: a parked
 *  deployment has none, and its first request loads it. */
function runnerFor(
  { name, current }: DeploymentRecord,
  version: VersionNumber | undefined,
  runners: readonly RunnerStatus[],
): RunnerStatus | undefined {
  const wanted = version === undefined ? current.routes.map((route) => route.version) : [version]
  const fitness = ({ engines }: RunnerStatus) => {
    const ours = engines.filter(({ deployment, model }) => deployment === name && model === current.model)
    const ready = ours.filter((engine) => wanted.includes(engine.version))
    if (ready.some(({ state }) => state === 'serving')) return 3
    if (ready.some(({ state }) => state === 'standby' || state === 'ready')) return 2
    return ours.length > 0 ? 1 : 0
  }
  const connected = runners.filter((runner) => runner.connected).map((runner) => ({ runner, fitness: fitness(runner) }))
  return connected.toSorted((a, b) => b.fitness - a.fitness)[0]?.runner
}

/** Runners tell their address with or without its scheme. */
const restBase = (rest: string) => (/^https?:\/\//.test(rest) ? rest : `http://${rest}`).replace(/\/+$/, '')

const numberIn = (header: string | null) => (header !== null && /^\d{1,15}$/.test(header) ? Number(header) : undefined)
