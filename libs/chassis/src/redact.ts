const HIDDEN = '[hidden]'
const DEEPEST = 8

const SECRET_NAME =
  /authorization|cookie|token|passw(?:or)?d|passphrase|secret|credential|(?:^|[-_.\s])key$|(?:api|private|access)key$/i
// cacheKey as well, but not monkey: here the capital counts.
const SECRET_CAMEL_NAME = /[a-z0-9]Key$/

/** A copy of the value in which what looks like a secret by its field's name is hidden, at any depth, along with
 *  passwords within URLs and credentials within text. Errors become plain objects; the value itself is untouched. */
export function redact(value: unknown): unknown {
  return copy(value, 0, [])
}

/** What credentials look like within text, and what of it stays. */
const IN_TEXT: readonly (readonly [RegExp, string])[] = [
  // http://name:password@host
  [/(:\/\/[^\s/@:]*:)[^\s/]*@/g, `$1${HIDDEN}@`],
  [/\b(bearer|basic) +[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  // Tokens and sessions of our own, wherever they stand. Their beginnings stay: they tell what has to be revoked.
  [/\b(stead_(?:pat|sat|join|key)_)[\w-]+/g, `$1${HIDDEN}`],
  [/\b(stead_session=)[^\s;,"']+/g, `$1${HIDDEN}`],
  // As a header of its own line, `Cookie: a=b; c="d"`, and as a field of JSON or one of raw headers.
  [/((?:set-)?cookie\s*:\s*)(?!["']|\[hidden\])[^\r\n]+/gi, `$1${HIDDEN}`],
  [/((?:set-)?cookie\\*["']\s*[:,]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|\\+["'][^"']*["'])/gi, `$1${HIDDEN}`],
  [/((?:proxy-)?authorization\\*["']?\s*[:,]\s*\\*["']?)(?!(?:bearer|basic)\s|\[hidden\])[^\s"',]+/gi, `$1${HIDDEN}`],
  // As a parameter, a setting or a field, also of JSON within JSON: token=a, "password": "a", x-api-key: a
  [
    /\b([\w-]{0,40}(?:token|passw(?:or)?d|passphrase|secret|credential|api[_-]?key)(?:\\*["']?\s*[=:]\s*|\\*["']\s*,\s*(?=\\*["'])))(\[hidden\]|"(?:[^"\\]|\\.)*"|'[^']*'|\\+["'][^"']*["']|[^\s&;,"'}\])]+)/gi,
    `$1${HIDDEN}`,
  ],
  [/([?&](?:key|auth|session|code|sig|signature|x-amz-(?:signature|credential))=)[^\s&#"']+/gi, `$1${HIDDEN}`],
]
/** Nothing of the list is in a text without one of these. */
const MAY_HOLD_ONE = /:\/\/|bearer|basic|stead_|cookie|auth|token|passw|passphrase|secret|credential|api[_-]?key|[?&]/i

/** The same for one line of text. */
export function redactText(text: string): string {
  if (!MAY_HOLD_ONE.test(text)) return text
  return IN_TEXT.reduce((line, [found, instead]) => line.replace(found, instead), text)
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_CAMEL_NAME.test(name)
}

function copy(value: unknown, depth: number, above: readonly object[]): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return '[circular]'
  if (depth >= DEEPEST) return '[too deep]'
  const inside = [...above, value]
  if (value instanceof Error) return fields(describeError(value), depth, inside)
  if (Array.isArray(value)) return list(value, depth, inside)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if ('toJSON' in value && typeof value.toJSON === 'function') return copy(value.toJSON(), depth + 1, inside)
  if (value instanceof Map) return fields(Object.fromEntries(value), depth, inside)
  if (value instanceof Headers) return fields(Object.fromEntries(value), depth, inside)
  if (value instanceof Set) return [...value].map((item) => copy(item, depth + 1, inside))
  return fields(value, depth, inside)
}

/** Names and values may take turns in it, as in the raw headers of a request. */
function list(items: readonly unknown[], depth: number, inside: readonly object[]): unknown[] {
  const isHeaders = items.length % 2 === 0 && items.every((item) => typeof item === 'string')
  return items.map((item, at) => {
    const name = at % 2 === 1 ? items[at - 1] : undefined
    return isHeaders && typeof name === 'string' && isSecretName(name) ? HIDDEN : copy(item, depth + 1, inside)
  })
}

function fields(value: object, depth: number, inside: readonly object[]): Record<string, unknown> {
  const copied: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    const hides = isSecretName(name) && item !== undefined && item !== null && typeof item !== 'boolean'
    copied[name] = hides ? HIDDEN : copy(item, depth + 1, inside)
  }
  return copied
}

/** What Object.entries of an error leaves out: its name, message, stack and cause. */
function describeError(error: Error): object {
  const cause = error.cause === undefined ? {} : { cause: error.cause }
  const several = error instanceof AggregateError ? { errors: error.errors as unknown[] } : {}
  const own = Object.fromEntries(Object.entries(error))
  return { type: error.name, message: error.message, stack: error.stack, ...cause, ...several, ...own }
}
