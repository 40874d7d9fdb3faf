import { addressIn, kindOf } from '../../http/addresses.ts'
import type { Resolved } from '../../http/outgoing.ts'

export interface AddressRules {
  /** Only where nobody else can reach this server, for those who develop a receiver beside it. */
  readonly mayBeLoopback: boolean
  readonly resolve: (name: string) => Promise<readonly Resolved[]>
}

/** Why an address must not be told of events; undefined for one that may. Names are asked for again at every delivery:
 *  what is refused here is what would never work, and a name that nobody knows now may come to be known. */
export async function objectionTo(
  given: string,
  { mayBeLoopback, resolve }: AddressRules,
): Promise<string | undefined> {
  if (given.trim() === '') return 'Webhook URL cannot be empty or just whitespace'
  const url = URL.parse(given)
  if (url === null) return 'Invalid webhook URL: it is none'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return schemeRefused(url)
  if (url.hostname === '') return 'Webhook URL must include a hostname'
  if (url.username !== '' || url.password !== '') return 'Webhook URL must not hold credentials: use a secret instead'
  const literal = addressIn(url.hostname)
  const addresses = literal === undefined ? await resolve(url.hostname).catch(() => []) : [{ address: literal }]
  const kinds = addresses.map(({ address }) => ({ address, kind: kindOf(address) }))
  const isLoopback = kinds.length > 0 && kinds.every(({ kind }) => kind === 'loopback')
  if (isLoopback && mayBeLoopback) return undefined
  if (url.protocol === 'http:') return schemeRefused(url)
  const refused = kinds.find(({ kind }) => kind !== 'public')
  return (
    refused &&
    `Webhook URL must not resolve to a non-public IP address. '${url.hostname}' resolves to ${refused.address}.`
  )
}

const schemeRefused = ({ protocol }: URL) =>
  `Invalid webhook URL scheme: '${protocol.slice(0, -1)}'. Allowed schemes are: https.`
