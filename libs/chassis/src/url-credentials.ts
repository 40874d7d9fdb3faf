/** Names of parameters that say of themselves that they carry a credential; compared without case, dashes, dots and
 *  underscores. */
const NAMES = new Set([
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'authtoken',
  'apitoken',
  'apikey',
  'xapikey',
  'key',
  'auth',
  'authorization',
  'bearer',
  'jwt',
  'password',
  'passwd',
  'secret',
  'clientsecret',
  'credential',
  'credentials',
  'session',
  'sessionid',
])
/** Enough to see through an address that was put into an address twice. */
const DECODINGS = 4

/** Where in the target of a request a credential stands: `query.NAME`, `query`, `path` or `authority`; undefined where
 *  there is none. One is a parameter named like one, or text that begins like one of `prefixes`, however often it is
 *  percent-encoded. What is given back never has anything of the credential in it. */
export function credentialIn(target: string, prefixes: readonly string[]): string | undefined {
  const holdsSecret = (text: string) => prefixes.some((prefix) => text.includes(prefix))
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(target)) return 'authority'
  const mark = target.indexOf('?')
  if (mark >= 0) {
    for (const pair of target.slice(mark + 1).split(/[&;]/)) {
      const equals = pair.indexOf('=')
      const name = decoded(equals < 0 ? pair : pair.slice(0, equals))
      const speaksOfOne = NAMES.has(plain(name))
      if (!speaksOfOne && !holdsSecret(decoded(pair))) continue
      return (speaksOfOne || /^[\w.-]{1,40}$/.test(name)) && !holdsSecret(name) ? `query.${name}` : 'query'
    }
  }
  if (!holdsSecret(decoded(target))) return undefined
  return mark < 0 || holdsSecret(decoded(target.slice(0, mark))) ? 'path' : 'query'
}

const plain = (name: string) => name.toLowerCase().replaceAll(/[-_.\s[\]]/g, '')

/** Escapes that are none stay as they are: a broken one must not hide what stands beside it. */
function decoded(text: string): string {
  let known = text
  for (let round = 0; round < DECODINGS && known.includes('%'); round++) {
    const next = known.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    if (next === known) break
    known = next
  }
  return known
}
