import type { AccountName, DeploymentName, Event, Grants, ServiceAccount } from '@stead/contracts'

export interface NewAccount extends Grants {
  readonly name: AccountName
  readonly description: string
}

/** What is left out stays as it is. */
export interface AccountChange {
  readonly description?: string | undefined
  readonly roles?: Grants['roles'] | undefined
  readonly denies?: Grants['denies'] | undefined
}

/** Service accounts by project; a name is used once in each. A change is recorded in its transaction. */
export interface AccountStore {
  /** By name, with their tokens. */
  list(projectId: string): Promise<ServiceAccount[]>
  find(projectId: string, name: AccountName): Promise<{ id: string } | undefined>
  /** Undefined where the name is taken. */
  create(
    projectId: string,
    account: NewAccount,
    actor: string,
  ): Promise<{ account: ServiceAccount; event: Event } | undefined>
  /** Undefined for one that is not there; no event where nothing was changed. */
  change(
    projectId: string,
    name: AccountName,
    change: AccountChange,
    actor: string,
  ): Promise<{ account: ServiceAccount; event: Event | undefined } | undefined>
  /** Removes it with its tokens. `objection` is shown the deployments that it answers for; what it throws leaves everything
   *  as it was. Undefined for one that is not there. */
  remove(
    projectId: string,
    name: AccountName,
    actor: string,
    objection: (deployments: readonly DeploymentName[]) => void,
  ): Promise<Event | undefined>
}
