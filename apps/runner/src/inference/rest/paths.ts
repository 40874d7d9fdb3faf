import { credentialIn } from '@stead/chassis'
import { TOKEN_PREFIXES } from '@stead/contracts'

/** What an address of the inference protocols asks for. Names are decoded; a version is as it was written. */
export type Place =
  | { at: 'infer' | 'predict'; model: string; version: string | undefined }
  | {
      at: 'modelReady' | 'metadata' | 'config' | 'statistics' | 'modelStatus'
      model: string
      version: string | undefined
    }
  | { at: 'load' | 'unload'; model: string }
  | {
      at:
        | 'server'
        | 'live'
        | 'ready'
        | 'models'
        | 'allStatistics'
        | 'repositoryIndex'
        | 'kserveAlive'
        | 'kserveModels'
        | 'metrics'
        /** Carries a credential, whatever else it asks for. */
        | 'tokenInUrl'
        | 'nowhere'
    }

const FIXED: Readonly<Record<string, Place>> = {
  '/': { at: 'kserveAlive' },
  '/v1/models': { at: 'kserveModels' },
  '/metrics': { at: 'metrics' },
  '/v2': { at: 'server' },
  '/v2/': { at: 'server' },
  '/v2/health/live': { at: 'live' },
  '/v2/health/ready': { at: 'ready' },
  '/v2/models': { at: 'models' },
  '/v2/models/stats': { at: 'allStatistics' },
  '/v2/repository/index': { at: 'repositoryIndex' },
}
const NOWHERE: Place = { at: 'nowhere' }
const TOKEN_IN_URL: Place = { at: 'tokenInUrl' }
const PREFIXES = Object.values(TOKEN_PREFIXES)
const ENDS = { '': 'metadata', ready: 'modelReady', infer: 'infer', config: 'config', stats: 'statistics' } as const

const MODEL = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer|config|stats))?$/
const KSERVE = /^\/v1\/models\/([^/:]+)(?:\/versions\/([^/:]+))?(:predict)?$/
const REPOSITORY = /^\/v2\/repository(?:\/[^/]+)?\/(?:models\/([^/]+)\/(load|unload)|(index))$/

// Callers repeat their addresses; the cache is emptied when strangers fill it.
const known = new Map<string, Place>()
const MOST_KNOWN = 4096

export function splitPath(url: string): Place {
  const found = known.get(url)
  if (found) return found
  if (credentialIn(url, PREFIXES) !== undefined) return TOKEN_IN_URL
  const place = parse(url)
  if (known.size >= MOST_KNOWN) known.clear()
  if (url.length <= 512) known.set(url, place)
  return place
}

function parse(url: string): Place {
  const query = url.indexOf('?')
  const path = query < 0 ? url : url.slice(0, query)
  const fixed = Object.hasOwn(FIXED, path) ? FIXED[path] : undefined
  if (fixed) return fixed
  try {
    return ofModel(MODEL.exec(path)) ?? ofKserve(KSERVE.exec(path)) ?? ofRepository(REPOSITORY.exec(path)) ?? NOWHERE
  } catch {
    return NOWHERE // a percent sign that encodes nothing
  }
}

function ofModel(match: RegExpExecArray | null): Place | undefined {
  return match
    ? {
        at: ENDS[(match[3] ?? '') as keyof typeof ENDS],
        model: decodeURIComponent(match[1]!),
        version: decoded(match[2]),
      }
    : undefined
}

function ofKserve(match: RegExpExecArray | null): Place | undefined {
  return match
    ? { at: match[3] ? 'predict' : 'modelStatus', model: decodeURIComponent(match[1]!), version: decoded(match[2]) }
    : undefined
}

function ofRepository(match: RegExpExecArray | null): Place | undefined {
  if (!match) return undefined
  return match[3]
    ? { at: 'repositoryIndex' }
    : { at: match[2] as 'load' | 'unload', model: decodeURIComponent(match[1]!) }
}

const decoded = (text: string | undefined) => (text === undefined ? undefined : decodeURIComponent(text))
