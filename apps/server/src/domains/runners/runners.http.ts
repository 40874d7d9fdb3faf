import { HEARTBEAT_MS, LEASE_MS, reportRunner, Runtime, SteadError, watchDesired } from '@stead/contracts'
import { openEventStream } from '../../http/event-stream.ts'
import type { Mount } from '../../http/mount.ts'
import type { FigureSample, RunnerName } from '@stead/contracts'
import type { Desired } from './desired.ts'
import type { Presence } from './presence.ts'

export function serveRunners(
  mount: Mount,
  desired: Desired,
  presence: Presence,
  takeFigures: (runner: RunnerName, samples: FigureSample[]) => void,
): void {
  mount(watchDesired, async ({ params, query }, { reply }) => {
    const runtimes = query.runtimes.split(',').flatMap((name) => Runtime.safeParse(name).data ?? [])
    const stream = openEventStream(reply)
    const left = presence.arrived(params.runner, {
      rest: query.rest,
      grpc: query.grpc,
      pid: query.pid,
      frontEnds: query.frontEnds,
      runtimes,
    })
    const stop = desired.subscribe((event) => stream.send(event.kind, event))
    const beat = setInterval(
      () => stream.send('heartbeat', { kind: 'heartbeat', revision: desired.revision }),
      HEARTBEAT_MS,
    )
    stream.closed.addEventListener(
      'abort',
      () => {
        clearInterval(beat)
        stop()
        left()
      },
      { once: true },
    )
    return reply
  })
  mount(reportRunner, async ({ params, body }) => {
    if (!presence.heard(params.runner, body))
      throw new SteadError('runner_not_found', `runner "${params.runner}" is not connected to this server`)
    takeFigures(params.runner, body.figures)
    return { leaseMs: LEASE_MS, revision: desired.revision }
  })
}
