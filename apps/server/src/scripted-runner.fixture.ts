import { setTimeout as pause } from 'node:timers/promises'
import { DesiredEvent, HEARTBEAT_MS, reportRunner, RunnerName, watchDesired } from '@stead/contracts'
import type { DesiredDeployment, FigureSample, RunnerReport } from '@stead/contracts'
import type { Client } from '@stead/sdk'

/** A runner that loads nothing: it speaks to the server as a real one does, and is ready at once for whatever is asked. */
export interface ScriptedRunner {
  readonly name: RunnerName
  /** The desired state as this runner has it by now. */
  readonly desired: ReadonlyMap<string, DesiredDeployment>
  report(reports: RunnerReport[], figures?: FigureSample[]): Promise<void>
  /** Resolves once the desired state is so. */
  until(holds: (desired: ReadonlyMap<string, DesiredDeployment>) => boolean): Promise<void>
  leave(): Promise<void>
}

export async function joinRunner(client: Client, named: string): Promise<ScriptedRunner> {
  const name = RunnerName.parse(named)
  const gone = new AbortController()
  const desired = new Map<string, DesiredDeployment>()
  let tail = Promise.resolve()
  let arrived = () => {}
  const snapshot = new Promise<void>((resolve) => (arrived = resolve))

  const report = async (reports: RunnerReport[], figures: FigureSample[] = []) =>
    void (await client.call(reportRunner, { params: { runner: name }, body: { reports, figures } }))
  const say = (reports: RunnerReport[]) =>
    void (tail = tail.then(() => report(reports)).catch((error: unknown) => gone.abort(error)))
  const take = (state: DesiredDeployment) => {
    desired.set(state.name, state)
    say(answersTo(state))
  }
  const hear = (event: DesiredEvent) => {
    switch (event.kind) {
      case 'snapshot':
        desired.clear()
        event.deployments.forEach(take)
        return arrived()
      case 'delta':
        return take(event.deployment)
      case 'removed':
        return void desired.delete(event.name)
      case 'heartbeat':
    }
  }

  const query = { rest: 'http://127.0.0.1:1', grpc: '127.0.0.1:1', pid: 1, frontEnds: 1, runtimes: 'onnx,javascript' }
  const call = { params: { runner: name }, query, body: undefined, signal: gone.signal }
  const watching = client.watch(watchDesired, call, (told) => hear(DesiredEvent.parse(told))).catch(() => {}) // leaving and the end of the server both end the stream
  const beat = setInterval(() => say([]), HEARTBEAT_MS)
  await Promise.race([snapshot, watching])
  return {
    name,
    desired,
    report,
    async until(holds) {
      while (!holds(desired)) await pause(5)
    },
    async leave() {
      clearInterval(beat)
      await tail
      gone.abort()
      await watching
    },
  }
}

function answersTo({ name, id, table, preparation }: DesiredDeployment): RunnerReport[] {
  return [
    ...(preparation ? [{ kind: 'prepared', deployment: name, preparation: preparation.id } as const] : []),
    ...(table ? [{ kind: 'acknowledged', deployment: name, id, generation: table.generation, ms: 1 } as const] : []),
  ]
}
