import type { Clock } from '@stead/chassis'
import type { Generation, GenerationRecord, GoldenRequest, Signature, Stage, Transcript } from '@stead/contracts'
import { refuseUnfitting } from '../golden/fitting.ts'
import type { DeploymentRecord, DeploymentStore } from './deployments.store.ts'
import { heaviest } from './plans.ts'

/** What happens in a change, in order, told while it happens and kept for its transcript. */
export interface Stages {
  readonly list: Stage[]
  add(stage: Stage): void
  time<T>(name: string, act: () => Promise<T>): Promise<T>
}

export function gatherStages(clock: Clock, onStage: (stage: Stage) => void): Stages {
  const list: Stage[] = []
  const add = (stage: Stage) => {
    list.push(stage)
    onStage(stage)
  }
  return {
    list,
    add,
    async time(name, act) {
      const start = clock.monotonic()
      const ms = () => Math.round((clock.monotonic() - start) * 100) / 100
      try {
        const result = await act()
        add({ name, ms: ms(), ok: true })
        return result
      } catch (error) {
        add({ name, ms: ms(), ok: false, reason: error instanceof Error ? error.message : String(error) })
        throw error
      }
    },
  }
}

/** Those golden requests that callers of this contract could send. One that was written for an earlier contract says
 *  nothing about a version that keeps this one: it is left aside, and the transcript tells so. */
export function fittingGolden(all: readonly GoldenRequest[], contract: Signature, stages: Stages): GoldenRequest[] {
  return all.filter(({ name, request, assertion }) => {
    try {
      refuseUnfitting(contract, request, assertion)
      return true
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error)
      stages.add({
        name: `golden ${name}`,
        ms: 0,
        ok: true,
        reason: `left aside, written for another contract: ${because}`,
      })
      return false
    }
  })
}

/** The transcript of a change that was committed under the same idempotency key, perhaps before a crash. */
export async function retold(
  store: Pick<DeploymentStore, 'generation'>,
  record: DeploymentRecord,
  first: GenerationRecord,
): Promise<Transcript> {
  const before =
    first.generation > 1 ? await store.generation(record.id, (first.generation - 1) as Generation) : undefined
  return {
    deployment: record.name,
    kind: first.kind,
    from: before ? heaviest(before) : null,
    to: heaviest(first),
    generation: first.generation,
    change: first.change,
    stages: first.stages,
    detached: [],
  }
}
