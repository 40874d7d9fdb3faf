import { SteadError } from '@stead/contracts'
import type { Generation, GenerationRecord } from '@stead/contracts'
import type { DeploymentRecord, DeploymentStore } from './deployments.store.ts'

type Generations = Pick<DeploymentStore, 'generation'>

/** Repeated rollbacks go further back instead of to and fro: a rollback stands where the generation it restored
 *  stood, and parking and waking stand where the generation before them stood. Undefined at the first. */
export async function rollbackTarget(
  store: Generations,
  record: DeploymentRecord,
): Promise<GenerationRecord | undefined> {
  let base: GenerationRecord | undefined = record.current
  while (base && (base.restores !== null || base.kind === 'park' || base.kind === 'wake')) {
    base = await at(store, record, base.restores ?? base.generation - 1)
  }
  return base && at(store, record, base.generation - 1)
}

export async function generationNamed(
  store: Generations,
  record: DeploymentRecord,
  generation: Generation,
): Promise<GenerationRecord> {
  const found = await at(store, record, generation)
  if (!found)
    throw new SteadError('generation_not_found', `deployment "${record.name}" has no generation ${generation}`)
  return found
}

const at = (store: Generations, record: DeploymentRecord, generation: number) =>
  generation < 1 ? Promise.resolve(undefined) : store.generation(record.id, generation as Generation)
