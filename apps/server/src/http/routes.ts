import { ENDPOINTS } from '@stead/contracts'
import type { Method } from '@stead/contracts'

const ROUTES = Object.values(ENDPOINTS).map(({ method, path }) => ({ method, matches: patternOf(path) }))

/** The methods that endpoints at this address take; none where there is nothing. */
export function methodsAt(url: string): Method[] {
  const path = url.split('?', 1)[0] ?? ''
  return [...new Set(ROUTES.filter(({ matches }) => matches.test(path)).map(({ method }) => method))]
}

function patternOf(path: string): RegExp {
  const literal = path.replaceAll('.', '\\.')
  return new RegExp(`^${literal.replaceAll(/:[a-zA-Z]+/g, '[^/]+')}$`)
}
