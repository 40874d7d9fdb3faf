import { lookup as systemLookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { addressIn, kindOf, type AddressKind } from './addresses.ts'

/** An address that a name stands for. */
export interface Resolved {
  readonly address: string
  readonly family: number
}

export interface OutgoingOptions {
  /** What may be reached besides public addresses. */
  readonly allow?: readonly Exclude<AddressKind, 'public'>[]
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
  /** Bytes that the body of the answer may have. */
  readonly maxBytes?: number
  /** Until the last byte of the answer. */
  readonly timeoutMs?: number
  readonly resolve?: (name: string) => Promise<readonly Resolved[]>
}

/** Why there is no answer: the address must not be asked, nobody answers there, not in time, or too much. */
export type OutgoingFailure = 'refused' | 'unreachable' | 'late' | 'too_large'

export class OutgoingError extends Error {
  readonly because: OutgoingFailure

  constructor(because: OutgoingFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'OutgoingError'
    this.because = because
  }
}

const MEBIBYTE = 2 ** 20

/** Asks an address that somebody gave us, and nothing that it could be made to lead to: http and https only, no
 *  credentials within it, its name resolved once, every address it stands for checked and the connection made to those
 *  alone, no redirect followed, the answer bounded in bytes and time. Any status is an answer; its body has arrived.
 *  Fails with `OutgoingError`; aborting fails with the signal's reason. */
export async function fetchOutgoing(given: string | URL, options: OutgoingOptions = {}): Promise<Response> {
  const { timeoutMs = 30_000, signal } = options
  const url = readUrl(given)
  const late = AbortSignal.timeout(timeoutMs)
  const until = signal ? AbortSignal.any([signal, late]) : late
  try {
    until.throwIfAborted()
    const addresses = await Promise.race([resolveChecked(url, options), aborted(until)])
    return await ask(url, addresses, options, until)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (error instanceof OutgoingError) throw error
    if (late.aborted) throw new OutgoingError('late', `did not answer within ${timeoutMs / 1000} s`, { cause: error })
    throw new OutgoingError('unreachable', `cannot be reached: ${reasonOf(error)}`, { cause: error })
  }
}

function readUrl(given: string | URL): URL {
  const url = URL.parse(String(given))
  if (!url) throw new OutgoingError('refused', 'is no URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new OutgoingError('refused', `is of the scheme ${url.protocol.slice(0, -1)}: only http and https are asked`)
  if (url.username !== '' || url.password !== '')
    throw new OutgoingError('refused', 'has credentials in it, which do not belong in an address')
  return url
}

/** A name with one address that must not be reached is refused, whatever its others are. */
async function resolveChecked(
  { hostname }: URL,
  { allow = [], resolve = resolveBySystem }: OutgoingOptions,
): Promise<readonly Resolved[]> {
  const literal = addressIn(hostname)
  const found = literal === undefined ? await resolve(hostname) : [{ address: literal, family: familyOf(literal) }]
  if (found.length === 0) throw new Error(`${hostname} has no address`)
  for (const { address } of found) {
    const kind = kindOf(address)
    if (kind === 'public' || allow.includes(kind)) continue
    const stands = literal === undefined ? `${hostname} stands for ${address}, which` : hostname
    throw new OutgoingError('refused', `${stands} is a ${kind} address, and those are not asked from here`)
  }
  return found
}

const resolveBySystem = (name: string) => systemLookup(name, { all: true })
const familyOf = (address: string) => (address.includes(':') ? 6 : 4)

function ask(
  url: URL,
  addresses: readonly Resolved[],
  { method = 'GET', headers = {}, body, maxBytes = MEBIBYTE }: OutgoingOptions,
  signal: AbortSignal,
): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const request: ClientRequest = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method,
    headers: { 'accept-encoding': 'identity', ...headers },
    // A connection of its own: one that is kept might lead to where the name pointed earlier.
    agent: false,
    lookup: pinnedTo(addresses),
    signal,
  })
  request.on('error', reject)
  request.on('upgrade', (_response, socket) => {
    socket.destroy()
    reject(new Error('it wants to speak another protocol'))
  })
  request.on('response', (response) => void read(response, maxBytes).then(resolve, reject))
  request.end(body)
  return promise.finally(() => request.destroy())
}

/** Stands in for the resolver, so that what was checked is what is connected to. */
function pinnedTo(addresses: readonly Resolved[]): LookupFunction {
  return (_name, { all }, done) => {
    const [first] = addresses
    if (all) done(null, [...addresses])
    else done(null, first!.address, first!.family)
  }
}

const BODILESS = new Set([204, 205, 304])

async function read(response: IncomingMessage, maxBytes: number): Promise<Response> {
  const status = response.statusCode ?? 0
  if (status < 200 || status > 599) throw new Error(`it answers with the status ${status}`)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new OutgoingError('too_large', `answers with more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return new Response(BODILESS.has(status) ? null : Buffer.concat(chunks), { status, headers: headersOf(response) })
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!)
  return headers
}

async function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  return promise
}

/** Of several addresses that were tried, the first's: their errors have no message of their own together. */
function reasonOf(error: unknown): string {
  const cause = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  if (!(cause instanceof Error)) return String(cause)
  return cause.message === '' ? ((cause as NodeJS.ErrnoException).code ?? cause.name) : cause.message
}
