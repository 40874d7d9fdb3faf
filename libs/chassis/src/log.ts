import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino'
import { formatLine } from './log-lines.ts'
import { redact, redactText } from './redact.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Says a sentence, with the fields that make it findable before it. */
export interface Say {
  (message: string): void
  (fields: object, message: string): void
}

export interface Log {
  readonly trace: Say
  readonly debug: Say
  readonly info: Say
  readonly warn: Say
  readonly error: Say
  readonly fatal: Say
  isLevelEnabled(level: Exclude<LogLevel, 'silent'>): boolean
  /** A log whose every line carries these fields as well. */
  child(fields: object): Log
}

export interface LogOptions {
  /** The process that speaks, in every line. */
  readonly name: string
  readonly level?: LogLevel
  /** JSON for machines, lines for people; lines only on a terminal unless told. */
  readonly format?: 'json' | 'lines'
  readonly colour?: boolean
  /** Where to write; the default is stderr, synchronously, so that the last words of a dying process are kept. */
  readonly write?: (line: string) => void
}

export function createLog({ name, level = 'info', format, colour, write }: LogOptions): Log {
  const onTerminal = process.stderr.isTTY
  const out = write ? { write } : pino.destination({ fd: 2, sync: true })
  const asLines = (format ?? (onTerminal ? 'lines' : 'json')) === 'lines'
  const stream: DestinationStream = asLines ? lineStream(out, colour ?? onTerminal) : out
  const options: LoggerOptions = {
    level,
    base: { name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Fields arrive redacted, errors among them described already.
    serializers: { err: (error: unknown) => error },
    formatters: { level: (label) => ({ level: label }) },
  }
  return redacting(pino(options, stream))
}

/** pino's own redaction wants the path of every secret, and its formatters skip the fields of a grandchild. */
function redacting(logger: Logger): Log {
  const at = (level: Exclude<LogLevel, 'silent'>): Say => {
    return (first: object | string, message?: string) => {
      if (!logger.isLevelEnabled(level)) return
      if (typeof first === 'string') logger[level](redactText(first))
      else logger[level](redactFields(first), message === undefined ? message : redactText(message))
    }
  }
  return {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    isLevelEnabled: (level) => logger.isLevelEnabled(level),
    child: (fields) => redacting(logger.child(redactFields(fields))),
  }
}

/** An error in the place of fields is taken for the field `err`. */
function redactFields(fields: object): object {
  return redact(fields instanceof Error ? { err: fields } : fields) as object
}

function lineStream(out: { write(line: string): unknown }, colour: boolean): DestinationStream {
  return {
    write(json) {
      out.write(`${formatLine(json, colour)}\n`)
    },
  }
}
