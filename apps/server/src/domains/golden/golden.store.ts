import type { Event, GoldenRequest } from '@stead/contracts'
import type { DeploymentRecord } from '../deployments/deployments.store.ts'

type Of = Pick<DeploymentRecord, 'id' | 'projectId' | 'name'>

/** Golden requests by deployment id, in the order they were added. `add` answers undefined when the name is taken. What
 *  comes and goes is written together with its event. */
export interface GoldenStore {
  list(deploymentId: string): Promise<GoldenRequest[]>
  add(
    deployment: Of,
    golden: Omit<GoldenRequest, 'createdAt'>,
    actor: string,
  ): Promise<{ golden: GoldenRequest; event: Event } | 'deployment_gone' | undefined>
  /** Undefined where there is none of the name. */
  remove(deployment: Of, name: string, actor: string): Promise<Event | undefined>
}
