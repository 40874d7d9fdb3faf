import { runStead } from './stead.ts'
import type { Terminal } from './terminal.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Typed {
  readonly env?: Record<string, string>
  readonly input?: string
  readonly isTTY?: boolean
  readonly answer?: string
  readonly signal?: AbortSignal
}

/** Runs a command line in this process and gives all it printed. */
export async function stead(args: readonly string[], typed: Typed = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' }
  const screen = (name: keyof typeof written) => ({
    isTTY: typed.isTTY ?? false,
    columns: 80,
    write: (text: string) => void (written[name] += text),
  })
  let ids = 0
  const { answer } = typed
  const terminal: Terminal = {
    stdout: screen('stdout'),
    stderr: screen('stderr'),
    readInput: async () => typed.input ?? '',
    ask: answer === undefined ? undefined : async () => answer,
    askSecretly: answer === undefined ? undefined : async () => answer,
    env: typed.env ?? {},
    signal: typed.signal ?? new AbortController().signal,
    now: () => 0,
    newId: () => `id-${++ids}`,
  }
  return { code: await runStead(args, terminal), ...written }
}
