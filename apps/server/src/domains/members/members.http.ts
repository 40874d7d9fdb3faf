import { listMembers, removeMember, setDeploymentOwner, setMember } from '@stead/contracts'
import type { Mount } from '../../http/mount.ts'
import type { Members } from './members.ts'
import type { Ownership } from './ownership.ts'

export function serveMembers(mount: Mount, members: Members, ownership: Ownership): void {
  mount(listMembers, async ({ params }) => ({ members: await members.list(params.project) }))
  mount(setMember, ({ params, body }, { principal }) => members.set(params.project, params.member, body, principal))
  mount(removeMember, ({ params }, { principal }) => members.remove(params.project, params.member, principal))
  mount(setDeploymentOwner, async ({ params, body }, { principal }) => ({
    owner: await ownership.handOver(params, body.owner, principal),
  }))
}
