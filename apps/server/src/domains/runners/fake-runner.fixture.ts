import { setTimeout as pause } from 'node:timers/promises'
import { DesiredEvent, HEARTBEAT_MS, reportRunner, RunnerName, watchDesired } from '@stead/contracts'
import type { DesiredDeployment, EngineStatus, FigureSample, RunnerReport } from '@stead/contracts'
import { type Client, UnreachableError } from '@stead/sdk'

/** A runner that loads nothing and talks to the server as a real one does. Unless told otherwise it is ready at once. */
export interface FakeRunner {
  readonly name: RunnerName
  /** All that the server told it, in order, heartbeats too. */
  readonly told: readonly DesiredEvent[]
  /** The desired state by now. */
  readonly desired: ReadonlyMap<string, DesiredDeployment>
  /** From now on versions fail this check; without an argument they pass again. */
  refuse(check?: string): void
  /** From now on it prepares nothing; what it was asked for meanwhile is ready once `release` is called. */
  holdBack(): () => void
  /** From now on it follows no table, though it still reports. */
  stopFollowing(): void
  /** Tells something of its own accord. */
  report(reports: RunnerReport[], figures?: FigureSample[]): Promise<void>
  /** Tells how its engines are. */
  tell(engines: EngineStatus[]): Promise<void>
  until(holds: (desired: ReadonlyMap<string, DesiredDeployment>) => boolean): Promise<void>
  /** Ends its connection and says nothing any more. */
  fallSilent(): Promise<void>
}

export interface FakeRunnerOptions {
  readonly pid?: number
  readonly runtimes?: string
  /** Where it says that it answers requests; nothing does unless the test sees to it. */
  readonly rest?: string
}

export async function startFakeRunner(
  client: Client,
  named: string,
  { pid = 1, runtimes = 'onnx,javascript', rest = 'http://127.0.0.1:7080' }: FakeRunnerOptions = {},
): Promise<FakeRunner> {
  const name = RunnerName.parse(named)
  const silent = new AbortController()
  const desired = new Map<string, DesiredDeployment>()
  const told: DesiredEvent[] = []
  let failing: string | undefined
  let holding = false
  let following = true
  let tail = Promise.resolve()

  const report = async (reports: RunnerReport[], figures: FigureSample[] = [], engines?: EngineStatus[]) => {
    if (silent.signal.aborted) return
    const body = { reports, figures, ...(engines ? { engines } : {}) }
    await client.call(reportRunner, { params: { runner: name }, body, signal: silent.signal })
  }
  const say = (reports: RunnerReport[]) =>
    void (tail = tail.then(() => report(reports)).catch((error: unknown) => silent.abort(error)))

  function answer({ name: deployment, id, table, preparation }: DesiredDeployment): void {
    if (table && following) say([{ kind: 'acknowledged', deployment, id, generation: table.generation, ms: 1 }])
    const [version] = preparation?.versions ?? []
    if (!preparation || version === undefined || holding) return
    const about = { deployment, preparation: preparation.id }
    const staged = { kind: 'stage', ...about, name: 'load', version, ms: 1 } as const
    if (failing === undefined)
      return say([
        { ...staged, ok: true },
        { kind: 'prepared', ...about },
      ])
    const reason = 'the answer was not the one that was kept'
    say([
      { ...staged, name: failing, ok: false, reason },
      { kind: 'refused', ...about, version, check: failing, reason },
    ])
  }
  function hear(event: DesiredEvent): void {
    told.push(event)
    if (event.kind === 'removed') desired.delete(event.name)
    if (event.kind === 'snapshot') desired.clear()
    const news =
      event.kind === 'snapshot' ? event.deployments : event.kind === 'delta' ? [event.deployment] : ([] as const)
    for (const deployment of news) {
      desired.set(deployment.name, deployment)
      answer(deployment)
    }
  }

  const query = { rest, grpc: `${name}:7081`, pid, frontEnds: 1, runtimes }
  const call = { params: { runner: name }, query, body: undefined, signal: silent.signal }
  const watching = client
    .watch(watchDesired, call, (event) => hear(DesiredEvent.parse(event)))
    .catch((error: unknown) => {
      if (!silent.signal.aborted && !(error instanceof UnreachableError)) throw error
    })
  const beat = setInterval(() => say([]), HEARTBEAT_MS)
  while (told.length === 0) await Promise.race([watching, pause(2)])

  return {
    name,
    told,
    desired,
    report,
    refuse: (check) => void (failing = check),
    holdBack() {
      holding = true
      return () => {
        holding = false
        for (const deployment of desired.values()) answer(deployment)
      }
    },
    stopFollowing: () => void (following = false),
    tell: (engines) => report([], [], engines),
    async until(holds) {
      while (!holds(desired)) await pause(2)
    },
    async fallSilent() {
      clearInterval(beat)
      await tail
      silent.abort()
      await watching
    },
  }
}
