import type { AccountName, DeploymentName, Event, Grants, Member } from '@stead/contracts'

/** A person as they stand in a project before a change of it. */
export interface Standing {
  readonly personId: string
  readonly isInstallationOwner: boolean
  readonly isDisabled: boolean
  /** Their own there; undefined for those who are no members. */
  readonly grants: Grants | undefined
  /** What the other members hold; those who are disabled are left out. */
  readonly others: readonly Grants[]
  /** Those in the project that they answer for. */
  readonly deployments: readonly DeploymentName[]
}

/** Throws what speaks against a change. */
export type Objection = (standing: Standing) => void

/** Members of projects. The members of one project change one after another: what `objection` was shown still holds
 *  at the commit, and what it throws leaves everything as it was. A change is recorded in its transaction. */
export interface MemberStore {
  /** By name, the installation's owners among them. */
  list(projectId: string): Promise<Member[]>
  /** Undefined for a person that is not there; no event where nothing was changed. */
  set(
    projectId: string,
    person: AccountName,
    grants: Grants,
    actor: string,
    objection: Objection,
  ): Promise<{ member: Member; event: Event | undefined } | undefined>
  /** Undefined for somebody who is no member. */
  remove(projectId: string, person: AccountName, actor: string, objection: Objection): Promise<Event | undefined>
}
