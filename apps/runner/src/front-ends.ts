import { Worker } from 'node:worker_threads'
import type { Log } from '@stead/chassis'
import type { DeploymentName } from '@stead/contracts'
import type { Admittance } from './admission/admittance.ts'
import type { FrontEndOptions } from './front-end.ts'
import type { FromFrontEnd, ServedDeployment, ToFrontEnd } from './routing/served.ts'

/** What front ends tell the main thread while they serve. */
export interface FrontEndEvents {
  wanted(deployment: DeploymentName, key: string): void
  told(from: number, message: Extract<FromFrontEnd, { is: 'figures' | 'recorded' }>): void
  asked(message: Extract<FromFrontEnd, { is: 'call' }>): Promise<Extract<ToFrontEnd, { is: 'answered' }>['answer']>
}

/** All front ends as one. A front end that dies is started again with the tables of the others. */
export interface FrontEnds {
  readonly restPort: number
  readonly grpcPort: number
  readonly count: number
  /** Resolves when every front end answers by this table. */
  publish(deployment: ServedDeployment): Promise<void>
  forget(name: DeploymentName): Promise<void>
  /** Resolves when no front end has a request of this engine under way, or at the deadline. */
  released(engine: string, deadlineMs: number): Promise<void>
  /** Resolves when everything counted until now has been told. */
  flush(): Promise<void>
  setReady(ready: boolean): void
  setDetached(detached: boolean): void
  setAdmittance(admittance: Admittance): void
  drain(lingerMs: number, deadlineMs: number): Promise<void>
  close(): Promise<void>
}

interface FrontEnd {
  readonly worker: Worker
  /** Revisions it has not confirmed yet. */
  readonly unconfirmed: Map<number, () => void>
  /** Engines that a published table has named and that it has not let go. */
  readonly engines: Set<string>
  drained: () => void
}

const THREAD = new URL('./front-end.ts', import.meta.url)

export async function startFrontEnds(
  count: number,
  options: FrontEndOptions,
  events: FrontEndEvents,
  log: Log,
): Promise<FrontEnds> {
  const tables = new Map<DeploymentName, ServedDeployment>()
  const running: FrontEnd[] = []
  const releaseWaiters = new Map<string, () => void>()
  const flags = { ready: false, detached: true, closing: false }
  let { admittance } = options
  let revision = 0

  function start(index: number, at: FrontEndOptions): Promise<{ restPort: number; grpcPort: number }> {
    const worker = new Worker(THREAD, { workerData: { ...at, admittance }, name: `front end ${index}` })
    const frontEnd: FrontEnd = { worker, unconfirmed: new Map(), engines: new Set(), drained: () => {} }
    running[index] = frontEnd
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromFrontEnd) => {
        if (message.is === 'listening') resolve(message)
        else if (message.is === 'refused') reject(new Error(message.because))
        else hear(index, frontEnd, message)
      })
      worker.on('error', (error) => log.error({ err: error, frontEnd: index }, 'a front end failed'))
      worker.on('exit', () => {
        reject(new Error(`front end ${index} ended while it started`))
        gone(index, frontEnd, at)
      })
    })
  }

  function hear(index: number, frontEnd: FrontEnd, message: FromFrontEnd): void {
    switch (message.is) {
      case 'applied':
        frontEnd.unconfirmed.get(message.revision)?.()
        return void frontEnd.unconfirmed.delete(message.revision)
      case 'released':
        frontEnd.engines.delete(message.engine)
        return settle(message.engine)
      case 'wanted':
        return events.wanted(message.deployment, message.key)
      case 'figures':
      case 'recorded':
        return events.told(index, message)
      case 'call':
        return void events
          .asked(message)
          .then((answer) => say(frontEnd, { is: 'answered', call: message.call, answer }))
      case 'drained':
        return frontEnd.drained()
      case 'listening':
      case 'refused':
    }
  }

  const say = ({ worker }: FrontEnd, message: ToFrontEnd) => worker.postMessage(message)
  const settle = (engine: string) => {
    if (!running.some((frontEnd) => frontEnd.engines.has(engine))) releaseWaiters.get(engine)?.()
  }

  /** What a dead front end owed is settled; its successor starts from the tables there are. */
  function gone(index: number, frontEnd: FrontEnd, at: FrontEndOptions): void {
    const held = [...frontEnd.engines]
    frontEnd.engines.clear()
    for (const confirm of frontEnd.unconfirmed.values()) confirm()
    for (const engine of held) settle(engine)
    frontEnd.drained()
    if (flags.closing) return
    setTimeout(() => {
      if (flags.closing) return
      start(index, at).then(
        () => greet(running[index]!),
        (error: unknown) => log.error({ err: error, frontEnd: index }, 'a front end could not be started again'),
      )
    }, 50)
  }

  function greet(frontEnd: FrontEnd): void {
    for (const deployment of tables.values()) void serve(frontEnd, deployment)
    say(frontEnd, { is: 'detached', detached: flags.detached })
    say(frontEnd, { is: 'admittance', admittance })
    say(frontEnd, { is: 'ready', ready: flags.ready })
  }

  function serve(frontEnd: FrontEnd, deployment: ServedDeployment): Promise<void> {
    for (const { engine } of deployment.versions) if (engine) frontEnd.engines.add(engine.id)
    return confirmed(frontEnd, { is: 'serve', revision: ++revision, deployment })
  }

  function confirmed(frontEnd: FrontEnd, message: Extract<ToFrontEnd, { revision: number }>): Promise<void> {
    return new Promise((resolve) => {
      frontEnd.unconfirmed.set(message.revision, resolve)
      say(frontEnd, message)
    })
  }

  const first = await start(0, options)
  const shared = { ...options, ...first }
  for (let index = 1; index < count; index++) await start(index, shared)
  for (const frontEnd of running) greet(frontEnd)

  return {
    ...first,
    count,
    async publish(deployment) {
      tables.set(deployment.name, deployment)
      await Promise.all(running.map((frontEnd) => serve(frontEnd, deployment)))
    },
    async forget(name) {
      tables.delete(name)
      await Promise.all(running.map((frontEnd) => confirmed(frontEnd, { is: 'forget', revision: ++revision, name })))
    },
    async flush() {
      await Promise.all(running.map((frontEnd) => confirmed(frontEnd, { is: 'flush', revision: ++revision })))
    },
    released: (engine, deadlineMs) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          releaseWaiters.delete(engine)
          resolve()
        }
        const timer = setTimeout(done, deadlineMs)
        releaseWaiters.set(engine, done)
        settle(engine)
      }),
    setReady(ready) {
      flags.ready = ready
      for (const frontEnd of running) say(frontEnd, { is: 'ready', ready })
    },
    setDetached(detached) {
      flags.detached = detached
      for (const frontEnd of running) say(frontEnd, { is: 'detached', detached })
    },
    setAdmittance(next) {
      admittance = next
      for (const frontEnd of running) say(frontEnd, { is: 'admittance', admittance })
    },
    async drain(lingerMs, deadlineMs) {
      flags.closing = true
      await Promise.all(
        running.map(
          (frontEnd) =>
            new Promise<void>((resolve) => {
              frontEnd.drained = resolve
              say(frontEnd, { is: 'drain', lingerMs, deadlineMs })
            }),
        ),
      )
    },
    async close() {
      flags.closing = true
      await Promise.all(running.map(({ worker }) => worker.terminate()))
    },
  }
}
