import { TOKEN_PREFIXES } from '@stead/contracts'

/** What a caller shows, as it was written: an `Authorization` header, or `X-API-Key` and its value. */
export type Shown = string

const API_KEY = 'X-API-Key '
const LONGEST = 1024

type Header = string | string[] | undefined

/** A key of its own header counts before `Authorization`, which may be for a proxy on the way. */
export function shownIn(authorization: Header, apiKey: Header): Shown | undefined {
  const key = first(apiKey)
  if (key !== undefined) return API_KEY + key
  return first(authorization)
}

const first = (header: Header) => (typeof header === 'string' ? header : header?.[0])

/** The secret within: of `Bearer`, of the password of `Basic` under any name, or of `X-API-Key`. */
export function secretIn(shown: Shown): string | undefined {
  if (shown.length > LONGEST) return undefined
  if (shown.startsWith(API_KEY)) return shown.slice(API_KEY.length).trim()
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+) *$/i.exec(shown) ?? []
  if (scheme === '') return undefined
  if (scheme.length === 'bearer'.length) return value
  const text = Buffer.from(value, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : text.slice(colon + 1)
}

/** Only the server can judge these. */
export const isApiToken = (secret: string): boolean =>
  secret.startsWith(TOKEN_PREFIXES.person) || secret.startsWith(TOKEN_PREFIXES.account)
