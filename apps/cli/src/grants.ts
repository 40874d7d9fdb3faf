import type { ApiToken, Role } from '@stead/contracts'
import type { Context, Options, OptionSpecs } from './command.ts'
import { UsageError } from './failures.ts'
import { age } from './text.ts'

/** Written out, for help loads no contracts; a test holds it to theirs. */
export const ROLE_NAMES = [
  'viewer',
  'contributor',
  'operator',
  'reviewer',
  'owner',
  'auditor',
] as const satisfies readonly Role[]

export const ROLE_OPTION = { takes: 'ROLE', oneOf: ROLE_NAMES, many: true, says: 'A role to hold.' } as const
export const DENY_OPTION = {
  takes: 'ACT',
  many: true,
  says: 'An act that no role allows them, like deployment.swap, or all those of a noun, like "deployment.*".',
} as const

export interface GivenGrants {
  readonly roles: Role[]
  readonly denies: string[]
}

/** Roles and denials together are replaced: without a role there is nothing to replace them with. */
export function grantsFrom({ role, deny }: { role: readonly Role[]; deny: readonly string[] }): GivenGrants {
  if (role.length === 0)
    throw new UsageError('--role is missing', `Give at least one of ${ROLE_NAMES.join(', ')}; see: stead access roles`)
  return { roles: [...role], denies: [...deny] }
}

export const LIFE_OPTIONS = {
  days: { takes: 'N', number: { whole: true, min: 1, max: 3650 }, says: 'How long it lasts; 90 days otherwise.' },
  'no-expiry': { says: 'It lasts until it is revoked.' },
} as const satisfies OptionSpecs

export const ACT_OPTION = {
  takes: 'ACT',
  many: true,
  says: 'Only for this act, like deployment.swap; all that its owner may otherwise.',
} as const

/** Undefined leaves it to the platform. */
export function daysFrom(options: Options<typeof LIFE_OPTIONS>): number | null | undefined {
  if (options['no-expiry'] && options.days !== undefined)
    throw new UsageError('a token has either --days or --no-expiry')
  return options['no-expiry'] ? null : options.days
}

/** An act that is none is told by the contract, in the body of the call. */
export const actsFrom = (acts: readonly string[]): ApiToken['acts'] =>
  acts.length === 0 ? null : ([...acts] as NonNullable<ApiToken['acts']>)

/** The secret goes alone to stdout, to be taken up by a script; what to know of it beside it. */
export function tellSecret({ name, secret }: { name: string; secret: string }, context: Context, use: string): void {
  context.note(`token ${name} is made; this is the only time that it is shown. ${use}`)
  context.print(secret)
}

type Token = Omit<ApiToken, 'projects' | 'acts'> & Partial<Pick<ApiToken, 'projects' | 'acts'>>
export const TOKEN_HEAD = ['TOKEN', 'BEGINS', 'FOR', 'MADE', 'EXPIRES', 'LAST USED'] as const

export const tokenCells = ({ name, hint, projects, acts, createdAt, expiresAt, lastUsedAt }: Token): string[] => [
  name,
  `${hint}…`,
  [...(projects ?? []), ...(acts ?? [])].join(' ') || 'all',
  age(createdAt, Date.now()),
  expiresAt === null ? 'never' : expiresAt < new Date().toISOString() ? 'expired' : expiresAt.slice(0, 10),
  lastUsedAt === null ? 'never' : age(lastUsedAt, Date.now()),
]

/** One of them by its name or id; the platform tells of one that is not there. */
export const tokenIdOf = (tokens: readonly Pick<Token, 'id' | 'name'>[], given: string): string =>
  tokens.find(({ id, name }) => id === given || name === given)?.id ?? given
