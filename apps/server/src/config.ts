import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { LogLevel } from '@stead/chassis'
import type { ServerEnvironment } from './env.ts'

export interface ServerConfig {
  /** The directory of everything this server keeps on this machine. */
  readonly home: string
  readonly host: string
  /** 0 takes any that is free. */
  readonly port: number
  readonly database: { readonly kind: 'embedded' } | { readonly kind: 'postgres'; readonly url: string }
  readonly artifacts: FileArtifacts | S3Artifacts
  /** Names by which this server may be called besides the loopback ones. */
  readonly allowedHosts: readonly string[]
  /** Bytes of JSON that a request may have. */
  readonly maxBody: number
  /** Bytes that an artifact may have. */
  readonly maxArtifact: number
  readonly logLevel: LogLevel
  /** What is not wrong but probably not meant. */
  readonly warnings: readonly string[]
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
  return {
    home,
    host,
    port: values.STEAD_PORT,
    database: databaseFrom(values.STEAD_DATABASE_URL),
    artifacts: artifactsFrom(home, values),
    allowedHosts: allowedHostsFrom(host, values.STEAD_ALLOWED_HOSTS),
    maxBody: values.STEAD_MAX_BODY,
    maxArtifact: values.STEAD_MAX_ARTIFACT ?? Infinity,
    logLevel: values.STEAD_LOG,
    warnings: [...warnings.map(({ message }) => message), ...warnOfDeafness(host, values.STEAD_ALLOWED_HOSTS)],
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

/** A server that listens on one address may be called by it. */
function allowedHostsFrom(host: string, named: readonly string[]): readonly string[] {
  const own = isIP(host) !== 0 && !EVERYWHERE.has(host) ? [host] : []
  return [...new Set([...named, ...own])]
}

function warnOfDeafness(host: string, named: readonly string[]): string[] {
  if (!EVERYWHERE.has(host) || named.length > 0) return []
  return [`STEAD_HOST is ${host}, but STEAD_ALLOWED_HOSTS names nobody: callers from other machines will be refused.`]
}
