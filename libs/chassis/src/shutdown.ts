import type { Log } from './log.ts'

/** The part of `process` that shutdown needs, so that a test can stand in for it. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

export interface ShutdownOptions {
  readonly log: Pick<Log, 'info' | 'error'>
  /** For all steps together. */
  readonly deadlineMs: number
  readonly signals?: SignalSource
  readonly exit?: (code: number) => void
}

export interface Shutdown {
  /** Aborts as soon as shutdown begins. */
  readonly signal: AbortSignal
  /** Adds a step. Steps run one after another, the last added first, each once; one added during shutdown is next.
   *  Returns how to take it back, for what ended by itself. */
  on(name: string, step: () => Promise<void> | void): () => void
  /** Runs the steps and leaves the process: with 0, or with 1 if a step threw or the deadline passed (the steps
   *  after a failed one still run). Called again, it gives the same promise. */
  begin(reason: string): Promise<number>
  /** Stops listening to signals, for a shutdown that is not needed any more. */
  dispose(): void
}

interface Step {
  readonly name: string
  readonly run: () => Promise<void> | void
}

const ORDERLY = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
const LATE = Symbol('late')

/** Listens to SIGTERM, SIGINT and SIGHUP (a closed terminal). The second SIGINT is a person who will not wait: 130. */
export function createShutdown({
  log,
  deadlineMs,
  signals = process,
  exit = (code) => process.exit(code),
}: ShutdownOptions): Shutdown {
  const steps: Step[] = []
  const begun = new AbortController()
  let ending: Promise<number> | undefined
  let interrupts = 0

  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' && ++interrupts > 1) return exit(130)
    void begin(signal)
  }
  for (const signal of ORDERLY) signals.on(signal, onSignal)

  function begin(reason: string): Promise<number> {
    ending ??= (async () => {
      log.info({ reason, deadlineMs }, 'shutting down')
      begun.abort(new Error(`shutting down: ${reason}`))
      const code = await runSteps(steps, deadlineMs, log)
      log.info({ code }, 'shut down')
      exit(code)
      return code
    })()
    return ending
  }

  return {
    signal: begun.signal,
    on(name, run) {
      const step = { name, run }
      steps.push(step)
      return () => {
        const at = steps.indexOf(step)
        if (at >= 0) steps.splice(at, 1)
      }
    },
    begin,
    dispose: () => ORDERLY.forEach((signal) => signals.off(signal, onSignal)),
  }
}

async function runSteps(steps: Step[], deadlineMs: number, log: Pick<Log, 'error'>): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), deadlineMs)
  })
  let code = 0
  try {
    for (let step = steps.pop(); step; step = steps.pop()) {
      const outcome = await Promise.race([attempt(step, log), deadline])
      if (outcome === LATE) {
        const left = steps.map(({ name }) => name).toReversed()
        log.error({ step: step.name, left }, `shutdown step "${step.name}" was not done within ${deadlineMs} ms`)
        return 1
      }
      if (!outcome) code = 1
    }
    return code
  } finally {
    clearTimeout(timer)
  }
}

async function attempt({ name, run }: Step, log: Pick<Log, 'error'>): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    log.error({ err: error, step: name }, `shutdown step "${name}" failed`)
    return false
  }
}
