import { readFileSync } from 'node:fs'
import type { AnyCommand, Context } from './command.ts'
import type { Entry } from './catalogue.ts'
import { describeFailure, EXIT, failureLines, UsageError } from './failures.ts'
import { commandHelp, groupHelp, overview, usageLine } from './help.ts'
import { locate } from './locate.ts'
import { parse } from './parse.ts'
import type { Parsed } from './parse.ts'
import type { Terminal } from './terminal.ts'
import { paintFor } from './text.ts'

const DEFAULT_URL = 'http://127.0.0.1:7070'

/** Runs one command line to its end and returns the exit code. Everything it says goes to the terminal given. */
export async function runStead(args: readonly string[], terminal: Terminal): Promise<number> {
  const paint = paintFor(terminal.stdout, terminal.env)
  const print = (lines: readonly string[]) => terminal.stdout.write(`${lines.join('\n')}\n`)
  let place: { entry: Entry; command: AnyCommand } | undefined
  try {
    const located = locate(args[0] === 'help' ? [...args.slice(1), '--help'] : args)
    if (located.is === 'none') {
      if (asksForVersion(located.args)) print([ownVersion()])
      else if (asksForHelp(located.args) || args.length === 0) print(overview(paint))
      else throw new UsageError(`a command is missing before ${located.args[0]}`, 'See the commands with: stead --help')
      return EXIT.done
    }
    if (located.is === 'group') {
      if (asksForHelp(located.args)) return (print(groupHelp(located.word, located.entries, paint)), EXIT.done)
      throw new UsageError(`"stead ${located.word}" is not whole`, `See: stead ${located.word} --help`)
    }
    place = { entry: located.entry, command: await located.entry.load() }
    const parsed = parse(place.command, located.args)
    if (parsed.global.help) return (print(commandHelp(place.entry, place.command, paint)), EXIT.done)
    await place.command.run(parsed, contextOf(parsed, terminal))
    return EXIT.done
  } catch (error) {
    return tell(error, args, terminal, place)
  }
}

const asksForHelp = (args: readonly string[]) => args.includes('--help') || args.includes('-h')
const asksForVersion = (args: readonly string[]) => args.includes('--version')

function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}

function tell(
  error: unknown,
  args: readonly string[],
  terminal: Terminal,
  place: { entry: Entry; command: AnyCommand } | undefined,
): number {
  const told = describeFailure(error)
  // Asked of the raw line, because a line that cannot be parsed must be answered in the form asked for as well.
  if (args.includes('--json')) terminal.stdout.write(`${JSON.stringify({ error: told.error })}\n`)
  else {
    const paint = paintFor(terminal.stderr, terminal.env)
    const [first = '', ...rest] = failureLines(told)
    const usage = told.exit === EXIT.usage && place ? [`  usage: ${usageLine(place.entry, place.command)}`] : []
    terminal.stderr.write(`${[paint.red(first), ...rest, ...usage].join('\n')}\n`)
  }
  return told.exit
}

function contextOf({ global }: Parsed, terminal: Terminal): Context {
  const url = serverUrl(global.url ?? (terminal.env.STEAD_URL || DEFAULT_URL))
  const project = global.project ?? 'default'
  const lines =
    (screen: Terminal['stdout']) =>
    (...text: readonly string[]) =>
      text.length > 0 && screen.write(`${text.join('\n')}\n`)
  return {
    json: global.json,
    url,
    project,
    terminal,
    paint: paintFor(terminal.stdout, terminal.env),
    stderr: terminal.stderr,
    print: lines(terminal.stdout),
    note: lines(terminal.stderr),
    document: (value) => terminal.stdout.write(`${JSON.stringify(value)}\n`),
    connect: async () =>
      (await import('./connect.ts')).connect({
        url,
        project,
        token: tokenIn(terminal.env.STEAD_TOKEN ?? ''),
        signal: terminal.signal,
      }),
  }
}

/** Without the line end that a file of it brings along. */
function tokenIn(text: string): string | undefined {
  const token = text.trim()
  if (/^[!-~]*$/.test(token)) return token || undefined
  throw new UsageError('STEAD_TOKEN is no token: it holds spaces, line ends or letters that no token has')
}

function serverUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`"${text}" is no address of a server`, `Write it like ${DEFAULT_URL}`)
  if (url.username || url.password)
    throw new UsageError(
      'the address of the server has a name or password in it',
      'Put a token into STEAD_TOKEN instead.',
    )
  return url.href.replace(/\/+$/, '')
}
