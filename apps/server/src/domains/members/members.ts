import { ROLES, SteadError } from '@stead/contracts'
import type { AccountName, Event, Grants, Member, ProjectName } from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'
import type { MemberStore, Standing } from './members.store.ts'
import { actorOf, type Principal } from '../access/principal.ts'

/** The people of a project and what they may do in it. */
export interface Members {
  list(project: ProjectName): Promise<Member[]>
  set(project: ProjectName, person: AccountName, grants: Grants, by: Principal): Promise<Member>
  remove(project: ProjectName, person: AccountName, by: Principal): Promise<void>
}

export interface MemberParts {
  readonly store: MemberStore
  readonly projects: Pick<Projects, 'idOf'>
  readonly publish: (event: Event) => void
}

export function createMembers({ store, projects, publish }: MemberParts): Members {
  return {
    list: async (project) => store.list(await projects.idOf(project)),
    async set(project, person, given, by) {
      const grants = inOrder(given)
      const changed = await store.set(await projects.idOf(project), person, grants, actorOf(by), (standing) => {
        refuseLoss(project, person, standing, grants, by)
        refuseOwnerWithoutMembers(person, standing, grants)
      })
      if (!changed) throw new SteadError('person_not_found', `there is no person "${person}"`)
      if (changed.event) publish(changed.event)
      return changed.member
    },
    async remove(project, person, by) {
      const event = await store.remove(await projects.idOf(project), person, actorOf(by), (standing) => {
        if (!standing.grants) throw noMember(project, person, standing)
        refuseLoss(project, person, standing, undefined, by)
        if (!standing.isInstallationOwner) refuseOwnerOf(`"${person}"`, standing.deployments)
      })
      if (!event) throw new SteadError('member_not_found', `"${person}" is no member of ${project}`)
      publish(event)
    },
  }
}

/** Throws `owns_running` for those who still answer for deployments. */
export function refuseOwnerOf(who: string, deployments: readonly string[]): void {
  if (deployments.length === 0) return
  throw new SteadError('owns_running', `${who} answers for ${deployments.join(', ')}`, { details: { deployments } })
}

/** Each role once, in the order of the table, so that the same grants are always the same document. */
export const inOrder = ({ roles, denies }: Grants): Grants => ({
  roles: ROLES.filter((role) => roles.includes(role)),
  denies: [...new Set(denies)].toSorted(),
})

const deniesMembers = ({ denies }: Grants) => denies.some((denial) => denial.startsWith('member.'))

/** Whether somebody with these grants says who else may. */
const isInCharge = (grants: Grants | undefined) =>
  grants !== undefined && grants.roles.includes('owner') && !deniesMembers(grants)

function refuseLoss(
  project: ProjectName,
  person: AccountName,
  { personId, isDisabled, grants, others }: Standing,
  after: Grants | undefined,
  by: Principal,
): void {
  if (isDisabled || !isInCharge(grants) || isInCharge(after)) return
  if (!others.some(isInCharge)) throw new SteadError('last_owner', `"${person}" is the last owner of ${project}`)
  if (by.kind === 'person' && by.id === personId && !by.isInstallationOwner)
    throw new SteadError('locks_out', `nobody takes their own ownership of ${project}`)
}

function refuseOwnerWithoutMembers(person: AccountName, { isInstallationOwner }: Standing, grants: Grants): void {
  if (!deniesMembers(grants) || !(isInstallationOwner || grants.roles.includes('owner'))) return
  throw new SteadError('invalid_request', `an owner says who else may: that cannot be denied to "${person}"`, {
    where: 'body.denies',
  })
}

function noMember(project: ProjectName, person: AccountName, { isInstallationOwner }: Standing): SteadError {
  const why = isInstallationOwner
    ? `"${person}" owns the installation and with it ${project}; that is changed with: stead access people`
    : `"${person}" is no member of ${project}`
  return new SteadError('member_not_found', why)
}
