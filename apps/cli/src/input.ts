import { readFile } from 'node:fs/promises'
import { unreadable } from './bundle.ts'
import type { Context } from './command.ts'
import { UsageError } from './failures.ts'

export interface JsonInput {
  /** As it was written: numbers too long for JavaScript stay whole in it. */
  readonly text: string
  readonly value: unknown
}

/** JSON given in the line itself, as `@FILE`, or as `-` for standard input. */
export async function readJson(option: string, given: string, { terminal }: Context): Promise<JsonInput> {
  const text =
    given === '-' ? await terminal.readInput() : given.startsWith('@') ? await readText(given.slice(1)) : given
  const place = given === '-' ? 'standard input' : given.startsWith('@') ? given.slice(1) : `--${option}`
  try {
    return { text, value: JSON.parse(text) as unknown }
  } catch (cause) {
    throw new UsageError(
      `${place} is not JSON: ${(cause as Error).message}`,
      given.startsWith('@') || given === '-' ? undefined : `A file is given as --${option} @FILE.`,
    )
  }
}

/** JSON given in the line itself or as a file's path, with or without `@`. */
export async function readJsonOrFile(option: string, given: string, context: Context): Promise<unknown> {
  const isText = given === '-' || given.startsWith('@') || /^\s*[{[]/.test(given)
  return (await readJson(option, isText ? given : `@${given}`, context)).value
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => Promise.reject(unreadable(path, cause)))
}

/** A version as people write it: a number, with or without a leading v, or an alias. */
export function versionOf(text: string): number | string {
  const [, digits] = /^v?(\d+)$/.exec(text) ?? []
  return digits === undefined ? text : Number(digits)
}
