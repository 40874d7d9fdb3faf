import { spawn } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import type { Context } from './command.ts'
import { Failure } from './failures.ts'
import { environmentOf, partPath } from './platform.ts'
import type { Part } from './platform.ts'

export interface ForegroundRun {
  /** For its environment, beside what the options say. */
  readonly env?: Record<string, string | undefined>
  readonly args?: readonly string[]
  /** Asks a person, or reads what is piped to us. */
  readonly asks?: true
  /** Hears what the program says of itself over the channel. */
  readonly onMessage?: (message: unknown) => void
}

/** Runs one program of the platform until it ends, with our output, and leaves as it leaves. */
export async function runInForeground(
  part: Part,
  options: Parameters<typeof environmentOf>[0],
  { terminal }: Context,
  { env = {}, args = [], asks, onMessage = () => {} }: ForegroundRun = {},
): Promise<void> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', partPath(part), ...args], {
    env: { NODE_COMPILE_CACHE: getCompileCacheDir(), ...terminal.env, ...env, ...environmentOf(options) },
    // The channel tells the program when we are gone without having ended it.
    stdio: [asks ? 'inherit' : 'ignore', 'inherit', 'inherit', 'ipc'],
    // A group of its own: Ctrl-C reaches us alone and is passed on once, as the second would mean impatience. But a
    // terminal gives its input to the group in front only.
    detached: !asks,
  })
  child.on('message', onMessage)
  const stop = () => child.kill('SIGTERM')
  if (terminal.signal.aborted) stop()
  terminal.signal.addEventListener('abort', stop, { once: true })
  await new Promise<void>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Failure(`the ${part} could not be started: ${cause.message}`, undefined, cause)),
    )
    child.once('exit', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Failure(`the ${part} ended with ${signal ?? `exit code ${code}`}`))
    })
  })
}
