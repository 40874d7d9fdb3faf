import { AccountName, SteadError } from '@stead/contracts'
import type { Event } from '@stead/contracts'
import type { DeploymentRef } from '../deployments/deployments.store.ts'
import type { Projects } from '../projects/projects.ts'
import type { NewOwner, OwnershipStore } from './ownership.store.ts'
import { actorOf, type Principal } from '../access/principal.ts'

/** Who answers for a deployment. */
export interface Ownership {
  /** To a member by name, or to a service account as `service:` and its name; gives the new owner in the same form. */
  handOver(ref: DeploymentRef, owner: string, by: Principal): Promise<string>
}

export interface OwnershipParts {
  readonly store: OwnershipStore
  readonly projects: Pick<Projects, 'idOf'>
  readonly publish: (event: Event) => void
}

export function createOwnership({ store, projects, publish }: OwnershipParts): Ownership {
  return {
    async handOver({ project, deployment }, text, by) {
      const owner = ownerIn(text)
      const outcome = await store.handOver(await projects.idOf(project), deployment, owner, actorOf(by))
      if (outcome === 'no deployment')
        throw new SteadError('deployment_not_found', `there is no deployment "${deployment}"`)
      if (outcome === 'no owner')
        throw new SteadError('member_not_found', `"${text}" is no member or service account of ${project}`, {
          where: 'body.owner',
        })
      if (outcome.event) publish(outcome.event)
      return text
    },
  }
}

const SERVICE = 'service:'

function ownerIn(text: string): NewOwner {
  const kind = text.startsWith(SERVICE) ? 'account' : 'person'
  const name = AccountName.safeParse(kind === 'account' ? text.slice(SERVICE.length) : text)
  if (name.success) return { kind, name: name.data }
  throw new SteadError('invalid_request', 'owner: the name of a member, or "service:" and that of a service account', {
    where: 'body.owner',
  })
}
