/** How a process may end without having ended its runs. */
export type Ending = 'KILLED' | 'FAILED'

type EndRun = (ending: Ending) => Promise<void>

/** How long a process that is told to end stays for its runs: whoever tells it waits little longer before killing it. */
const PATIENCE_MS = 5_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const open = new Set<EndRun>()

/** Calls `end` when this process is told to end, or has failed with an exception that nobody catches, and lets the process
 *  go its way afterwards. A program that listens to these itself is left to it. Gives back how to forget about it. */
export function whenEnding(end: EndRun): () => void {
  if (open.size === 0) listen()
  open.add(end)
  return () => {
    if (open.delete(end) && open.size === 0) unlisten()
  }
}

function listen(): void {
  for (const signal of SIGNALS) process.on(signal, onSignal)
  process.on('uncaughtException', onException)
}

function unlisten(): void {
  for (const signal of SIGNALS) process.off(signal, onSignal)
  process.off('uncaughtException', onException)
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  // A second signal finds nobody who listens, and ends the process at once.
  unlisten()
  void endAll('KILLED').then(() => process.kill(process.pid, signal))
}

function onException(error: unknown): void {
  if (process.listenerCount('uncaughtException') > 1) return
  unlisten()
  void endAll('FAILED').then(() =>
    // Thrown again where nobody catches it, so that Node tells of it and ends as it always does.
    setImmediate(() => {
      throw error
    }),
  )
}

async function endAll(ending: Ending): Promise<void> {
  const enough = new Promise<void>((resolve) => void setTimeout(resolve, PATIENCE_MS))
  const ended = [...open].map((end) => end(ending).catch(() => {}))
  await Promise.race([Promise.all(ended), enough])
}
