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

/** The same for one line of text. */
export function redactText(text: string): string {
  const withoutPasswords = text.includes('://') ? text.replace(/(:\/\/[^\s/@:]*:)[^\s/]*@/g, `$1${HIDDEN}@`) : text
  return withoutPasswords.replace(/\b(bearer|basic) +[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`)
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
  if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1, inside))
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if ('toJSON' in value && typeof value.toJSON === 'function') return copy(value.toJSON(), depth + 1, inside)
  if (value instanceof Map) return fields(Object.fromEntries(value), depth, inside)
  if (value instanceof Set) return [...value].map((item) => copy(item, depth + 1, inside))
  return fields(value, depth, inside)
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
