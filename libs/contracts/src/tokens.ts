import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { Instant, Label, ProjectName } from './names.ts'
import { ACT_NAMES } from './roles.ts'
import type { Act } from './roles.ts'

/** Credentials of machines. Each is shown once, when it is made, and kept as a hash. They are sent as
 *  `Authorization: Bearer …`, or as the password of Basic authentication under any user name. */

/** What a token says it is, before its secret part. */
export const TOKEN_PREFIXES = {
  person: 'stead_pat_',
  account: 'stead_sat_',
  runner: 'stead_join_',
  key: 'stead_key_',
} as const

const TokenAct = z.enum(ACT_NAMES as [Act, ...Act[]], { error: 'act: none of those there are; see stead access roles' })
/** Counted before they are looked at: what is wrong with each of very many would take a second to tell. */
const GivenActs = z.array(z.string()).min(1).max(ACT_NAMES.length).pipe(z.array(TokenAct))

export const ApiToken = z.object({
  id: z.string(),
  name: z.string(),
  /** The beginning of the secret, to tell tokens apart. */
  hint: z.string(),
  /** Only in these projects, and only these acts; null for all that its owner may. A token never allows more than its
   *  owner may at that moment. */
  projects: z.array(ProjectName).nullable(),
  acts: z.array(TokenAct).nullable(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
})
export type ApiToken = z.infer<typeof ApiToken>

/** The only time that the secret is told. */
export const NewSecret = z.object({ secret: z.string() })

export const TokenName = Label

export const NewToken = z.object({
  name: TokenName,
  projects: z.array(ProjectName).min(1).max(100).nullable().default(null),
  acts: GivenActs.nullable().default(null),
  /** Days until it expires; null for a token that lasts until it is revoked. */
  days: z.number().int().min(1).max(3650).nullable().default(90),
})

const OneToken = z.object({ token: z.string().max(100) })

export const listTokens = endpoint({
  act: 'token.list',
  method: 'GET',
  path: '/api/v1/me/tokens',
  says: 'Lists one’s API tokens, without their secrets.',
  returns: z.object({ tokens: z.array(ApiToken) }),
  fails: ['unauthenticated'],
})

export const createToken = endpoint({
  act: 'token.create',
  method: 'POST',
  path: '/api/v1/me/tokens',
  says: 'Makes an API token for oneself and shows its secret, once.',
  status: 201,
  body: NewToken,
  returns: ApiToken.extend(NewSecret.shape),
  fails: ['unauthenticated', 'forbidden', 'invalid_request', 'name_taken'],
})

export const revokeToken = endpoint({
  act: 'token.revoke',
  method: 'DELETE',
  path: '/api/v1/me/tokens/:token',
  says: 'Revokes one of one’s API tokens at once, open streams included.',
  status: 204,
  params: OneToken,
  fails: ['unauthenticated', 'token_not_found'],
})

/** Lets runners join: as many as have it, until it is revoked. */
export const JoinToken = ApiToken.omit({ projects: true, acts: true })
export type JoinToken = z.infer<typeof JoinToken>

export const listJoinTokens = endpoint({
  act: 'runner.admit',
  method: 'GET',
  path: '/api/v1/join-tokens',
  says: 'Lists the join tokens of runners and workers, without their secrets.',
  returns: z.object({ tokens: z.array(JoinToken) }),
  fails: ['unauthenticated', 'forbidden'],
})

export const createJoinToken = endpoint({
  act: 'runner.admit',
  method: 'POST',
  path: '/api/v1/join-tokens',
  says: 'Makes a token with which runners and workers join, and shows its secret, once.',
  status: 201,
  body: NewToken.pick({ name: true, days: true }),
  returns: JoinToken.extend(NewSecret.shape),
  fails: ['unauthenticated', 'forbidden', 'invalid_request', 'name_taken'],
})

export const revokeJoinToken = endpoint({
  act: 'runner.admit',
  method: 'DELETE',
  path: '/api/v1/join-tokens/:token',
  says: 'Revokes a join token; runners that joined with it are cut off, and go on detached for as long as that is allowed.',
  status: 204,
  params: OneToken,
  fails: ['unauthenticated', 'forbidden', 'token_not_found'],
})
