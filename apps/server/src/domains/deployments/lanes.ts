import { SteadError } from '@stead/contracts'

/** One change's turn at a deployment. */
export interface Turn {
  /** Aborts with `superseded` when a newer change arrives while this one may still be replaced, or when it is given up. */
  readonly signal: AbortSignal
  /** Aborts the signal for this reason; false, and nothing happens, once the change holds. */
  giveUp(reason: SteadError): boolean
  /** From here a newer change replaces this one instead of waiting for it. */
  yieldToNewer(): void
  /** From here nothing replaces it and nothing ends it from outside. */
  hold(): void
}

/** One writer per name: changes run in the order of their arrival. A change that is waiting for something slow
 *  yields to a newer one and fails with `superseded`; it has touched no traffic by then. */
export interface Lanes {
  run<T>(name: string, work: (turn: Turn) => Promise<T>): Promise<T>
}

interface Lane {
  tail: Promise<unknown>
  waiting: number
  current: { yielding: boolean; abort: AbortController } | undefined
}

export function createLanes(): Lanes {
  const lanes = new Map<string, Lane>()

  const supersede = (lane: Lane) => {
    if (lane.current?.yielding) lane.current.abort.abort(new SteadError('superseded'))
  }

  async function take<T>(lane: Lane, work: (turn: Turn) => Promise<T>): Promise<T> {
    const current = { yielding: false, abort: new AbortController() }
    lane.current = current
    lane.waiting -= 1
    let holds = false
    return work({
      signal: current.abort.signal,
      giveUp(reason) {
        if (!holds) current.abort.abort(reason)
        return !holds
      },
      yieldToNewer() {
        current.yielding = true
        if (lane.waiting > 0) supersede(lane)
      },
      hold() {
        current.abort.signal.throwIfAborted()
        current.yielding = false
        holds = true
      },
    })
  }

  return {
    async run(name, work) {
      const lane = lanes.get(name) ?? { tail: Promise.resolve(), waiting: 0, current: undefined }
      lanes.set(name, lane)
      lane.waiting += 1
      supersede(lane)
      const turn = lane.tail.then(() => take(lane, work))
      lane.tail = turn
        .catch(() => {})
        .then(() => {
          lane.current = undefined
          if (lane.waiting === 0) lanes.delete(name)
        })
      return turn
    },
  }
}
