import { HEARTBEAT_MS, LEASE_MS, reportRunner, Runtime, SteadError, watchDesired } from '@stead/contracts'
import { openEventStream } from '../../http/event-stream.ts'
import { isForwarded, type Mount } from '../../http/mount.ts'
import type { FastifyRequest } from 'fastify'
import type { FigureSample, KeyUse, RunnerName } from '@stead/contracts'
import type { Desired } from './desired.ts'
import type { Passwords } from './passwords.ts'
import type { Presence } from './presence.ts'
import { grpcAddress, runnerOrigin, type RunnerPeer } from './runner-address.ts'

export interface RunnerParts {
  readonly desired: Desired
  readonly presence: Presence
  readonly passwords: Pick<Passwords, 'digestOf'>
  readonly runnerHosts: readonly string[]
  takeFigures(runner: RunnerName, samples: FigureSample[]): void
  takeUses(runner: RunnerName, uses: readonly KeyUse[], batch: string | undefined): void
}

export function serveRunners(mount: Mount, parts: RunnerParts): void {
  const { desired, presence, passwords, runnerHosts } = parts
  mount(watchDesired, async ({ params, query }, { request, reply }) => {
    const rest = runnerOrigin(query.rest, peerOf(request), runnerHosts)
    const grpc = grpcAddress(query.grpc, rest)
    const runtimes = query.runtimes.split(',').flatMap((name) => Runtime.safeParse(name).data ?? [])
    const stream = openEventStream(reply)
    const left = presence.arrived(params.runner, {
      rest,
      grpc,
      pid: query.pid,
      frontEnds: query.frontEnds,
      runtimes,
    })
    const server = passwords.digestOf(params.runner)
    const stop = desired.subscribe((event) =>
      stream.send(
        event.kind,
        event.kind === 'admission' ? { ...event, admission: { ...event.admission, server } } : event,
      ),
    )
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
    parts.takeFigures(params.runner, body.figures)
    parts.takeUses(params.runner, body.uses, body.usesBatch)
    return { leaseMs: LEASE_MS, revision: desired.revision }
  })
}

const peerOf = (request: FastifyRequest): RunnerPeer => ({
  remote: request.raw.socket.remoteAddress ?? '',
  local: request.raw.socket.localAddress ?? '',
  forwarded: isForwarded(request),
})
