import { networkInterfaces } from 'node:os'
import { SteadError } from '@stead/contracts'
import { addressIn, canonical, kindOf, peerAddress } from '../../http/addresses.ts'

/** Where a runner's connection to this server comes from. */
export interface RunnerPeer {
  /** The address on the other end of the socket; a proxy's, where `forwarded`. */
  readonly remote: string
  /** Our own end of it. */
  readonly local: string
  readonly forwarded: boolean
}

/** The origin at which a runner may be asked: this server sends requests there, so it must be the runner's own. That is
 *  the address its connection comes from; any address of this machine, for a runner on it; or a host that the
 *  installation names (STEAD_RUNNER_HOSTS). A runner that listens everywhere is asked at the address it comes from.
 *  Fails with `invalid_request`. */
export function runnerOrigin(rest: string, peer: RunnerPeer, namedHosts: readonly string[]): string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(rest) ? rest : `http://${rest}`)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw refused('is no http or https address')
  if (url.username !== '' || url.password !== '') throw refused('has credentials in it')
  if (url.pathname !== '/' || /[?#\\]/.test(rest)) throw refused('has more to it than a scheme, a host and a port')
  const host = addressIn(url.hostname) ?? url.hostname
  if (namedHosts.some((named) => isSameHost(named, host))) return url.origin
  const remote = peerAddress(peer.remote)
  if (peer.forwarded)
    throw refused('cannot be told from others behind a proxy: name its host in STEAD_RUNNER_HOSTS at the server')
  if (host === '0.0.0.0' || host === '::') {
    url.hostname = remote.includes(':') ? `[${remote}]` : remote
    return url.origin
  }
  const isHere = kindOf(remote) === 'loopback' || remote === peerAddress(peer.local)
  if (host === remote || (isHere && isOfThisMachine(host))) return url.origin
  throw refused(
    `is not the address that the runner calls from (${remote}): let it listen on that one, or name its host in STEAD_RUNNER_HOSTS at the server`,
  )
}

/** What is shown of a runner's gRPC address is what people copy into their clients. One that listens everywhere is at
 *  the host of `origin`. Fails with `invalid_request`. */
export function grpcAddress(grpc: string, origin: string): string {
  if (!/^(\[[0-9a-f:.]{2,45}\]|[a-z0-9][a-z0-9._-]{0,252}):\d{1,5}$/i.test(grpc))
    throw new SteadError('invalid_request', 'query.grpc: is no host and port', { where: 'query.grpc' })
  return grpc.replace(/^(?:0\.0\.0\.0|\[::\]):/, () => `${new URL(origin).hostname}:`)
}

function isSameHost(named: string, host: string): boolean {
  const bare = addressIn(named)
  return bare === undefined ? named.toLowerCase() === host : canonical(bare) === host
}

function isOfThisMachine(host: string): boolean {
  if (host === 'localhost' || kindOf(host) === 'loopback') return true
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => peerAddress(address) === host))
}

const refused = (why: string) =>
  new SteadError('invalid_request', `query.rest: the address of the runner ${why}`, { where: 'query.rest' })
