import { SteadError } from '@stead/contracts'
import type { AccountName, changePerson, createPerson, Person, RequestOf } from '@stead/contracts'
import type { Principal } from '../access/principal.ts'
import type { PasswordHashing } from './password-hashing.ts'
import type { PeopleStore, PersonChange, Standing } from './people.store.ts'

/** The people of the installation, as its owners see to them. */
export interface People {
  list(): Promise<Person[]>
  create(person: RequestOf<typeof createPerson>['body']): Promise<Person>
  change(name: AccountName, change: RequestOf<typeof changePerson>['body'], by: Principal): Promise<Person>
  remove(name: AccountName, by: Principal): Promise<void>
}

export interface PeopleParts {
  readonly store: PeopleStore
  readonly hashing: PasswordHashing
  /** Whether single sign-on is a way in for those without a password. */
  readonly hasSso: boolean
}

export function createPeople({ store, hashing, hasSso }: PeopleParts): People {
  const hashOf = (password: string | undefined) => (password === undefined ? undefined : hashing.hash(password))
  return {
    list: () => store.list(),
    async create({ name, displayName, password, isInstallationOwner }) {
      if (isInstallationOwner && password === undefined && !hasSso) throw noWayIn(name, 'body.password')
      const passwordHash = (await hashOf(password)) ?? null
      const made = await store.create({ name, displayName: displayName ?? name, passwordHash, isInstallationOwner })
      if (!made) throw new SteadError('name_taken', `there is a person "${name}" already`, { where: 'body.name' })
      return made
    },
    async change(name, { password, ...asked }, by) {
      if (password !== undefined && isSelf(name, by))
        throw new SteadError(
          'invalid_request',
          'one’s own password is changed in one’s profile, by giving the old one',
          {
            where: 'body.password',
          },
        )
      const change: PersonChange = { ...asked, passwordHash: await hashOf(password) }
      const changed = await store.change(name, change, (standing) => {
        refuseLosingOwners(standing, change)
        const closesOut = change.isDisabled === true || change.isInstallationOwner === false
        if (closesOut && isSelf(name, by)) throw locksOut(name)
        if (change.isInstallationOwner && !change.passwordHash && !standing.person.hasPassword && !hasSso)
          throw noWayIn(name, 'body.isInstallationOwner')
      })
      if (!changed) throw noSuchPerson(name)
      return changed
    },
    async remove(name, by) {
      const isRemoved = await store.remove(name, (standing) => {
        refuseLosingOwners(standing, { isInstallationOwner: false })
        if (isSelf(name, by)) throw locksOut(name)
        refuseOwnerOfRunning(name, standing.deployments)
        refuseOwnerAlone(name, standing.ownsAlone)
      })
      if (!isRemoved) throw noSuchPerson(name)
    },
  }
}

/** Names of people are given once as long as they are there, so the same name is the same person. */
const isSelf = (name: AccountName, by: Principal) => by.kind === 'person' && by.name === name

/** An owner who is disabled is none: somebody must be able to let the others in again. */
function refuseLosingOwners({ person, otherOwners }: Standing, change: PersonChange): void {
  const isOwner = change.isInstallationOwner ?? person.isInstallationOwner
  const isActive = isOwner && !(change.isDisabled ?? person.isDisabled)
  if (otherOwners > 0 || isActive || !(isOwner || person.isInstallationOwner)) return
  throw new SteadError('last_owner', `"${person.name}" is the last owner of this installation`)
}

function refuseOwnerOfRunning(name: AccountName, deployments: readonly string[]): void {
  if (deployments.length === 0) return
  throw new SteadError('owns_running', `"${name}" answers for ${deployments.join(', ')}`, { details: { deployments } })
}

/** Disabling them is not refused: that must be possible at once, and can be undone. */
function refuseOwnerAlone(name: AccountName, projects: readonly string[]): void {
  if (projects.length === 0) return
  throw new SteadError('last_owner', `"${name}" is the last owner of the project ${projects.join(', ')}`, {
    details: { projects },
  })
}

const locksOut = (name: AccountName) =>
  new SteadError('locks_out', `you are "${name}", and would have no way back into this installation`)

const noSuchPerson = (name: AccountName) => new SteadError('person_not_found', `there is no person "${name}"`)

const noWayIn = (name: AccountName, where: string) =>
  new SteadError(
    'invalid_request',
    `"${name}" would own this installation without a way in: give a password, for there is no single sign-on`,
    { where },
  )
