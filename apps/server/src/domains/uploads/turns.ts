/** One writer per name. Who comes asks whoever has the turn, or waits for it, to leave, and then waits until that one
 *  has left: leaving is by the signal, and may be put off for as long as must be. */
export interface Turns {
  take<T>(name: string, work: (leave: AbortSignal) => Promise<T>): Promise<T>
  isTaken(name: string): boolean
}

export function createTurns(): Turns {
  const newest = new Map<string, { leave: AbortController; ended: Promise<void> }>()
  return {
    isTaken: (name) => newest.has(name),
    take(name, work) {
      const before = newest.get(name)
      before?.leave.abort()
      const leave = new AbortController()
      const turn = (before?.ended ?? Promise.resolve()).then(() => work(leave.signal))
      const end = () => {
        if (newest.get(name) === mine) newest.delete(name)
      }
      const mine = { leave, ended: turn.then(end, end) }
      newest.set(name, mine)
      return turn
    },
  }
}
