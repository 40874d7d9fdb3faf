import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Metadata } from '@grpc/grpc-js'
import { InferenceFailure } from '../inference/failure.ts'
import type { Admittance, LimitedKey } from './admittance.ts'
import { isApiToken, secretIn, shownIn } from './credentials.ts'
import type { Shown } from './credentials.ts'
import { rateLimit } from './rates.ts'
import type { Rates } from './rates.ts'
import { ANYONE } from './visitor.ts'
import type { ConsumerVisitor, Visitor } from './visitor.ts'

/** What somebody comes for: to call deployments, to read figures of operation, or to load and unload. */
export type Purpose = 'call' | 'metrics' | 'repository'

/** Where callers of one front end show who they are. It never asks the server. */
export interface Door {
  /** From now on, for requests and for streams that are open. */
  replace(admittance: Admittance): void
  /** Throws the refusal of those who may not. */
  admit(headers: IncomingHttpHeaders, purpose: Purpose): Visitor
  admitCall(metadata: Metadata, purpose: Purpose): Visitor
  /** Asks `stillMay` again whenever that may be another, at least every second, until it throws or the returned
   *  function is called. */
  keepAsking(stillMay: () => void, ended: (error: unknown) => void): () => void
}

/** Callers repeat what they show; strangers fill the memory for it, which is then emptied. */
const MOST_SEEN = 1024
const ASK_AGAIN_MS = 1_000

export function createDoor(first: Admittance, rates: Rates): Door {
  let admittance = first
  let known: ReadonlyMap<string, Visitor> = visitorsOf(first, rates)
  const seen = new Map<Shown, Visitor | null>()
  const asking = new Set<() => void>()
  const askAll = () => {
    for (const ask of asking) ask()
  }
  setInterval(askAll, ASK_AGAIN_MS).unref()

  /** One hash for whoever comes first, and none for those who come again. */
  function visitorOf(shown: Shown): Visitor | null {
    const before = seen.get(shown)
    if (before !== undefined) return before
    const secret = secretIn(shown)
    const visitor = secret === undefined ? null : lookUp(secret)
    if (seen.size >= MOST_SEEN) seen.clear()
    seen.set(shown, visitor)
    return visitor
  }

  function lookUp(secret: string): Visitor | null {
    const found = known.get(`sha256:${createHash('sha256').update(secret).digest('hex')}`)
    if (found?.is === 'monitor') return { is: 'monitor', token: secret }
    return found ?? (isApiToken(secret) ? { is: 'account', token: secret } : null)
  }

  function judge(shown: Shown | undefined, purpose: Purpose): Visitor {
    if (admittance.is === 'refusing') throw new InferenceFailure(admittance.kind, admittance.because)
    if (shown === undefined) throw new InferenceFailure('unauthenticated', HOW)
    const visitor = visitorOf(shown)
    if (visitor === null || (visitor.is === 'consumer' && visitor.expiresAt <= Date.now()))
      throw new InferenceFailure('unauthenticated', 'this key is unknown, expired or revoked')
    refuseFor(purpose, visitor)
    return visitor
  }

  return {
    replace(next) {
      admittance = next
      known = visitorsOf(next, rates)
      seen.clear()
      askAll()
    },
    admit: (headers, purpose) =>
      admittance.is === 'open' ? ANYONE : judge(shownIn(headers.authorization, headers['x-api-key']), purpose),
    admitCall: (metadata, purpose) =>
      admittance.is === 'open'
        ? ANYONE
        : judge(shownIn(textIn(metadata, 'authorization'), textIn(metadata, 'x-api-key')), purpose),
    keepAsking(stillMay, ended) {
      const stop = () => void asking.delete(ask)
      const ask = () => {
        try {
          stillMay()
        } catch (error) {
          stop()
          ended(error)
        }
      }
      asking.add(ask)
      return stop
    },
  }
}

const HOW = 'this runner takes calls with a key: send it as "Authorization: Bearer KEY" or as "X-API-Key: KEY"'

function textIn(metadata: Metadata, name: string): string | undefined {
  const value = metadata.get(name)[0]
  return value === undefined ? undefined : String(value)
}

function refuseFor(purpose: Purpose, { is }: Visitor): void {
  switch (purpose) {
    case 'call':
      if (is === 'consumer' || is === 'server') return
      throw new InferenceFailure(
        'unauthenticated',
        'an API token is for the server; deployments are called with the key of a consumer',
      )
    case 'metrics':
      if (is === 'monitor' || is === 'server') return
      if (is === 'consumer') throw new InferenceFailure('forbidden', 'the key of a consumer is for calling deployments')
      throw new InferenceFailure(
        'unauthenticated',
        'the metrics of a runner take an API token of an owner of the installation that is made for installation.metrics',
      )
    case 'repository':
      if (is === 'account' || is === 'monitor') return
      throw new InferenceFailure(
        'forbidden',
        'loading and unloading change what serves: that takes an API token of somebody who may',
      )
  }
}

function visitorsOf(admittance: Admittance, rates: Rates): Map<string, Visitor> {
  const visitors = new Map<string, Visitor>()
  if (admittance.is !== 'closed') return visitors
  for (const hash of admittance.monitors) visitors.set(hash, { is: 'monitor', token: '' })
  for (const key of admittance.keys) visitors.set(key.hash, consumerOf(key, rates))
  if (admittance.server !== null) visitors.set(admittance.server, { is: 'server' })
  return visitors
}

function consumerOf({ id, project, deployments, ...key }: LimitedKey, rates: Rates): ConsumerVisitor {
  const { slot, limits } = key
  const limit = limits.rate === null ? undefined : rateLimit(limits.rate, limits.burst)
  const exhaustedUntil = key.exhaustedUntil === null ? 0 : Date.parse(key.exhaustedUntil)
  return {
    is: 'consumer',
    key: id,
    project,
    deployments: deployments && new Set<string>(deployments),
    expiresAt: key.expiresAt === null ? Infinity : Date.parse(key.expiresAt),
    spend() {
      const untilPeriod = exhaustedUntil === 0 ? 0 : exhaustedUntil - Date.now()
      if (untilPeriod > 0)
        throw new InferenceFailure('quota_exhausted', `the quota is used up until ${key.exhaustedUntil}`, {
          retryAfterMs: untilPeriod,
        })
      if (limit === undefined || slot === null) return
      const waitNs = rates.take(slot, limit)
      if (waitNs > 0n)
        throw new InferenceFailure('rate_exceeded', `more than ${limits.rate} requests a second`, {
          retryAfterMs: Number(waitNs) / 1e6,
        })
    },
  }
}
