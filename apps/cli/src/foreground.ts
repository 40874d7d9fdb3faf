import { spawn } from 'node:child_process'
import type { Context } from './command.ts'
import { Failure } from './failures.ts'
import { environmentOf, partPath } from './platform.ts'
import type { Part } from './platform.ts'

/** Runs one program of the platform until it ends, with our input and output, and leaves as it leaves. */
export async function runInForeground(
  part: Part,
  options: Parameters<typeof environmentOf>[0],
  { terminal }: Context,
  more: Record<string, string> = {},
): Promise<void> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', partPath(part)], {
    env: { ...terminal.env, ...more, ...environmentOf(options) },
    // The channel tells the program when we are gone without having ended it.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // A group of its own: Ctrl-C reaches us alone and is passed on once, as the second would mean impatience.
    detached: true,
  })
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
