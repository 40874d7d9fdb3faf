export interface HostExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** A sentence for whoever asks why the engine is gone. */
  readonly reason: string
}

interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last lines it printed. */
  readonly lines: readonly string[]
  /** Whether the supervisor killed it. */
  readonly killed: boolean
  readonly overMemory: boolean
}

export function exitReason({ code, signal, lines, killed, overMemory }: Ending): string {
  if (overMemory) return 'it took more memory than it may and was killed'
  if (killed) return 'it was stopped'
  const said = lines.filter((line) => line.trim() !== '').join('\n')
  if (/JavaScript heap out of memory/.test(said)) return 'it ran out of JavaScript heap memory'
  if (signal === 'SIGKILL') return 'it was killed by SIGKILL, perhaps out of memory'
  const how = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`
  return said === '' ? how : `${how}, its last words:\n${said}`
}
