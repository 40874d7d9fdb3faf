import type { GoldenRequest } from '@stead/contracts'

/** Golden requests by deployment id, in the order they were added. `add` answers undefined when the name is taken. */
export interface GoldenStore {
  list(deploymentId: string): Promise<GoldenRequest[]>
  add(
    projectId: string,
    deploymentId: string,
    golden: Omit<GoldenRequest, 'createdAt'>,
  ): Promise<GoldenRequest | 'deployment_gone' | undefined>
  remove(deploymentId: string, name: string): Promise<boolean>
}
