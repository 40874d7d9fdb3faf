import { fork } from 'node:child_process'
import type { Counted, Order } from './load.ts'
import { fileOf } from './processes.ts'

/** The load generator as its parent sees it. */
export interface Generator {
  /** Rejects when an answer was wrong: figures of a server that errs are none. */
  run(order: Order): Promise<Counted>
  /** Loads until `act` has ended; what it counts is what came in that time. */
  during(order: Omit<Order, 'countMs'>, act: () => Promise<void>): Promise<Counted>
  stop(): Promise<void>
}

type Said = { is: 'counting' } | { is: 'counted'; counted: Counted } | { is: 'failed'; because: string }

export function startGenerator(): Generator {
  const child = fork(fileOf('load.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))

  function send(order: Order, counting: () => void): Promise<Counted> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error('the load generator ended'))
      const hear = (said: Said) => {
        if (said.is === 'counting') return counting()
        child.off('message', hear)
        child.off('exit', gone)
        if (said.is === 'failed') reject(new Error(said.because))
        else if (said.counted.errors.length > 0) reject(new Error(said.counted.errors.join('\n')))
        else if (said.counted.requests === 0) reject(new Error('no request was answered'))
        else resolve(said.counted)
      }
      child.on('message', hear)
      child.once('exit', gone)
      child.send({ is: 'order', order }, (error) => error && reject(error))
    })
  }

  return {
    run: (order) => send(order, () => {}),
    async during(order, act) {
      const begun = Promise.withResolvers<void>()
      const counted = send({ ...order, countMs: 0 }, begun.resolve)
      counted.catch(begun.reject)
      await begun.promise
      try {
        await act()
      } finally {
        child.send({ is: 'stop' })
      }
      return counted
    },
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
