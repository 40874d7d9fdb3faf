import { CATALOGUE, titleOf } from './catalogue.ts'
import type { Entry } from './catalogue.ts'
import { UsageError } from './failures.ts'
import { nearest } from './nearest.ts'

/** What a command line begins with: a command and the rest of the line, a group of commands, or no command at all. */
export type Located =
  | { readonly is: 'command'; readonly entry: Entry; readonly args: readonly string[] }
  | {
      readonly is: 'group'
      readonly word: string
      readonly entries: readonly Entry[]
      readonly args: readonly string[]
    }
  | { readonly is: 'none'; readonly args: readonly string[] }

/** Finds the words of the command among the arguments; only options that every command takes may stand between. */
export function locate(args: readonly string[]): Located {
  const places = wordPlaces(args)
  const words = places.map((place) => args[place] ?? '')
  const first = words[0]
  if (first === undefined) return { is: 'none', args }
  const entry = CATALOGUE.filter((candidate) => matches(candidate, words)).toSorted(
    (a, b) => b.words.length - a.words.length,
  )[0]
  if (entry) {
    const taken = new Set(entry.words.flatMap((word, index) => (word === '*' ? [] : [places[index]])))
    return { is: 'command', entry, args: args.filter((_, place) => !taken.has(place)) }
  }
  const entries = CATALOGUE.filter((candidate) => candidate.words[0] === first)
  if (entries.length === 0) throw unknownCommand(first)
  refuseUnknownVerb(entries, words)
  return { is: 'group', word: first, entries, args: args.filter((_, place) => place !== places[0]) }
}

const matches = ({ words: wanted }: Entry, words: readonly string[]) =>
  wanted.every((word, index) => (word === '*' ? words[index] !== undefined : words[index] === word))

/** The places of the words before the first option of the command's own. */
function wordPlaces(args: readonly string[]): number[] {
  const places: number[] = []
  for (let place = 0; place < args.length; place++) {
    const arg = args[place] ?? ''
    if (arg === '--url' || arg === '--project') place += 1
    else if (/^--(url|project)=/.test(arg) || arg === '--json' || arg === '--help' || arg === '-h') continue
    else if (arg.startsWith('-')) break
    else places.push(place)
  }
  return places
}

function unknownCommand(word: string): UsageError {
  const meant = nearest(word, [...new Set(CATALOGUE.map(({ words }) => words[0] ?? ''))])
  return new UsageError(
    `there is no command "${word}"`,
    meant ? `Did you mean: stead ${meant}` : 'See them all with: stead --help',
  )
}

function refuseUnknownVerb(entries: readonly Entry[], words: readonly string[]): void {
  const place = entries[0]?.words.findLastIndex((word) => word !== '*') ?? 1
  const verb = words[place]
  if (verb === undefined) return
  const verbs = entries.map((candidate) => candidate.words[place] ?? '')
  const meant = nearest(verb, verbs)
  throw new UsageError(
    `there is no command "${words.slice(0, place + 1).join(' ')}"`,
    meant
      ? `Did you mean "${meant}"?`
      : `There is: ${entries.map((candidate) => `stead ${titleOf(candidate)}`).join(', ')}`,
  )
}
