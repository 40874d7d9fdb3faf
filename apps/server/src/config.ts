import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { LogLevel } from '@stead/chassis'
import type { ServerEnvironment } from './env.ts'

export interface ServerConfig {
  /** The directory of everything this server keeps on this machine. */
  readonly home: string
  /** The directory of what can be made again at any time. */
  readonly cache: string
  readonly host: string
  /** Others than this machine's user can reach it. */
  readonly isExposed: boolean
  /** It listens to this machine alone, but goes by names of others: a proxy may let them in. */
  readonly isProxied: boolean
  /** The files of the certificate and its key; without them HTTP is spoken. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  /** The origin by which browsers call it, where that is another one than it listens on. */
  readonly publicUrl: string | undefined
  /** Browsers reach it by TLS, of its own or of a proxy. */
  readonly isSecure: boolean
  readonly sso: SsoConfig | undefined
  /** The file of the key that checkpoints of the audit log are signed with; one in the home where none is named. */
  readonly auditKey: string | undefined
  /** With which the runner that is supervised beside this server joins. */
  readonly joinSecret: string | undefined
  /** 0 takes any that is free. */
  readonly port: number
  readonly database:
    | {
        readonly kind: 'embedded'
        /** The folder of the database that a new home begins with a copy of. */ readonly template?: string
      }
    | { readonly kind: 'postgres'; readonly url: string }
  readonly artifacts: FileArtifacts | S3Artifacts
  /** Names by which this server may be called besides the loopback ones. */
  readonly allowedHosts: readonly string[]
  /** Hosts at which runners may be asked besides the ones that they call from. */
  readonly runnerHosts: readonly string[]
  /** Bytes of JSON that a request may have. */
  readonly maxBody: number
  /** Bytes that an artifact may have. */
  readonly maxArtifact: number
  readonly logLevel: LogLevel
  /** What is not wrong but probably not meant. */
  readonly warnings: readonly string[]
}

/** Single sign-on by OpenID Connect. */
export interface SsoConfig {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: string | undefined
  /** On the button. */
  readonly name: string
  /** Whether somebody unknown becomes a person, without any membership. */
  readonly createsPeople: boolean
}

interface FileArtifacts {
  readonly kind: 'files'
  readonly directory: string
}
interface S3Artifacts {
  readonly kind: 's3'
  readonly url: string
  readonly endpoint: string | undefined
  readonly region: string | undefined
}

const EVERYWHERE = new Set(['0.0.0.0', '::'])

/** Second step: decides, and refuses what contradicts itself. */
export function configFrom({ values, warnings }: ServerEnvironment): ServerConfig {
  const home = resolve(values.STEAD_HOME)
  const host = values.STEAD_HOST
  const publicUrl = publicUrlFrom(values.STEAD_PUBLIC_URL)
  const named = [...values.STEAD_ALLOWED_HOSTS, ...(publicUrl === undefined ? [] : [new URL(publicUrl).host])]
  return {
    home,
    cache: join(resolve(values.XDG_CACHE_HOME ?? join(homedir(), '.cache')), 'stead'),
    host,
    isExposed: !isLoopback(host) || (publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname)),
    isProxied: isLoopback(host) && values.STEAD_ALLOWED_HOSTS.some((name) => !isLoopback(name)),
    tls: tlsFrom(values),
    publicUrl,
    isSecure: values.STEAD_TLS_CERT !== undefined || publicUrl?.startsWith('https:') === true,
    sso: ssoFrom(values),
    auditKey: values.STEAD_AUDIT_KEY,
    joinSecret: values.STEAD_JOIN_SECRET,
    port: values.STEAD_PORT,
    database: databaseFrom(values.STEAD_DATABASE_URL),
    artifacts: artifactsFrom(home, values),
    allowedHosts: allowedHostsFrom(host, named),
    runnerHosts: values.STEAD_RUNNER_HOSTS,
    maxBody: values.STEAD_MAX_BODY,
    maxArtifact: values.STEAD_MAX_ARTIFACT ?? Infinity,
    logLevel: values.STEAD_LOG,
    warnings: [...warnings.map(({ message }) => message), ...warnOfDeafness(host, named)],
  }
}

function databaseFrom(url: string | undefined): ServerConfig['database'] {
  if (url === undefined) return { kind: 'embedded' }
  const scheme = URL.parse(url)?.protocol
  if (scheme === 'postgres:' || scheme === 'postgresql:') return { kind: 'postgres', url }
  throw new Error('STEAD_DATABASE_URL must begin with postgres://. Leave it out for the embedded database.')
}

function artifactsFrom(
  home: string,
  { STEAD_ARTIFACTS: place, STEAD_S3_ENDPOINT: endpoint, AWS_REGION: region }: ServerEnvironment['values'],
): ServerConfig['artifacts'] {
  if (place?.startsWith('s3:')) {
    if (!/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/|$)/.test(place))
      throw new Error(`STEAD_ARTIFACTS is "${place}"; expected s3://bucket or s3://bucket/prefix.`)
    return { kind: 's3', url: place, endpoint: endpoint?.href, region }
  }
  if (endpoint !== undefined)
    throw new Error('STEAD_S3_ENDPOINT is set, but STEAD_ARTIFACTS does not begin with s3://. Set both or neither.')
  if (place?.includes('://'))
    throw new Error(`STEAD_ARTIFACTS is "${place}"; expected a directory or s3://bucket/prefix.`)
  return { kind: 'files', directory: place === undefined ? home : resolve(place) }
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/i, '')
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

function publicUrlFrom(url: URL | undefined): string | undefined {
  if (url === undefined) return undefined
  if (url.href !== `${url.origin}/`)
    throw new Error(
      'STEAD_PUBLIC_URL must be a scheme and a host, such as https://stead.example.org, and nothing else.',
    )
  return url.origin
}

function tlsFrom({ STEAD_TLS_CERT: cert, STEAD_TLS_KEY: key }: ServerEnvironment['values']): ServerConfig['tls'] {
  if (cert !== undefined && key !== undefined) return { cert: resolve(cert), key: resolve(key) }
  if (cert === undefined && key === undefined) return undefined
  const [set, unset] = key === undefined ? ['STEAD_TLS_CERT', 'STEAD_TLS_KEY'] : ['STEAD_TLS_KEY', 'STEAD_TLS_CERT']
  throw new Error(`${set} is set, but ${unset} is not. Set both or neither.`)
}

function ssoFrom(values: ServerEnvironment['values']): SsoConfig | undefined {
  const { STEAD_OIDC_ISSUER: issuer, STEAD_OIDC_CLIENT_ID: clientId } = values
  if (issuer === undefined || clientId === undefined) {
    const stray = Object.entries(values).find(([name, value]) => name.startsWith('STEAD_OIDC_') && value !== undefined)
    if (stray === undefined) return undefined
    throw new Error(`${stray[0]} is set; single sign-on takes STEAD_OIDC_ISSUER and STEAD_OIDC_CLIENT_ID as well.`)
  }
  if (issuer.protocol !== 'https:' && !isLoopback(issuer.hostname))
    throw new Error('STEAD_OIDC_ISSUER must begin with https://: who signs in must not be said in the clear.')
  return {
    issuer,
    clientId,
    clientSecret: values.STEAD_OIDC_CLIENT_SECRET,
    name: values.STEAD_OIDC_NAME ?? issuer.hostname,
    createsPeople: values.STEAD_OIDC_CREATE ?? false,
  }
}

/** A server that listens on one address may be called by it. */
function allowedHostsFrom(host: string, named: readonly string[]): readonly string[] {
  const own = isIP(host) !== 0 && !EVERYWHERE.has(host) ? [host] : []
  return [...new Set([...named, ...own])]
}

function warnOfDeafness(host: string, named: readonly string[]): string[] {
  if (!EVERYWHERE.has(host) || named.length > 0) return []
  return [`STEAD_HOST is ${host}, but STEAD_ALLOWED_HOSTS names nobody: callers from other machines will be refused.`]
}
