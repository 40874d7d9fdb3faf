import { Writable } from 'node:stream'

/** The world around a command, so that a test can stand in for it. */
export interface Terminal {
  readonly stdout: Screen
  readonly stderr: Screen
  /** All of standard input, as text. */
  readInput(): Promise<string>
  /** One line typed by a person; undefined where nobody could. */
  readonly ask: ((question: string) => Promise<string>) | undefined
  /** The same, without showing what is typed. */
  readonly askSecretly: ((question: string) => Promise<string>) | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts at Ctrl-C, SIGTERM and a closed terminal. */
  readonly signal: AbortSignal
  readonly now: () => number
  readonly newId: () => string
}

export interface Screen {
  readonly isTTY: boolean
  readonly columns: number
  write(text: string): void
}

/** Thrown through a command when a person ends it. */
export class Interrupted extends Error {
  readonly signal: string
  constructor(signal: string) {
    super('interrupted')
    this.name = 'Interrupted'
    this.signal = signal
  }
}

export function processTerminal(): Terminal {
  const gone = new AbortController()
  const onSignal = (signal: NodeJS.Signals) => {
    // Who asks twice does not want to wait for manners.
    if (gone.signal.aborted && signal === 'SIGINT') process.exit(130)
    gone.abort(new Interrupted(signal))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  endQuietlyWhenUnread(process.stdout)
  endQuietlyWhenUnread(process.stderr)
  return {
    stdout: screenOf(process.stdout),
    stderr: screenOf(process.stderr),
    readInput,
    ask: isAttended() ? (question) => askPerson(question, gone.signal) : undefined,
    askSecretly: isAttended() ? (question) => askSecretly(question, gone.signal) : undefined,
    env: process.env,
    signal: gone.signal,
    now: () => performance.now(),
    newId: () => crypto.randomUUID(),
  }
}

function screenOf(stream: NodeJS.WriteStream): Screen {
  return {
    get isTTY() {
      return stream.isTTY === true
    },
    get columns() {
      return stream.columns ?? 80
    },
    write: (text) => void stream.write(text),
  }
}

/** `stead … | head` closes the pipe early; that is no failure. */
function endQuietlyWhenUnread(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const isAttended = () => process.stdin.isTTY && process.stderr.isTTY

async function askSecretly(question: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(question)
  try {
    return await askPerson('', signal, new Writable({ write: (_text, _encoding, done) => done() }))
  } finally {
    process.stderr.write('\n')
  }
}

async function askPerson(question: string, signal: AbortSignal, output: Writable = process.stderr): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  // A terminal in line mode tells Ctrl-C to the reader alone.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await lines.question(question, { signal })
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    throw cause
  } finally {
    lines.close()
  }
}
