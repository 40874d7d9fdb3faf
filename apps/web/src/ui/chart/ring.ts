/** Rows of figures, one each `step` seconds, oldest first: what charts draw. */
export interface Rows {
  /** Seconds from one row to the next. */
  readonly step: number
  /** Epoch seconds of each row. */
  readonly times: Float64Array
  /** The values of a series, one for each row; NaN where there is none. */
  column(id: string): Float64Array
}

/** Rows that grow at their newest end and forget at their oldest. Views that were handed out hold until the next row
 *  is added; adding one moves the others only once in `capacity` rows. */
export interface Ring extends Rows {
  /** Adds empty rows up to the one at `at`; does nothing when it is there. */
  reach(at: number): void
  /** Sets a value of a row that is there; others are ignored. */
  set(id: string, at: number, value: number): void
  /** The rows as they are now, for a picture that stands still while they go on. */
  freeze(): Rows
}

/** The first row lies at `first`, rounded down to the step. */
export function createRing(step: number, capacity: number, first: number): Ring {
  const room = capacity * 2
  const times = new Float64Array(room)
  const columns = new Map<string, Float64Array>()
  let begin = 0
  let end = 0
  let next = first - (first % step)

  function moveToFront(): void {
    for (const column of [times, ...columns.values()]) column.copyWithin(0, end - capacity + 1, end)
    begin = 0
    end = capacity - 1
    for (const column of columns.values()) column.fill(NaN, end)
  }

  function add(): void {
    if (end === room) moveToFront()
    times[end] = next
    next += step
    end += 1
    begin = Math.max(begin, end - capacity)
  }

  function columnOf(id: string): Float64Array {
    const known = columns.get(id)
    if (known) return known
    const made = new Float64Array(room).fill(NaN)
    columns.set(id, made)
    return made
  }

  return {
    step,
    get times() {
      return times.subarray(begin, end)
    },
    column: (id) => columnOf(id).subarray(begin, end),
    reach(at) {
      if (at - next > capacity * step) {
        // After a long sleep nothing of what was there is within reach.
        begin = end = 0
        for (const column of columns.values()) column.fill(NaN)
        next = at - (at % step) - (capacity - 1) * step
      }
      while (next <= at) add()
    },
    set(id, at, value) {
      const index = end - Math.round((next - at) / step)
      if (index >= begin && index < end) columnOf(id)[index] = value
    },
    freeze() {
      const none = new Float64Array(end - begin).fill(NaN)
      const copies = new Map([...columns].map(([id, column]) => [id, column.slice(begin, end)]))
      return { step, times: times.slice(begin, end), column: (id) => copies.get(id) ?? none }
    },
  }
}

/** The index of the row nearest to a time; -1 without rows. */
export function nearestRow({ times, step }: Rows, at: number): number {
  if (times.length === 0) return -1
  return Math.min(Math.max(Math.round((at - times[0]!) / step), 0), times.length - 1)
}
