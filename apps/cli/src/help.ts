import { CATALOGUE, titleOf } from './catalogue.ts'
import type { Entry } from './catalogue.ts'
import type { AnyCommand, OptionSpecs } from './command.ts'
import { GLOBAL_OPTIONS } from './parse.ts'
import type { Paint } from './text.ts'
import { table } from './text.ts'

/** All commands. */
export function overview(paint: Paint): string[] {
  return [
    'Stead: the deployment outlives the model.',
    '',
    paint.bold('stead COMMAND [ARGUMENTS] [OPTIONS]'),
    '',
    ...columns(CATALOGUE.map((entry) => [titleOf(entry), entry.summary])),
    '',
    paint.bold('Options of every command'),
    ...optionLines({ ...GLOBAL_OPTIONS, version: { says: 'Print the version of this program (without a command).' } }),
    '',
    'STEAD_URL names the server, STEAD_TOKEN is sent to it. STEAD_KEY is sent to runners.',
    'Leaves with 0 when done, 1 failed, 2 not understood, 3 refused by the platform, 4 platform not reached.',
    'More on one: stead COMMAND --help',
  ]
}

export function groupHelp(word: string, entries: readonly Entry[], paint: Paint): string[] {
  return [paint.bold(`stead ${word} …`), '', ...columns(entries.map((entry) => [titleOf(entry), entry.summary]))]
}

export function commandHelp(entry: Entry, command: AnyCommand, paint: Paint): string[] {
  const own =
    Object.keys(command.options).length > 0 ? [paint.bold('Options'), ...optionLines(command.options), ''] : []
  return [
    entry.summary,
    '',
    paint.bold(usageLine(entry, command)),
    '',
    ...(command.about === undefined ? [] : [command.about, '']),
    ...own,
    paint.bold('Options of every command'),
    ...optionLines(GLOBAL_OPTIONS),
    ...(command.examples.length > 0
      ? ['', paint.bold('Examples'), ...command.examples.map((example) => `  ${example}`)]
      : []),
  ]
}

/** `stead swap DEPLOYMENT --version N|ALIAS [OPTIONS]`. */
export function usageLine(entry: Entry, command: Pick<AnyCommand, 'arguments' | 'options'>): string {
  const names = command.arguments.map((name) => {
    if (name.endsWith('?')) return `[${name.slice(0, -1).toUpperCase()}]`
    return name.endsWith('...') ? `${name.slice(0, -3).toUpperCase()}...` : name.toUpperCase()
  })
  const words = entry.words.map((word) => (word === '*' ? (names.shift() ?? '') : word))
  const required = Object.entries(command.options).flatMap(([name, spec]) =>
    spec.required ? [`--${name} ${spec.takes}`] : [],
  )
  const others = Object.keys(command.options).length > required.length ? ['[OPTIONS]'] : []
  return ['stead', ...words, ...names, ...required, ...others].join(' ')
}

function optionLines(specs: OptionSpecs): string[] {
  return columns(
    Object.entries(specs).map(([name, { takes, says, many, oneOf }]) => {
      const choices = oneOf && takes !== oneOf.join('|') ? ` One of ${oneOf.join(', ')}.` : ''
      return [`--${name}${takes ? ` ${takes}` : ''}`, `${says}${choices}${many ? ' May be repeated.' : ''}`]
    }),
  )
}

const columns = (rows: readonly (readonly string[])[]) =>
  table(['', ''], rows)
    .slice(1)
    .map((line) => `  ${line}`)
