import { parseArgs } from 'node:util'
import type { AnyCommand, OptionSpec, OptionSpecs } from './command.ts'
import { UsageError } from './failures.ts'
import { nearest } from './nearest.ts'

/** Options that every command takes. */
export const GLOBAL_OPTIONS = {
  json: { says: 'Print one JSON document (streams: one per line).' },
  url: { takes: 'URL', says: 'Where the server is; STEAD_URL or http://127.0.0.1:7070 otherwise.' },
  project: { takes: 'PROJECT', says: 'The project to work in; `default` otherwise.' },
  help: { says: 'Print this help.' },
} as const satisfies OptionSpecs

export interface Parsed {
  readonly arguments: Record<string, string | readonly string[] | undefined>
  readonly options: Record<string, unknown>
  readonly global: {
    readonly json: boolean
    readonly help: boolean
    readonly url: string | undefined
    readonly project: string | undefined
  }
}

/** Reads a command line, without the words that name the command. Throws a UsageError that names what was meant. */
export function parse(described: Pick<AnyCommand, 'arguments' | 'options'>, args: readonly string[]): Parsed {
  const specs: OptionSpecs = { ...GLOBAL_OPTIONS, ...described.options }
  const types = Object.entries(specs).map(([name, { takes }]) => [
    name,
    { type: takes ? ('string' as const) : ('boolean' as const) },
  ])
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      ...(Object.fromEntries(types) as Record<string, { type: 'string' | 'boolean' }>),
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const found = new Map<string, unknown[]>()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind === 'option') keep(found, specs, token)
  }
  const { json, help, url, project } = valuesOf(GLOBAL_OPTIONS, found)
  const global = {
    json: json === true,
    help: help === true,
    url: url as string | undefined,
    project: project as string | undefined,
  }
  // Who asks for help has not finished the line.
  if (global.help) return { arguments: {}, options: {}, global }
  return {
    arguments: nameArguments(described.arguments, positionals),
    options: valuesOf(described.options, found),
    global,
  }
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function keep(found: Map<string, unknown[]>, specs: OptionSpecs, token: OptionToken): void {
  const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined
  if (!spec) throw unknownOption(token.rawName, Object.keys(specs))
  const before = found.get(token.name) ?? []
  if (before.length > 0 && spec.takes && !spec.many)
    throw new UsageError(`--${token.name} is given twice`, 'Give it once.')
  found.set(token.name, [...before, readValue(spec, token)])
}

function unknownOption(rawName: string, names: readonly string[]): UsageError {
  const meant = nearest(rawName.replace(/^-+/, ''), names)
  return new UsageError(`there is no option ${rawName}`, meant && `Did you mean --${meant}?`)
}

function readValue(spec: OptionSpec, { name, value, inlineValue }: OptionToken): unknown {
  if (!spec.takes) {
    if (value !== undefined) throw new UsageError(`--${name} takes no value`, `Write just --${name}.`)
    return true
  }
  const swallowed = value !== undefined && !inlineValue && /^-[^\d.]/.test(value)
  if (value === undefined || swallowed) {
    throw new UsageError(
      `--${name} needs a value: --${name} ${spec.takes}`,
      swallowed ? `For a value that begins with a dash: --${name}=${value}` : undefined,
    )
  }
  if (spec.oneOf && !spec.oneOf.includes(value)) {
    const meant = nearest(value, spec.oneOf)
    throw new UsageError(
      `--${name} is one of ${spec.oneOf.join(', ')}; got "${value}"`,
      meant && `Did you mean ${meant}?`,
    )
  }
  return spec.number ? readNumber(name, value, spec.number) : value
}

/** A number as it is written everywhere: no hexadecimal, no Infinity, no empty text. */
export function readNumber(
  name: string,
  text: string,
  { whole, min = -Infinity, max = Infinity }: NonNullable<OptionSpec['number']>,
): number {
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  const fits = Number.isFinite(number) && number >= min && number <= max && (!whole || Number.isSafeInteger(number))
  if (fits) return number
  const range = [min === -Infinity ? '' : `at least ${min}`, max === Infinity ? '' : `at most ${max}`]
    .filter(Boolean)
    .join(' and ')
  throw new UsageError(`--${name} is a ${whole ? 'whole ' : ''}number${range && `, ${range}`}; got "${text}"`)
}

function valuesOf(specs: OptionSpecs, found: Map<string, unknown[]>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const values = found.get(name)
      if (!values && spec.required)
        throw new UsageError(`--${name} is missing`, `Add --${name} ${spec.takes}: ${spec.says}`)
      if (spec.many) return [name, values ?? []]
      return [name, spec.takes ? values?.[0] : values !== undefined]
    }),
  )
}

function nameArguments(
  names: readonly string[],
  positionals: readonly string[],
): Record<string, string | readonly string[] | undefined> {
  const rest = [...positionals]
  const named: Record<string, string | readonly string[] | undefined> = {}
  for (const name of names) {
    if (name.endsWith('...')) {
      if (rest.length === 0) throw missing(name.slice(0, -3))
      named[name.slice(0, -3)] = rest.splice(0)
      continue
    }
    const value = rest.shift()
    // An empty word is what an unset shell variable leaves.
    if ((value === undefined && !name.endsWith('?')) || value === '') throw missing(name.replace('?', ''))
    named[name.replace('?', '')] = value
  }
  if (rest.length > 0)
    throw new UsageError(`there is one argument too many: "${rest[0]}"`, 'Put a value with spaces in quotes.')
  return named
}

const missing = (name: string) => new UsageError(`${name.toUpperCase()} is missing`)
