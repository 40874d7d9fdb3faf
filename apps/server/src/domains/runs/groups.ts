/** How one call of a group ended. */
export type Outcome<Answer> = { readonly answer: Answer } | { readonly error: unknown }

export interface GroupsOptions<Call, Answer> {
  /** Takes a group of calls in one transaction, and tells of each how it ended. Groups never overlap. */
  readonly take: (calls: readonly Call[]) => Promise<readonly Outcome<Answer>[]>
  /** How much work a call is; a group is ended by the call that reaches `most`. */
  readonly weigh: (call: Call) => number
  readonly most: number
}

/** Group commit: calls that come while a group is under way wait, and are the next one together, so that the more callers
 *  there are, the fewer transactions each of them costs. A call is answered after the commit. A group that fails
 *  unexpectedly is taken again call by call, so that what cannot be written fails alone. */
export function createGroups<Call, Answer>({
  take,
  weigh,
  most,
}: GroupsOptions<Call, Answer>): (call: Call) => Promise<Answer> {
  interface Waiting {
    readonly call: Call
    readonly settle: (outcome: Outcome<Answer>) => void
  }
  let waiting: Waiting[] = []
  let isTaking = false

  function nextGroup(): Waiting[] {
    let weight = 0
    let count = 0
    for (const { call } of waiting) {
      count += 1
      weight += weigh(call)
      if (weight >= most) break
    }
    const group = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return group
  }

  async function takeAll(): Promise<void> {
    while (waiting.length > 0) {
      const group = nextGroup()
      const outcomes = await outcomesOf(group.map(({ call }) => call))
      for (const [at, { settle }] of group.entries()) settle(outcomes[at]!)
    }
    isTaking = false
  }

  async function outcomesOf(calls: readonly Call[]): Promise<readonly Outcome<Answer>[]> {
    try {
      return await take(calls)
    } catch (error) {
      if (calls.length === 1) return [{ error }]
      const outcomes: Outcome<Answer>[] = []
      for (const call of calls) outcomes.push(...(await outcomesOf([call])))
      return outcomes
    }
  }

  return (call) =>
    new Promise((resolve, reject) => {
      const settle = (outcome: Outcome<Answer>) =>
        'answer' in outcome ? resolve(outcome.answer) : reject(outcome.error as Error)
      waiting.push({ call, settle })
      if (isTaking) return
      isTaking = true
      void takeAll()
    })
}
