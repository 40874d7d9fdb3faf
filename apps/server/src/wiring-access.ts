import type { Clock, Log } from '@stead/chassis'
import type { Kysely } from 'kysely'
import type { ServerConfig } from './config.ts'
import type { Tables } from './database/tables.ts'
import type { Gate } from './domains/access/gate.ts'
import { serveMembers } from './domains/members/members.http.ts'
import { sqlMemberStore } from './domains/members/members.sql.ts'
import { createMembers } from './domains/members/members.ts'
import { sqlOwnershipStore } from './domains/members/ownership.sql.ts'
import { createOwnership } from './domains/members/ownership.ts'
import { serveServiceAccounts } from './domains/service-accounts/service-accounts.http.ts'
import { sqlAccountStore } from './domains/service-accounts/service-accounts.sql.ts'
import { createServiceAccounts } from './domains/service-accounts/service-accounts.ts'
import { serveTokens } from './domains/tokens/tokens.http.ts'
import { sqlTokenStore } from './domains/tokens/tokens.sql.ts'
import { createTokens } from './domains/tokens/tokens.ts'
import { createPasswordHashing } from './domains/people/password-hashing.ts'
import { servePeople } from './domains/people/people.http.ts'
import { sqlPeopleStore } from './domains/people/people.sql.ts'
import { createPeople } from './domains/people/people.ts'
import { createProfileChange } from './domains/people/profile.ts'
import { serveSessions } from './domains/sessions/sessions.http.ts'
import { sqlSessionStore } from './domains/sessions/sessions.sql.ts'
import { createSessions } from './domains/sessions/sessions.ts'
import { openProvider } from './domains/sessions/sso/provider.ts'
import { createSealing } from './domains/sessions/sso/sealing.ts'
import { ON_THE_WAY_MS, serveSso } from './domains/sessions/sso/sso.http.ts'
import { sqlSsoStore } from './domains/sessions/sso/sso.sql.ts'
import { createSso } from './domains/sessions/sso/sso.ts'
import { createThrottle } from './domains/sessions/throttle.ts'
import type { OnRefused } from './domains/sessions/sessions.ts'
import type { Events } from './domains/events/events.ts'
import type { Projects } from './domains/projects/projects.ts'
import type { Mount } from './http/mount.ts'

export interface AccessParts {
  readonly config: Pick<ServerConfig, 'sso' | 'isSecure' | 'publicUrl'>
  readonly kysely: Kysely<Tables>
  readonly mount: Mount
  readonly gate: Gate
  readonly projects: Projects
  readonly publish: Events['publish']
  readonly clock: Clock
  readonly log: Log
  readonly onRefused: OnRefused
}

/** People and machines, how they show who they are, and what each may do. */
export function serveAccess(parts: AccessParts): void {
  serveRights(parts)
  serveAccounts(parts)
}

function serveRights({ kysely, mount, projects, publish, clock }: AccessParts): void {
  const tokens = createTokens({ store: sqlTokenStore(kysely), projects, clock })
  serveMembers(
    mount,
    createMembers({ store: sqlMemberStore(kysely), projects, publish }),
    createOwnership({ store: sqlOwnershipStore(kysely), projects, publish }),
  )
  serveServiceAccounts(mount, createServiceAccounts({ store: sqlAccountStore(kysely), tokens, projects, publish }))
  serveTokens(mount, tokens)
}

function serveAccounts({ config, kysely, mount, gate, projects, clock, log, onRefused }: AccessParts): void {
  const people = sqlPeopleStore(kysely)
  const sessionStore = sqlSessionStore(kysely)
  const hashing = createPasswordHashing()
  const throttle = createThrottle(clock)
  const sessions = createSessions({
    store: sessionStore,
    hashing,
    throttle,
    gate,
    projects,
    clock,
    sso: config.sso,
    onRefused,
  })
  servePeople(mount, createPeople({ store: people, hashing, hasSso: config.sso !== undefined }))
  serveSessions(mount, {
    sessions,
    changeProfile: createProfileChange({ people, store: sessionStore, hashing, throttle }),
    isSecure: config.isSecure,
  })
  const sso =
    config.sso &&
    createSso({
      provider: openProvider(config.sso, clock),
      store: sqlSsoStore(kysely),
      sessions,
      throttle,
      sealing: createSealing('single sign-on', ON_THE_WAY_MS, clock),
      createsPeople: config.sso.createsPeople,
      onFailure: (reason) => log.warn({ reason }, 'single sign-on failed'),
      onRefused,
    })
  serveSso(mount, { sso, signOut: sessions.signOut, publicUrl: config.publicUrl, isSecure: config.isSecure })
}
