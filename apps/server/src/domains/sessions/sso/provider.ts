import * as oidc from 'openid-client'

/** Who somebody is, as the provider says and signs. */
export interface Claims {
  readonly issuer: string
  readonly subject: string
  readonly preferredUsername: string | undefined
  /** Only one that the provider has verified. */
  readonly email: string | undefined
  readonly displayName: string | undefined
}

/** What must be kept, by the browser alone, until the provider has sent it back. */
export interface Pending {
  readonly redirectTo: string
  readonly verifier: string
  readonly state: string
  readonly nonce: string
}

/** A provider of OpenID Connect, by the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0,
 *  3.1; RFC 7636; RFC 9207). It is asked for its addresses when it is first needed, and again some time later. */
export interface Provider {
  /** Where to send the browser. */
  begin(redirectTo: string): Promise<{ readonly address: URL; readonly pending: Pending }>
  /** Throws when what came back is not the answer to what is pending. `query` begins with its question mark. */
  finish(query: string, pending: Pending): Promise<Claims>
}

export interface ProviderConfig {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: string | undefined
}

const SCOPE = 'openid profile email'
const TIMEOUT_S = 10
const REDISCOVER_MS = 3_600_000

export function openProvider(
  { issuer, clientId, clientSecret }: ProviderConfig,
  clock: { monotonic(): number },
): Provider {
  let known: { readonly provider: Promise<oidc.Configuration>; readonly since: number } | undefined

  function discover(): Promise<oidc.Configuration> {
    const now = clock.monotonic()
    if (known && now - known.since < REDISCOVER_MS) return known.provider
    // config.ts lets http through for loopback alone.
    const execute = issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : []
    const provider = oidc.discovery(issuer, clientId, clientSecret, authenticationBy(clientSecret), {
      execute,
      timeout: TIMEOUT_S,
    })
    known = { provider, since: now }
    provider.catch(() => (known = undefined))
    return provider
  }

  return {
    async begin(redirectTo) {
      const provider = await discover()
      const verifier = oidc.randomPKCECodeVerifier()
      const pending = { redirectTo, verifier, state: oidc.randomState(), nonce: oidc.randomNonce() }
      const address = oidc.buildAuthorizationUrl(provider, {
        redirect_uri: redirectTo,
        scope: SCOPE,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: pending.state,
        nonce: pending.nonce,
      })
      return { address, pending }
    },
    async finish(query, { redirectTo, verifier, state, nonce }) {
      const provider = await discover()
      const tokens = await oidc.authorizationCodeGrant(provider, new URL(query, redirectTo), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      })
      const { iss, sub, ...inToken } = tokens.claims()!
      const asked = provider.serverMetadata().userinfo_endpoint
        ? await oidc.fetchUserInfo(provider, tokens.access_token, sub)
        : {}
      return claimsIn(iss, sub, { ...inToken, ...asked })
    },
  }
}

/** As the provider takes it; where it does not say, by Basic (OpenID Connect Discovery 1.0, 3). */
function authenticationBy(secret: string | undefined): oidc.ClientAuth {
  if (secret === undefined) return oidc.None()
  const [byBasic, byPost] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)]
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const authenticate = methods.includes('client_secret_basic') ? byBasic : byPost
    return authenticate(server, client, body, headers)
  }
}

function claimsIn(issuer: string, subject: string, told: Readonly<Record<string, unknown>>): Claims {
  const text = (name: string) => {
    const value = told[name]
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
  }
  return {
    issuer,
    subject,
    preferredUsername: text('preferred_username'),
    email: told['email_verified'] === true ? text('email') : undefined,
    displayName: text('name'),
  }
}

/** Whether the provider, or the person there, said no; everything else is a failure. */
export const isRefusal = (error: unknown): boolean => error instanceof oidc.AuthorizationResponseError
