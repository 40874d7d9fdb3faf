/** The history of a metric: what was logged, in the order in which it came. Never changed once it is handed out. */
export interface Points {
  readonly steps: Float64Array
  /** Epoch milliseconds. */
  readonly times: Float64Array
  /** NaN and the infinities among them. */
  readonly values: Float64Array
}

/** A history that goes on. What `now` gives is the same until something is added. */
export interface GrowingPoints {
  add(step: number, time: number, value: number): void
  readonly now: () => Points
}

const FIRST_ROOM = 256

/** Keeps a history in arrays that grow by doubling, so that adding costs the same however long it is. */
export function growingPoints(): GrowingPoints {
  let room = emptyPoints(FIRST_ROOM)
  let count = 0
  let view: Points | undefined

  function double(): void {
    const larger = emptyPoints(room.values.length * 2)
    larger.steps.set(room.steps)
    larger.times.set(room.times)
    larger.values.set(room.values)
    room = larger
  }

  return {
    add(step, time, value) {
      if (count === room.values.length) double()
      room.steps[count] = step
      room.times[count] = time
      room.values[count] = value
      count += 1
      view = undefined
    },
    now() {
      view ??= {
        steps: room.steps.subarray(0, count),
        times: room.times.subarray(0, count),
        values: room.values.subarray(0, count),
      }
      return view
    },
  }
}

const emptyPoints = (length: number): Points => ({
  steps: new Float64Array(length),
  times: new Float64Array(length),
  values: new Float64Array(length),
})
