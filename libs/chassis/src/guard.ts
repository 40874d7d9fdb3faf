/** What the guard looks at of a request. Node's IncomingMessage fits; `rawHeaders` is how a second Host is seen,
 *  for Node keeps only the first in `headers`. Without `httpVersion` a request counts as HTTP/1.1. */
export interface GuardedRequest {
  readonly method?: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawHeaders?: readonly string[]
  readonly httpVersion?: string
}

export type RefusalCode =
  | 'host_missing'
  | 'host_repeated'
  | 'host_not_allowed'
  | 'origin_not_allowed'
  | 'cross_site'
  | 'content_type_not_allowed'

export interface Refusal {
  readonly status: 400 | 403 | 415
  readonly code: RefusalCode
  readonly message: string
  readonly where: string
  readonly fix: string
}

export interface GuardOptions {
  /** Names by which this port may be called besides the loopback ones: `name`, `name:port`, an IP address. */
  readonly allowedHosts: readonly string[]
  /** The port listened on. When given, a name without a port of its own is good on this port or on none
   *  (a proxy on 80 or 443); otherwise on any. */
  readonly port?: number
  /** Media types that a body may have; the default is JSON and octets, which no HTML form can send. */
  readonly contentTypes?: readonly string[]
}

export type Guard = (request: GuardedRequest) => Refusal | undefined

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])
const READS = new Set(['GET', 'HEAD', 'OPTIONS'])
const DEFAULT_CONTENT_TYPES = ['application/json', 'application/octet-stream']

// Without the u flag `i` folds ASCII only: the Kelvin sign is no k. Userinfo, percent and unicode do not match at all.
const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9][a-z0-9._-]{0,252})(?::([1-9][0-9]{0,4}))?$/i
const ORIGIN = /^(https?):\/\/([^/?#@\\\s]+)$/i

/** Keeps web pages of other sites away from a port: a rebound DNS name arrives with a foreign Host, a foreign page
 *  with a foreign Origin, an HTML form with a form's content type. Spellings that browsers never send (a trailing
 *  dot, a decimal IP, a long IPv6 form) are refused rather than understood. */
export function createGuard({ allowedHosts, port, contentTypes = DEFAULT_CONTENT_TYPES }: GuardOptions): Guard {
  const hostIsAllowed = remembered(hostRule(allowedHosts, port))
  const contentTypeIsAllowed = remembered(contentTypeRule(contentTypes))

  return (request) => {
    const headers = request.headers
    const host = headers.host ?? headers[':authority']
    if (host === undefined) {
      if (request.httpVersion !== '1.0' || headers.origin !== undefined) return MISSING
    } else {
      if (typeof host !== 'string' || hasSecondHost(request)) return REPEATED
      if (!hostIsAllowed(host)) return hostRefusal(host)
      const origin = headers.origin
      if (origin !== undefined && !isSameOrigin(origin, host)) return originRefusal(origin)
    }
    if (READS.has(request.method ?? 'GET')) return undefined
    if (headers['sec-fetch-site'] === 'cross-site') return CROSS_SITE
    if (hasBody(headers) && !contentTypeIsAllowed(text(headers['content-type']))) {
      return contentTypeRefusal(text(headers['content-type']), contentTypes)
    }
    return undefined
  }
}

interface AllowedHost {
  readonly name: string
  readonly port: string | undefined
}

function hostRule(allowedHosts: readonly string[], port: number | undefined): (host: string) => boolean {
  const allowed = allowedHosts.map(readAllowedHost)
  const ownPort = port === undefined ? undefined : String(port)

  return (host) => {
    const parsed = splitHost(host)
    if (!parsed) return false
    if (LOOPBACK.has(parsed.name)) return true
    return allowed.some((entry) => {
      if (entry.name !== parsed.name) return false
      if (entry.port !== undefined) return entry.port === parsed.port
      return ownPort === undefined || parsed.port === undefined || parsed.port === ownPort
    })
  }
}

function splitHost(host: string): AllowedHost | undefined {
  const match = HOST.exec(host)
  if (!match?.[1] || Number(match[2] ?? 0) > 65_535) return undefined
  return { name: match[1].toLowerCase(), port: match[2] }
}

/** A person may write an IPv6 address bare or long; a browser sends it bracketed and short. */
function readAllowedHost(entry: string): AllowedHost {
  const bracketed = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(entry) ? `[${entry}]` : entry
  const parsed = splitHost(bracketed)
  const canonical = parsed && canonicalName(parsed.name)
  if (!parsed || !canonical) {
    throw new TypeError(`"${entry}" is not a host name to allow. Write a name, name:port or an IP address, no scheme.`)
  }
  return { name: canonical, port: parsed.port }
}

function canonicalName(name: string): string | undefined {
  if (!name.startsWith('[')) return name
  return URL.parse(`http://${name}/`)?.hostname
}

function contentTypeRule(contentTypes: readonly string[]): (contentType: string) => boolean {
  const allowed = new Set(contentTypes.map((type) => type.toLowerCase()))
  return (contentType) => allowed.has((contentType.split(';', 1)[0] ?? '').trim().toLowerCase())
}

const MEMORY = 512
const LONGEST_REMEMBERED = 256

/** Remembers decisions, within bounds: callers choose the text, so neither its length nor its variety is trusted. */
function remembered(decide: (text: string) => boolean): (text: string) => boolean {
  const decisions = new Map<string, boolean>()
  return (asked) => {
    const known = decisions.get(asked)
    if (known !== undefined) return known
    const decision = decide(asked)
    if (asked.length > LONGEST_REMEMBERED) return decision
    if (decisions.size >= MEMORY) decisions.clear()
    decisions.set(asked, decision)
    return decision
  }
}

function hasSecondHost({ rawHeaders }: GuardedRequest): boolean {
  if (!rawHeaders) return false
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 4 && (name === 'host' || name === 'Host' || name.toLowerCase() === 'host')) hosts += 1
  }
  return hosts > 1
}

/** The host itself has passed already; an Origin equal to it is on the list as well. */
function isSameOrigin(origin: string | string[], host: string): boolean {
  const match = typeof origin === 'string' ? ORIGIN.exec(origin) : null
  if (!match?.[1] || !match[2] || !splitHost(match[2])) return false
  const defaultPort = match[1].toLowerCase() === 'https' ? ':443' : ':80'
  return withoutPort(match[2], defaultPort) === withoutPort(host, defaultPort)
}

function withoutPort(host: string, port: string): string {
  const lower = host.toLowerCase()
  return lower.endsWith(port) ? lower.slice(0, -port.length) : lower
}

function hasBody(headers: GuardedRequest['headers']): boolean {
  if (headers['transfer-encoding'] !== undefined) return true
  const length = headers['content-length']
  // HTTP/2 needs neither header; there a content type tells of a body.
  return length === undefined ? headers['content-type'] !== undefined : length !== '0'
}

function text(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : (header?.join(', ') ?? '')
}

/** What a caller sent, short and free of control characters, fit for a message. */
function shown(value: string | string[]): string {
  const line = text(value).replace(/\p{C}/gu, '?')
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}

const MISSING: Refusal = {
  status: 400,
  code: 'host_missing',
  message: 'The request has no Host header.',
  where: 'header Host',
  fix: 'Send the name and port you call as Host.',
}

const REPEATED: Refusal = {
  status: 400,
  code: 'host_repeated',
  message: 'The request has more than one Host header.',
  where: 'header Host',
  fix: 'Send Host once.',
}

const CROSS_SITE: Refusal = {
  status: 403,
  code: 'cross_site',
  message: 'A page of another site asked for a change.',
  where: 'header Sec-Fetch-Site',
  fix: 'Call from a page of this server, or from a program instead of a web page.',
}

function hostRefusal(host: string): Refusal {
  return {
    status: 403,
    code: 'host_not_allowed',
    message: `This server is not called "${shown(host)}".`,
    where: 'header Host',
    fix: 'Call it as localhost, or add the name to the allowed hosts of the server.',
  }
}

function originRefusal(origin: string | string[]): Refusal {
  return {
    status: 403,
    code: 'origin_not_allowed',
    message: `A page of "${shown(origin)}" may not call this server.`,
    where: 'header Origin',
    fix: 'Call from a page of this server, or from a program instead of a web page.',
  }
}

function contentTypeRefusal(contentType: string, allowed: readonly string[]): Refusal {
  return {
    status: 415,
    code: 'content_type_not_allowed',
    message: contentType
      ? `A body of type "${shown(contentType)}" is not taken here.`
      : 'The body has no content type.',
    where: 'header Content-Type',
    fix: `Send ${allowed.join(' or ')}.`,
  }
}
