import { SteadError } from '@stead/contracts'
import type { AccountName, ApiToken, Event, ProjectName, ServiceAccount } from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'
import { inOrder, refuseOwnerOf } from '../members/members.ts'
import { actorOf, type Principal } from '../access/principal.ts'
import type { AccountChange, AccountStore, NewAccount } from './service-accounts.store.ts'
import type { AskedToken, MadeToken, Tokens } from '../tokens/tokens.ts'
import type { TokenOwner } from '../tokens/tokens.store.ts'

export interface AccountRef {
  readonly project: ProjectName
  readonly account: AccountName
}

/** Machines that act in one project, and the tokens by which they do. */
export interface ServiceAccounts {
  list(project: ProjectName): Promise<ServiceAccount[]>
  create(project: ProjectName, account: NewAccount, by: Principal): Promise<ServiceAccount>
  change(ref: AccountRef, change: AccountChange, by: Principal): Promise<ServiceAccount>
  remove(ref: AccountRef, by: Principal): Promise<void>
  createToken(ref: AccountRef, token: AskedToken, by: Principal): Promise<MadeToken<ApiToken>>
  revokeToken(ref: AccountRef, id: string): Promise<void>
}

export interface AccountParts {
  readonly store: AccountStore
  readonly tokens: Pick<Tokens, 'createFor' | 'revokeOf'>
  readonly projects: Pick<Projects, 'idOf'>
  readonly publish: (event: Event) => void
}

export function createServiceAccounts({ store, tokens, projects, publish }: AccountParts): ServiceAccounts {
  async function ownerOf({ project, account }: AccountRef): Promise<TokenOwner> {
    const projectId = await projects.idOf(project)
    const found = await store.find(projectId, account)
    if (!found) throw absent({ project, account })
    return { kind: 'account', id: found.id, name: account, projectId }
  }

  return {
    list: async (project) => store.list(await projects.idOf(project)),
    async create(project, account, by) {
      const made = await store.create(await projects.idOf(project), { ...account, ...inOrder(account) }, actorOf(by))
      if (!made)
        throw new SteadError('name_taken', `${project} has a service account "${account.name}" already`, {
          where: 'body.name',
        })
      publish(made.event)
      return made.account
    },
    async change({ project, account }, { description, roles, denies }, by) {
      const ordered = inOrder({ roles: roles ?? [], denies: denies ?? [] })
      const change = { description, roles: roles && ordered.roles, denies: denies && ordered.denies }
      const changed = await store.change(await projects.idOf(project), account, change, actorOf(by))
      if (!changed) throw absent({ project, account })
      if (changed.event) publish(changed.event)
      return changed.account
    },
    async remove({ project, account }, by) {
      const event = await store.remove(await projects.idOf(project), account, actorOf(by), (deployments) =>
        refuseOwnerOf(`service account "${account}"`, deployments),
      )
      if (!event) throw absent({ project, account })
      publish(event)
    },
    createToken: async (ref, token, by) => tokens.createFor(await ownerOf(ref), { ...token, projects: null }, by),
    revokeToken: async (ref, id) => tokens.revokeOf(await ownerOf(ref), id),
  }
}

const absent = ({ project, account }: AccountRef) =>
  new SteadError('account_not_found', `${project} has no service account "${account}"`)
