import { parseDuration, parseSize } from './quantities.ts'

/** One variable of the environment: what it takes and how its text is read. */
export interface Variable<T> {
  /** Completes "expected …". */
  readonly expects: string
  /** The value, or undefined if the text is not what is expected. */
  readonly read: (text: string) => T | undefined
  readonly fallback: T | undefined
  readonly required: boolean
  /** The value is never repeated in a message. */
  readonly secret: boolean
}

export interface VariableOptions<T> {
  readonly default?: T
  readonly required?: boolean
  readonly secret?: boolean
}

type Given<T, O extends VariableOptions<T>> = Variable<
  O extends { default: T } | { required: true } ? T : T | undefined
>

export interface EnvironmentProblem {
  readonly variable: string
  /** The text found, hidden if secret; undefined if there was none. */
  readonly value: string | undefined
  readonly expected: string
  readonly message: string
}

export interface EnvironmentWarning {
  readonly variable: string
  readonly nearest: string | undefined
  readonly message: string
}

/** Everything that is wrong with an environment, at once. */
export class EnvironmentError extends Error {
  readonly problems: readonly EnvironmentProblem[]
  readonly warnings: readonly EnvironmentWarning[]

  constructor(problems: readonly EnvironmentProblem[], warnings: readonly EnvironmentWarning[]) {
    // A misspelt name is often why another one is missing, so the warnings belong in the same breath.
    super([...problems, ...warnings].map(({ message }) => message).join('\n'))
    this.name = 'EnvironmentError'
    this.problems = problems
    this.warnings = warnings
  }
}

type Variables = Readonly<Record<string, Variable<unknown>>>
type Values<V extends Variables> = { readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never }

export interface ReadOptions {
  /** Variables with this beginning are ours; one we do not know is warned of. */
  readonly prefix?: string
  /** Names that another process of ours reads from the same environment. */
  readonly alsoKnown?: readonly string[]
}

export interface Environment<V extends Variables> {
  readonly values: Values<V>
  readonly warnings: readonly EnvironmentWarning[]
}

/** First of two steps: text becomes typed values, nothing is decided. An empty variable counts as unset.
 *  Throws one EnvironmentError that names every variable at fault. */
export function readEnvironment<const V extends Variables>(
  variables: V,
  env: Readonly<Record<string, string | undefined>>,
  { prefix = 'STEAD_', alsoKnown = [] }: ReadOptions = {},
): Environment<V> {
  const values: Record<string, unknown> = {}
  const problems: EnvironmentProblem[] = []
  for (const [name, variable] of Object.entries(variables)) {
    const text = env[name] || undefined
    const value = text === undefined ? variable.fallback : variable.read(text)
    if (value === undefined && (text !== undefined || variable.required)) problems.push(problem(name, variable, text))
    values[name] = value
  }
  const known = [...Object.keys(variables), ...alsoKnown]
  const warnings = unknownNames(Object.keys(env), prefix, known)
  if (problems.length > 0) throw new EnvironmentError(problems, warnings)
  return { values: values as Values<V>, warnings }
}

export function text<const O extends VariableOptions<string>>(options?: O): Given<string, O> {
  return variable('some text', (found) => found, options)
}

export function port<const O extends VariableOptions<number>>(options?: O): Given<number, O> {
  return variable('a port number from 0 to 65535, such as 7070', readPort, options)
}

export interface Range {
  readonly min?: number
  readonly max?: number
}

export function integer<const O extends VariableOptions<number> & Range>(options?: O): Given<number, O> {
  const expects = `a whole number${rangeText(options, String)}`
  return variable(
    expects,
    within(options, (found) => (/^-?\d{1,15}$/.test(found) ? Number(found) : undefined)),
    options,
  )
}

/** Milliseconds. */
export function duration<const O extends VariableOptions<number> & Range>(options?: O): Given<number, O> {
  const expects = `a duration such as 500ms, 30s or 10m${rangeText(options, (ms) => `${ms}ms`)}`
  return variable(expects, within(options, parseDuration), options)
}

/** Bytes. */
export function size<const O extends VariableOptions<number> & Range>(options?: O): Given<number, O> {
  const expects = `a size such as 512MB or 2GiB${rangeText(options, (bytes) => `${bytes} bytes`)}`
  return variable(expects, within(options, parseSize), options)
}

export function url<const O extends VariableOptions<URL> & { readonly protocols?: readonly string[] }>(
  options?: O,
): Given<URL, O> {
  const protocols = options?.protocols ?? ['http:', 'https:']
  const expects = `a URL beginning with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`
  const read = (found: string) => {
    const parsed = URL.parse(found)
    return parsed && protocols.includes(parsed.protocol) ? parsed : undefined
  }
  return variable(expects, read, options)
}

const BOOLEANS = new Map(
  Object.entries({ true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false }),
)

export function boolean<const O extends VariableOptions<boolean>>(options?: O): Given<boolean, O> {
  return variable('true or false', (found) => BOOLEANS.get(found.trim().toLowerCase()), options)
}

/** Items between commas, trimmed; empty ones are dropped. */
export function list<const O extends VariableOptions<readonly string[]>>(options?: O): Given<readonly string[], O> {
  const read = (found: string): readonly string[] =>
    found
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  return variable('items separated by commas', read, options)
}

export function oneOf<const C extends string, const O extends VariableOptions<C>>(
  choices: readonly C[],
  options?: O,
): Given<C, O> {
  const read = (found: string) => choices.find((choice) => choice === found.trim())
  return variable(`one of ${choices.join(', ')}`, read, options)
}

function variable<T, O extends VariableOptions<T>>(
  expects: string,
  read: (text: string) => T | undefined,
  options: O | undefined,
): Given<T, O> {
  const { default: fallback, required = false, secret = false }: VariableOptions<T> = options ?? {}
  // What is missing may be undefined only where the options say so; the type follows them.
  return { expects, read, fallback, required, secret } as Given<T, O>
}

function readPort(found: string): number | undefined {
  const number = /^\d{1,5}$/.test(found) ? Number(found) : Number.NaN
  return number <= 65_535 ? number : undefined
}

function within(range: Range | undefined, read: (text: string) => number | undefined) {
  return (found: string) => {
    const number = read(found)
    if (number === undefined) return undefined
    return number >= (range?.min ?? -Infinity) && number <= (range?.max ?? Infinity) ? number : undefined
  }
}

function rangeText(range: Range | undefined, write: (amount: number) => string): string {
  const least = range?.min === undefined ? '' : `, at least ${write(range.min)}`
  return range?.max === undefined ? least : `${least}, at most ${write(range.max)}`
}

function problem(name: string, variable: Variable<unknown>, text: string | undefined): EnvironmentProblem {
  const value = text === undefined ? undefined : variable.secret ? '(hidden)' : withoutPassword(text)
  const found = value === undefined ? 'not set' : variable.secret ? value : `"${value}"`
  return {
    variable: name,
    value,
    expected: variable.expects,
    message: `${name} is ${found}; expected ${variable.expects}.`,
  }
}

function withoutPassword(text: string): string {
  return text.replace(/(:\/\/[^/@]*?:)[^/]*@/g, '$1***@')
}

function unknownNames(found: readonly string[], prefix: string, known: readonly string[]): EnvironmentWarning[] {
  return found
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .toSorted()
    .map((name) => {
      const nearest = nearestName(name, known)
      const hint = nearest ? ` Did you mean ${nearest}?` : ''
      return { variable: name, nearest, message: `${name} is not a variable that is read here.${hint}` }
    })
}

/** The known name that takes the fewest edits to reach, if they are few for its length. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, edits: editDistance(name, candidate) }))
    .toSorted((a, b) => a.edits - b.edits)
  const best = ranked[0]
  return best && best.edits <= Math.max(2, Math.floor(best.candidate.length / 4)) ? best.candidate : undefined
}

/** Levenshtein's distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
