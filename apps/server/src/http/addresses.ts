import { BlockList, isIP } from 'node:net'

/** What an address reaches. `translated` ones carry another address within and reach what that one does, by way of
 *  somebody else; `special` ones reach nobody, everybody, or what no service should be. */
export type AddressKind = 'public' | 'loopback' | 'private' | 'link-local' | 'translated' | 'special'

/** From the registries of special-purpose addresses of IANA (RFC 6890 and what came after it). */
const RANGES: readonly (readonly [Exclude<AddressKind, 'public'>, readonly string[]])[] = [
  ['loopback', ['127.0.0.0/8', '::1/128']],
  // 100.64 is shared among the customers of a carrier, and what several private networks are made of.
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15', 'fc00::/7']],
  // Where clouds keep the credentials of their machines.
  ['link-local', ['169.254.0.0/16', 'fe80::/10', 'fec0::/10']],
  ['translated', ['64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32']],
  ['special', ['0.0.0.0/8', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.51.100.0/24', '203.0.113.0/24']],
  // Multicast, reserved and broadcast.
  ['special', ['224.0.0.0/4', '240.0.0.0/4', 'ff00::/8']],
  ['special', ['::/96', '100::/64', '2001:2::/48', '2001:10::/28', '2001:db8::/32', '3fff::/20', '5f00::/16']],
]

const LISTS = RANGES.map(([kind, ranges]) => ({ kind, v4: listOf(ranges, 'ipv4'), v6: listOf(ranges, 'ipv6') }))

function listOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [net = '', bits] = range.split('/')
    if (`ipv${isIP(net)}` === family) list.addSubnet(net, Number(bits), family)
  }
  return list
}

/** What an IPv4 or IPv6 address reaches; one with a zone counts as link-local. Text that is no address is `special`. */
export function kindOf(address: string): AddressKind {
  if (address.includes('%')) return 'link-local'
  const family = isIP(address)
  if (family === 0) return 'special'
  if (family === 6 && isMapped(address)) return 'translated'
  const found = LISTS.find(({ v4, v6 }) => (family === 4 ? v4.check(address, 'ipv4') : v6.check(address, 'ipv6')))
  return found?.kind ?? 'public'
}

/** The host of a URL as an address: without the brackets of IPv6. Undefined for a name. */
export function addressIn(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return isIP(bare) === 0 ? undefined : bare
}

/** The address of a peer as people write it: a socket for both families shows IPv4 peers as mapped addresses. */
export function peerAddress(shown: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(shown)
  const bare = mapped?.[1] ?? shown.replace(/%.*$/, '')
  return canonical(bare)
}

/** An address in its one short spelling, so that two can be compared as text. */
export const canonical = (address: string): string =>
  isIP(address) === 6 ? (URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? address) : address

// BlockList would answer for the IPv4 address within, whatever list it is asked of.
const isMapped = (address: string) => canonical(address).startsWith('::ffff:')
