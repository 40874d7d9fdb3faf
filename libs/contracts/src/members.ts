import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { AccountName, DeploymentName, Instant } from './names.ts'
import { InProject } from './projects.ts'
import { ACT_NAMES, ROLES } from './roles.ts'
import type { Role } from './roles.ts'
import { ApiToken, NewSecret, NewToken } from './tokens.ts'

const NOUNS = new Set(ACT_NAMES.map((act) => act.split('.', 1)[0]!))
const ACTS_KNOWN = new Set<string>(ACT_NAMES)

export const Roles = z.array(z.enum(ROLES as readonly [Role, ...Role[]])).max(ROLES.length)
export const Denial = z
  .string()
  .refine((text) => ACTS_KNOWN.has(text) || (text.endsWith('.*') && NOUNS.has(text.slice(0, -2))), {
    error: 'denial: an act such as "deployment.swap", or all those of a noun, "deployment.*"',
  })
const GivenGrants = z.object({
  roles: Roles.min(1, { error: 'roles: at least one; remove the member to take all' }),
  denies: z.array(Denial).max(100).default([]),
})

export const Member = z.object({
  name: AccountName,
  displayName: z.string(),
  roles: z.array(z.enum(ROLES)),
  denies: z.array(z.string()),
  /** By owning the installation: cannot be changed here. */
  isInherited: z.boolean(),
  since: Instant,
  /** The deployments here that they answer for. */
  deployments: z.array(DeploymentName),
})
export type Member = z.infer<typeof Member>

const OneMember = InProject.extend({ member: AccountName })

export const listMembers = endpoint({
  act: 'member.list',
  method: 'GET',
  path: '/api/v1/projects/:project/members',
  says: 'Lists the people of a project with their roles.',
  params: InProject,
  returns: z.object({ members: z.array(Member) }),
  fails: ['project_not_found'],
})

export const setMember = endpoint({
  act: 'member.set',
  method: 'PUT',
  path: '/api/v1/projects/:project/members/:member',
  says: 'Makes a person a member, or changes what they may do; it counts from their next request on.',
  params: OneMember,
  body: GivenGrants,
  returns: Member,
  fails: ['project_not_found', 'person_not_found', 'invalid_request', 'forbidden', 'last_owner', 'locks_out'],
})

export const removeMember = endpoint({
  act: 'member.remove',
  method: 'DELETE',
  path: '/api/v1/projects/:project/members/:member',
  says: 'Takes a person out of a project, their open streams included.',
  status: 204,
  params: OneMember,
  fails: ['project_not_found', 'member_not_found', 'forbidden', 'last_owner', 'locks_out', 'owns_running'],
})

export const setDeploymentOwner = endpoint({
  act: 'deployment.own',
  method: 'PUT',
  path: '/api/v1/projects/:project/deployments/:deployment/owner',
  says: 'Hands a deployment over to another member or service account, who answers for it from then on.',
  params: InProject.extend({ deployment: DeploymentName }),
  /** A member’s name, or `service:` and the name of a service account. */
  body: z.object({ owner: z.string().max(120) }),
  returns: z.object({ owner: z.string().nullable() }),
  fails: ['project_not_found', 'deployment_not_found', 'member_not_found', 'forbidden', 'invalid_request'],
})

/** A machine that acts in one project: a build, a schedule, a notebook server. In events it is `service:` and its name. */
export const ServiceAccount = z.object({
  name: AccountName,
  description: z.string(),
  roles: z.array(z.enum(ROLES)),
  denies: z.array(z.string()),
  createdAt: Instant,
  /** Those in its project that it answers for. */
  deployments: z.array(DeploymentName),
  tokens: z.array(ApiToken),
})
export type ServiceAccount = z.infer<typeof ServiceAccount>

const OneAccount = InProject.extend({ account: AccountName })

export const listAccounts = endpoint({
  act: 'account.list',
  method: 'GET',
  path: '/api/v1/projects/:project/service-accounts',
  says: 'Lists the service accounts of a project with their tokens, without secrets.',
  params: InProject,
  returns: z.object({ accounts: z.array(ServiceAccount) }),
  fails: ['project_not_found'],
})

export const createAccount = endpoint({
  act: 'account.create',
  method: 'POST',
  path: '/api/v1/projects/:project/service-accounts',
  says: 'Makes a service account.',
  status: 201,
  params: InProject,
  body: GivenGrants.extend({ name: AccountName, description: z.string().max(1000).default('') }),
  returns: ServiceAccount,
  fails: ['project_not_found', 'invalid_request', 'forbidden', 'name_taken'],
})

export const changeAccount = endpoint({
  act: 'account.change',
  method: 'PATCH',
  path: '/api/v1/projects/:project/service-accounts/:account',
  says: 'Changes what a service account may do, or how it is described.',
  params: OneAccount,
  body: z.object({
    description: z.string().max(1000).optional(),
    roles: GivenGrants.shape.roles.optional(),
    denies: z.array(Denial).max(100).optional(),
  }),
  returns: ServiceAccount,
  fails: ['project_not_found', 'account_not_found', 'invalid_request', 'forbidden'],
})

export const deleteAccount = endpoint({
  act: 'account.delete',
  method: 'DELETE',
  path: '/api/v1/projects/:project/service-accounts/:account',
  says: 'Removes a service account; its tokens stop working at once.',
  status: 204,
  params: OneAccount,
  fails: ['project_not_found', 'account_not_found', 'forbidden', 'owns_running'],
})

export const createAccountToken = endpoint({
  act: 'account.change',
  method: 'POST',
  path: '/api/v1/projects/:project/service-accounts/:account/tokens',
  says: 'Makes an API token for a service account and shows its secret, once.',
  status: 201,
  params: OneAccount,
  body: NewToken.omit({ projects: true }),
  returns: ApiToken.extend(NewSecret.shape),
  fails: ['project_not_found', 'account_not_found', 'invalid_request', 'forbidden', 'name_taken'],
})

export const revokeAccountToken = endpoint({
  act: 'account.change',
  method: 'DELETE',
  path: '/api/v1/projects/:project/service-accounts/:account/tokens/:token',
  says: 'Revokes a token of a service account at once, open streams included.',
  status: 204,
  params: OneAccount.extend({ token: z.string().max(100) }),
  fails: ['project_not_found', 'account_not_found', 'token_not_found', 'forbidden'],
})
