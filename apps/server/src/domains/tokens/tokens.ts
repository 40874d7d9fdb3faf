import type { Clock } from '@stead/chassis'
import { mayInProject, SteadError } from '@stead/contracts'
import type { Act, ApiToken, JoinToken, ProjectName } from '@stead/contracts'
import type { Projects } from '../projects/projects.ts'
import type { Person, Principal } from '../access/principal.ts'
import { newSecret } from './secrets.ts'
import type { TokenOwner, TokenStore } from './tokens.store.ts'

export interface AskedToken {
  readonly name: string
  readonly acts: readonly Act[] | null
  /** Until it expires; null for never. */
  readonly days: number | null
}

type ForProjects = AskedToken & { readonly projects: readonly ProjectName[] | null }

/** The only time that the secret is told. */
export type MadeToken<T extends JoinToken> = T & { readonly secret: string }

/** Tokens of people, of service accounts, and those with which runners join. */
export interface Tokens {
  list(by: Principal): Promise<ApiToken[]>
  create(asked: ForProjects, by: Principal): Promise<MadeToken<ApiToken>>
  revoke(id: string, by: Principal): Promise<void>
  listJoin(): Promise<JoinToken[]>
  createJoin(asked: Omit<AskedToken, 'acts'>, by: Principal): Promise<MadeToken<JoinToken>>
  revokeJoin(id: string): Promise<void>
  createFor(owner: TokenOwner, asked: ForProjects, by: Principal): Promise<MadeToken<ApiToken>>
  revokeOf(owner: TokenOwner, id: string): Promise<void>
}

export interface TokenParts {
  readonly store: TokenStore
  readonly projects: Pick<Projects, 'idOf'>
  readonly clock: Pick<Clock, 'now'>
}

const DAY_MS = 86_400_000
const RUNNERS: TokenOwner = { kind: 'runner' }

export function createTokens({ store, projects, clock }: TokenParts): Tokens {
  async function createFor(owner: TokenOwner, asked: ForProjects, by: Principal): Promise<MadeToken<ApiToken>> {
    refuseNarrowed(by)
    const { secret, hash, hint } = newSecret(owner.kind)
    const { name, days } = asked
    const expiresAt = days === null ? null : new Date(clock.now().getTime() + days * DAY_MS).toISOString()
    const scope = { projects: asked.projects && [...asked.projects], acts: asked.acts && [...asked.acts] }
    const made = await store.create(owner, { name, hash, hint, expiresAt, ...scope })
    if (made === 'name_taken')
      throw new SteadError('name_taken', `there is a token "${name}" already`, { where: 'body.name' })
    if (made === 'owner_gone') throw ownerGone(owner)
    return { ...made, secret }
  }

  async function revokeOf(owner: TokenOwner, id: string): Promise<void> {
    if (!(await store.revoke(owner, id))) throw new SteadError('token_not_found')
  }

  /** A project that they may not see is one that is not there. */
  async function refuseUnseen(names: readonly ProjectName[], person: Person): Promise<void> {
    for (const [index, name] of names.entries()) {
      const id = await projects.idOf(name).catch(undefinedIfAbsent)
      const grants = id === undefined ? undefined : person.grants.get(id)
      const sees = person.isInstallationOwner ? id !== undefined : grants && mayInProject('project.get', grants)
      if (!sees)
        throw new SteadError('invalid_request', `there is no project "${name}"`, { where: `body.projects.${index}` })
    }
  }

  return {
    // Who has no name here has no tokens either.
    list: async (by) => (by.kind === 'person' ? store.list(by) : []),
    async create(asked, by) {
      const person = personIn(by)
      if (asked.projects) await refuseUnseen(asked.projects, person)
      return createFor({ kind: 'person', id: person.id, name: person.name }, asked, by)
    },
    revoke: async (id, by) => revokeOf(personIn(by), id),
    listJoin: async () => (await store.list(RUNNERS)).map(withoutScope),
    async createJoin(asked, by) {
      const { secret, ...token } = await createFor(RUNNERS, { ...asked, projects: null, acts: null }, by)
      return { ...withoutScope(token), secret }
    },
    revokeJoin: (id) => revokeOf(RUNNERS, id),
    createFor,
    revokeOf,
  }
}

const withoutScope = ({ projects: _projects, acts: _acts, ...token }: ApiToken): JoinToken => token

function undefinedIfAbsent(error: unknown): undefined {
  if (!(error instanceof SteadError)) throw error
}

function personIn(by: Principal): Person {
  if (by.kind === 'person') return by
  if (by.kind === 'local')
    throw new SteadError(
      'unauthenticated',
      'a token is for a person, and this installation has none that signs in yet: stead access create-owner NAME',
    )
  throw new SteadError('forbidden', 'only a person has tokens of their own')
}

/** A token that makes tokens would not stay as narrow as it is. */
function refuseNarrowed(by: Principal): void {
  if (!('scope' in by) || (by.scope.projects === null && by.scope.acts === null)) return
  throw new SteadError('forbidden', 'a token that is narrowed to projects or acts cannot make tokens')
}

const ownerGone = (owner: TokenOwner) =>
  owner.kind === 'account'
    ? new SteadError('account_not_found', `there is no service account "${owner.name}" any more`)
    : new SteadError('unauthenticated', 'whoever asks for this token has been removed')
