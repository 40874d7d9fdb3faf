import type { AccountName, Person } from '@stead/contracts'

/** A person as the rules see them. */
export interface KnownPerson extends Person {
  readonly id: string
}

export interface NewPerson {
  readonly name: AccountName
  readonly displayName: string
  readonly passwordHash: string | null
  readonly isInstallationOwner: boolean
}

export interface PersonChange {
  readonly displayName?: string | undefined
  readonly passwordHash?: string | undefined
  readonly isInstallationOwner?: boolean | undefined
  readonly isDisabled?: boolean | undefined
}

/** What a change of a person is judged by. */
export interface Standing {
  readonly person: KnownPerson
  /** Owners of the installation who are not disabled, beside this person. */
  readonly otherOwners: number
  /** The deployments that the person answers for, up to a hundred. */
  readonly deployments: readonly string[]
  /** The projects that have no other owner who can sign in. */
  readonly ownsAlone: readonly string[]
}

/** The people of the installation. A change and its entry in the audit log are one transaction; changes of owners come
 *  one after the other, so that what `judge` is told still holds when the change is made. What `judge` throws undoes it. */
export interface PeopleStore {
  list(): Promise<Person[]>
  /** Undefined when the name is taken. */
  create(person: NewPerson): Promise<Person | undefined>
  /** Undefined when there is no such person. A new password and being disabled end the sessions, but `keepSession`. */
  change(
    name: AccountName,
    change: PersonChange,
    judge: (standing: Standing) => void,
    keepSession?: string,
  ): Promise<Person | undefined>
  /** False when there is no such person. Sessions, tokens and memberships go with them. */
  remove(name: AccountName, judge: (standing: Standing) => void): Promise<boolean>
}
