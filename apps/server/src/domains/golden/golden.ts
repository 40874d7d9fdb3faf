import { randomUUID } from 'node:crypto'
import { SteadError } from '@stead/contracts'
import type {
  Assertion,
  DeploymentName,
  Event,
  GoldenRequest,
  InferenceRequest,
  Recording,
  RunnerName,
  RunnerReport,
} from '@stead/contracts'
import type { Deployments } from '../deployments/deployments.ts'
import type { DeploymentRecord, DeploymentRef } from '../deployments/deployments.store.ts'
import type { Desired } from '../runners/desired.ts'
import type { Presence } from '../runners/presence.ts'
import { refuseUnfitting } from './fitting.ts'
import type { GoldenStore } from './golden.store.ts'

export interface NewGolden {
  readonly name?: string | undefined
  readonly request: InferenceRequest
  readonly assertion: Assertion
}

/** Golden requests of deployments, and the recordings that gather them from live traffic. */
export interface Golden {
  list(ref: DeploymentRef): Promise<GoldenRequest[]>
  add(ref: DeploymentRef, golden: NewGolden, actor: string): Promise<GoldenRequest>
  remove(ref: DeploymentRef, name: string, actor: string): Promise<void>
  /** Keeps the next requests of live traffic. A newer recording of a deployment ends the one under way. */
  record(ref: DeploymentRef, asked: Omit<Recording, 'id'>): Promise<void>
  onReport(runner: RunnerName, report: RunnerReport): void
  /** Ends all recordings: the deployments may be others now. */
  forget(): void
}

export interface GoldenParts {
  readonly store: GoldenStore
  readonly deployments: Pick<Deployments, 'find'>
  readonly desired: Desired
  readonly presence: Pick<Presence, 'members'>
  readonly publish: (event: Event) => void
  readonly onDropped: (reason: unknown) => void
}

interface Underway {
  readonly id: string
  readonly ref: DeploymentRef
  left: number
}
type Recorded = Extract<RunnerReport, { kind: 'recorded' }>

export function createGolden({ store, deployments, desired, presence, publish, onDropped }: GoldenParts): Golden {
  const recordings = new Map<DeploymentName, Underway>()
  // One after another, so that several runners together never keep more than was asked for.
  let lastKept: Promise<void> = Promise.resolve()

  async function keep(
    record: DeploymentRecord,
    { name, request, assertion }: NewGolden,
    actor: string,
  ): Promise<GoldenRequest> {
    refuseUnfitting(record.current.contract, request, assertion)
    for (;;) {
      const chosen = name ?? nextName(await store.list(record.id))
      const kept = await store.add(record, { name: chosen, request, assertion }, actor)
      if (kept === 'deployment_gone')
        throw new SteadError('deployment_not_found', `deployment "${record.name}" has just been deleted`)
      if (kept) {
        publish(kept.event)
        return kept.golden
      }
      if (name !== undefined)
        throw new SteadError('name_taken', `deployment "${record.name}" has a golden request "${name}" already`, {
          where: 'body.name',
        })
    }
  }

  async function keepRecorded({ deployment, recording, request, assertion }: Recorded): Promise<void> {
    const underway = recordings.get(deployment)
    if (underway?.id !== recording || underway.left === 0) return
    await keep(await deployments.find(underway.ref), { request, assertion }, 'recording')
    underway.left -= 1
    if (underway.left === 0) end(deployment, underway)
  }

  function end(name: DeploymentName, underway: Underway): void {
    if (recordings.get(name) !== underway) return
    recordings.delete(name)
    tell(name, null)
  }

  function tell(name: DeploymentName, recording: Recording | null): void {
    const state = desired.get(name)
    if (state) desired.put({ ...state, recording })
  }

  return {
    list: async (ref) => store.list((await deployments.find(ref)).id),
    add: async (ref, golden, actor) => keep(await deployments.find(ref), golden, actor),
    async remove(ref, name, actor) {
      const record = await deployments.find(ref)
      const event = await store.remove(record, name, actor)
      if (!event)
        throw new SteadError('golden_not_found', `deployment "${record.name}" has no golden request "${name}"`)
      publish(event)
    },
    async record(ref, asked) {
      const { current } = await deployments.find(ref)
      const unknown = asked.redact.find((name) => !current.contract.inputs.some((input) => input.name === name))
      if (unknown !== undefined)
        throw new SteadError('invalid_request', `the contract has no input "${unknown}" to redact`, {
          where: 'body.redact',
        })
      if (presence.members().length === 0) throw new SteadError('no_runner')
      const underway = { id: randomUUID(), ref, left: asked.count }
      recordings.set(ref.deployment, underway)
      tell(ref.deployment, { ...asked, id: underway.id })
    },
    onReport(_runner, report) {
      if (report.kind === 'recorded') lastKept = lastKept.then(() => keepRecorded(report)).catch(onDropped)
    },
    forget() {
      for (const [name, underway] of recordings) end(name, underway)
    },
  }
}

/** The lowest number above all that were given, so that a name is not soon used for another request. */
function nextName(kept: readonly GoldenRequest[]): string {
  const numbers = kept.map(({ name }) => Number(/^golden-(\d{1,9})$/.exec(name)?.[1] ?? 0))
  return `golden-${numbers.reduce((most, number) => Math.max(most, number), 0) + 1}`
}
