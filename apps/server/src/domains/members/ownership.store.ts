import type { AccountName, DeploymentName, Event } from '@stead/contracts'

/** Somebody who can answer for a deployment: a member of its project or a service account of it. */
export interface NewOwner {
  readonly kind: 'person' | 'account'
  readonly name: AccountName
}

/** Who answers for which deployment. Nobody leaves a project while something of theirs is being handed over, so that
 *  an owner is always one who is there. A change is recorded in its transaction. */
export interface OwnershipStore {
  /** No event where they answered for it already. */
  handOver(
    projectId: string,
    deployment: DeploymentName,
    owner: NewOwner,
    actor: string,
  ): Promise<{ event: Event | undefined } | 'no deployment' | 'no owner'>
}
