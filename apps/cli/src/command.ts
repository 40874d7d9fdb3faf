import type { Platform } from './connect.ts'
import type { Screen, Terminal } from './terminal.ts'
import type { Paint } from './text.ts'

/** How one option is written. Without `takes` it is a flag. */
export interface OptionSpec {
  readonly says: string
  /** The placeholder of its value. */
  readonly takes?: string
  readonly number?: { readonly whole?: true; readonly min?: number; readonly max?: number }
  readonly oneOf?: readonly string[]
  readonly many?: true
  readonly required?: true
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>

type ValueOf<S extends OptionSpec> = S extends { number: object }
  ? number
  : S extends { oneOf: readonly (infer C)[] }
    ? C
    : string

type Given<S extends OptionSpec> = S extends { many: true }
  ? readonly ValueOf<S>[]
  : S extends { takes: string }
    ? S extends { required: true }
      ? ValueOf<S>
      : ValueOf<S> | undefined
    : boolean

export type Options<O extends OptionSpecs> = { readonly [K in keyof O]: Given<O[K]> }

/** `NAME` must be given, `NAME?` may be, `NAME...` takes one or more. */
type BareName<A extends string> = A extends `${infer N}?` ? N : A extends `${infer N}...` ? N : A
export type Arguments<A extends readonly string[]> = {
  readonly [K in A[number] as BareName<K>]: K extends `${string}?`
    ? string | undefined
    : K extends `${string}...`
      ? readonly string[]
      : string
}

export interface Invocation<A extends readonly string[] = readonly string[], O extends OptionSpecs = OptionSpecs> {
  readonly arguments: Arguments<A>
  readonly options: Options<O>
}

/** What a command may use of the world. */
export interface Context {
  readonly json: boolean
  readonly url: string
  readonly project: string
  readonly terminal: Terminal
  readonly paint: Paint
  /** Lines on stdout, for people. */
  print(...lines: readonly string[]): void
  /** The one document on stdout, or one line of a stream of them, for machines. */
  document(value: unknown): void
  /** Lines on stderr, beside the result. */
  note(...lines: readonly string[]): void
  readonly stderr: Screen
  /** Loads the client, which takes a tenth of a second, and ties it to the server. */
  connect(): Promise<Platform>
}

export interface Command<A extends readonly string[] = readonly string[], O extends OptionSpecs = OptionSpecs> {
  readonly arguments: A
  readonly options: O
  readonly examples: readonly string[]
  /** What the options leave unsaid. */
  readonly about?: string
  run(invocation: Invocation<A, O>, context: Context): Promise<void>
}

export function defineCommand<const A extends readonly string[], const O extends OptionSpecs>(
  described: Command<A, O>,
): Command<A, O> {
  return described
}

/** A command whose own types are of no interest: what the catalogue holds. */
export interface AnyCommand extends Omit<Command, 'run'> {
  run(invocation: { arguments: object; options: object }, context: Context): Promise<void>
}
